/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_HOST_HEALTH_H
#define VERIFIER_HOST_HEALTH_H

#include "verifier/flights.h"

/*
 * Which registries answer, and what was tried lately, so that dead ones do not hold every worker
 * and an outage is not paid for with each question. By hashes in fixed tables: a collision
 * costs patience, never an answer. No locking here: fetch_pool.c has the lock.
 */
#define HOST_HEALTH_SLOTS 512
#define HOST_HEALTH_ATTEMPTS 4096
#define HOST_HEALTH_MEMORY_MS 10000

struct host_health {
	struct {
		unsigned running;
		bool failing; /* the last flight there found nobody */
	} hosts[HOST_HEALTH_SLOTS];
	unsigned running_failing;
	struct {
		uint64_t key;
		int64_t at_ms;
		bool failed;
	} attempts[HOST_HEALTH_ATTEMPTS];
};

/*
 * Of `workers`: one registry may keep all but a quarter busy; one that failed last time has one
 * to find out with, and all of those together have half.
 */
bool host_health_may_begin(const struct host_health *health, const struct flight *flight,
			   size_t workers);
void host_health_begin(struct host_health *health, const struct flight *flight);
void host_health_end(struct host_health *health, const struct flight *flight, bool failed);

/* Tried in vain within HOST_HEALTH_MEMORY_MS. */
bool host_health_failed_lately(const struct host_health *health, const char *flight_key);

#endif
