/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "verifier/handler.h"

/* What remains of an answer: counters, a log line and an audit record an image. */

static enum metrics_decision
decision_of(const struct ask *ask)
{
	enum metrics_decision decision = METRICS_ALLOW;

	for (size_t i = 0; i < ask->count; i++) {
		const struct notar_report *r = &ask->images[i].report;

		if (r->verdict == NOTAR_ALLOW)
			continue;
		if (r->action != NOTAR_ACTION_ENFORCE) {
			if (decision == METRICS_ALLOW)
				decision = METRICS_WARN;
		} else if (r->verdict == NOTAR_DENY) {
			return METRICS_DENY;
		} else {
			decision = METRICS_UNDETERMINED;
		}
	}
	return decision;
}

static void
log_image(const struct ask *ask, const struct ask_image *image, int64_t us)
{
	const struct notar_report *r = &image->report;
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	LOG(r->verdict == NOTAR_ALLOW ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "decision",
	    LOG_F_STR("path", ask->kind->path), LOG_F_SPAN("image", image->text),
	    LOG_F_STR("digest", notar_digest_format(&r->digest, digest)),
	    LOG_F_STR("verdict", notar_verdict_name(r->verdict)),
	    LOG_F_STR("reason", notar_reason_name(r->reason)), LOG_F_STR("rule", r->rule),
	    LOG_F_STR("action", notar_action_name(r->action)),
	    LOG_F_STR("caller", ask->origin.caller), LOG_F_STR("request", ask->origin.request),
	    LOG_F_STR("trace_id", ask->origin.trace_id), LOG_F_STR("span_id", ask->origin.span_id),
	    LOG_F_INT("us", us));
}

bool
handler_record(const struct ask *ask, enum metrics_path path, struct http_answer *answer)
{
	struct metrics *metrics = ask->daemon->metrics;
	int64_t us = clock_monotonic_us() - ask->started_us;
	bool waited = false;

	(void)answer;
	for (size_t i = 0; i < ask->count; i++) {
		const struct notar_report *r = &ask->images[i].report;

		waited = waited || !r->cached;
		log_image(ask, &ask->images[i], us);
		if (!ask->origin.dry_run)
			metrics_count_reason(metrics, r->reason);
	}
	metrics_time(metrics, path, waited, us);
	if (!ask->origin.dry_run)
		metrics_count_decision(metrics, path, decision_of(ask));
	return true;
}
