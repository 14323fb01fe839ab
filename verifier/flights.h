/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_FLIGHTS_H
#define VERIFIER_FLIGHTS_H

#include "verifier/ask.h"

/* The questions that are under way, each once: a hash table of flights and a queue of those
 * that no worker has begun. No locking here: fetch_pool.c has the lock. */

struct flight_waiter {
	struct ask *ask; /* shared */
	size_t image;
	struct flight_waiter *next;
};

struct flight {
	struct reference ref;
	char key[REFERENCE_TEXT_BYTES];
	struct flight_waiter *waiters;
	struct flight *next_in_bucket;
	struct flight *next_in_queue;
};

#define FLIGHT_BUCKETS 1024

struct flights {
	struct flight *buckets[FLIGHT_BUCKETS];
	struct flight *queue_first, *queue_last;
	size_t waiting;
};

/* The flight of this question that is under way or queued, or NULL. */
struct flight *flights_find(const struct flights *flights, const char *key);

/* A new one at the end of the queue. NULL: no memory. */
struct flight *flights_add(struct flights *flights, const struct reference *ref, const char *key);

/* Puts a waiter on it; false: no memory. */
bool flight_join(struct flight *flight, struct ask *ask, size_t image);

/* The next to begin, or NULL; stays findable. */
struct flight *flights_begin(struct flights *flights);

/* No longer findable; the caller owns it. */
void flights_remove(struct flights *flights, struct flight *flight);

/* Tells every waiter a copy of the report, and frees the flight. */
void flight_land(struct flight *flight, struct notar_report *report);

#endif
