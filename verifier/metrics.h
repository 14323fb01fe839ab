/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_METRICS_H
#define VERIFIER_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"
#include "notar/verdict.h"
#include "sync/prefetch.h"

/*
 * What notard counts (specs/admission.md section 14), in Prometheus' text form. Label values come
 * from closed sets only: never a name, digest or message that somebody sent. Any thread.
 */
enum metrics_path {
	METRICS_API,
	METRICS_VALIDATE,
	METRICS_MUTATE,
	METRICS_GATEKEEPER_VERIFY,
	METRICS_GATEKEEPER_MUTATE,
	METRICS_GATE,
	METRICS_PATHS
};
enum metrics_decision {
	METRICS_ALLOW,
	METRICS_DENY,
	METRICS_WARN, /* refused, and let run by the rule's action */
	METRICS_UNDETERMINED,
	METRICS_DECISIONS
};

#define METRICS_BUCKETS 16

struct metrics_histogram {
	_Atomic uint64_t buckets[METRICS_BUCKETS + 1]; /* the last: slower than all */
	_Atomic uint64_t sum_us;
};

struct metrics {
	_Atomic uint64_t decisions[METRICS_PATHS][METRICS_DECISIONS];
	_Atomic uint64_t reasons[NOTAR_REASON_COUNT];
	struct metrics_histogram durations[METRICS_PATHS]
					  [2];          /* from the store alone; with waiting */
	struct metrics_histogram fetches[2];            /* that found out; that failed */
	_Atomic uint64_t events[2];                     /* refused, taken */
	_Atomic uint64_t prefetches[PREFETCH_OUTCOMES]; /* of answers about revocation */
	_Atomic uint64_t reloads, failed_reloads;
};

void metrics_count_decision(struct metrics *metrics, enum metrics_path path,
			    enum metrics_decision decision);
void metrics_count_reason(struct metrics *metrics, enum notar_reason reason);
void
metrics_time(struct metrics *metrics, enum metrics_path path, bool waited, int64_t duration_us);

void metrics_count_event(struct metrics *metrics, bool taken, uint64_t count);

/* One image looked at by a worker. */
void metrics_time_fetch(struct metrics *metrics, bool failed, int64_t duration_us);

/* One family's head and lines, for gauges and counters that others keep. */
void
metrics_put(struct buf *out, const char *name, const char *type, const char *help, uint64_t value);
/* Everything in *metrics. */
void metrics_render(const struct metrics *metrics, struct buf *out);

#endif
