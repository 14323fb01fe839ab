/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/metrics.h"

#include <stdio.h>

static const int64_t bucket_us[METRICS_BUCKETS] = {
	100,   250,    500,    1000,   2500,    5000,    10000,    25000,
	50000, 100000, 250000, 500000, 1000000, 2500000, 10000000, 30000000,
};

static const char *const path_names[METRICS_PATHS] = {
	"api", "validate", "mutate", "gatekeeper_verify", "gatekeeper_mutate", "gate",
};
static const char *const prefetch_names[PREFETCH_OUTCOMES] = { "good", "revoked", "failed" };
static const char *const decision_names[METRICS_DECISIONS] = { "allow", "deny", "warn",
							       "undetermined" };

void
metrics_count_decision(struct metrics *m, enum metrics_path path, enum metrics_decision decision)
{
	m->decisions[path][decision]++;
}

void
metrics_count_reason(struct metrics *m, enum notar_reason reason)
{
	m->reasons[reason]++;
}

static void
observe(struct metrics_histogram *h, int64_t duration_us)
{
	size_t bucket = 0;

	while (bucket < METRICS_BUCKETS && duration_us > bucket_us[bucket])
		bucket++;
	h->buckets[bucket]++;
	h->sum_us += duration_us > 0 ? (uint64_t)duration_us : 0;
}

void
metrics_time(struct metrics *m, enum metrics_path path, bool waited, int64_t duration_us)
{
	observe(&m->durations[path][waited ? 1 : 0], duration_us);
}

void
metrics_time_fetch(struct metrics *m, bool failed, int64_t duration_us)
{
	observe(&m->fetches[failed ? 1 : 0], duration_us);
}

void
metrics_count_event(struct metrics *m, bool taken, uint64_t count)
{
	m->events[taken ? 1 : 0] += count;
}

static void
put_family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
metrics_put(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	put_family(out, name, type, help);
	buf_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void
put_decisions(const struct metrics *m, struct buf *out)
{
	put_family(out, "notard_admission_requests_total", "counter", "Requests answered.");
	for (size_t p = 0; p < METRICS_PATHS; p++)
		for (size_t d = 0; d < METRICS_DECISIONS; d++)
			buf_printf(out,
				   "notard_admission_requests_total{path=\"%s\",decision=\"%s\"} "
				   "%llu\n",
				   path_names[p], decision_names[d],
				   (unsigned long long)m->decisions[p][d]);
}

static void
put_reasons(const struct metrics *m, struct buf *out)
{
	put_family(out, "notard_verdicts_total", "counter", "Images judged.");
	for (int r = 0; r < NOTAR_REASON_COUNT; r++) {
		enum notar_reason reason = (enum notar_reason)r;

		buf_printf(out, "notard_verdicts_total{verdict=\"%s\",reason=\"%s\"} %llu\n",
			   notar_verdict_name(notar_reason_verdict(reason)),
			   notar_reason_name(reason), (unsigned long long)m->reasons[r]);
	}
}

/* labels: "path=\"api\",cache=\"hit\"". */
static void
put_histogram(const struct metrics_histogram *h, const char *name, const char *labels,
	      struct buf *out)
{
	uint64_t count = 0;

	for (size_t b = 0; b <= METRICS_BUCKETS; b++) {
		count += h->buckets[b];
		buf_printf(out, "%s_bucket{%s,", name, labels);
		if (b < METRICS_BUCKETS)
			buf_printf(out, "le=\"%g\"} %llu\n", (double)bucket_us[b] / 1e6,
				   (unsigned long long)count);
		else
			buf_printf(out, "le=\"+Inf\"} %llu\n", (unsigned long long)count);
	}
	buf_printf(out, "%s_sum{%s} %g\n%s_count{%s} %llu\n", name, labels, (double)h->sum_us / 1e6,
		   name, labels, (unsigned long long)count);
}

static void
put_durations(const struct metrics *m, struct buf *out)
{
	put_family(out, "notard_admission_duration_seconds", "histogram",
		   "Time from a request to its answer.");
	for (size_t p = 0; p < METRICS_PATHS; p++)
		for (size_t w = 0; w < 2; w++) {
			char labels[80];

			(void)snprintf(labels, sizeof(labels), "path=\"%s\",cache=\"%s\"",
				       path_names[p], w == 0 ? "hit" : "miss");
			put_histogram(&m->durations[p][w], "notard_admission_duration_seconds",
				      labels, out);
		}
	put_family(out, "notard_fetch_duration_seconds", "histogram",
		   "Time a worker took for one image.");
	put_histogram(&m->fetches[0], "notard_fetch_duration_seconds", "result=\"done\"", out);
	put_histogram(&m->fetches[1], "notard_fetch_duration_seconds", "result=\"failed\"", out);
}

void
metrics_render(const struct metrics *m, struct buf *out)
{
	put_decisions(m, out);
	put_reasons(m, out);
	put_durations(m, out);
	put_family(out, "notard_events_total", "counter", "Events of registries.");
	buf_printf(out,
		   "notard_events_total{result=\"refused\"} %llu\n"
		   "notard_events_total{result=\"taken\"} %llu\n",
		   (unsigned long long)m->events[0], (unsigned long long)m->events[1]);
	put_family(out, "notard_revocation_prefetches_total", "counter",
		   "Certificates asked about again before the answer runs out.");
	for (size_t i = 0; i < PREFETCH_OUTCOMES; i++)
		buf_printf(out, "notard_revocation_prefetches_total{outcome=\"%s\"} %llu\n",
			   prefetch_names[i], (unsigned long long)m->prefetches[i]);
	metrics_put(out, "notard_reloads_total", "counter", "Reloads that took effect.",
		    m->reloads);
	metrics_put(out, "notard_failed_reloads_total", "counter",
		    "Reloads that left the old state in place.", m->failed_reloads);
}
