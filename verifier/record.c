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

/* One record an image; false: it could not be taken. */
static bool
audit_image(const struct ask *ask, const struct ask_image *image)
{
	const struct notar_report *r = &image->report;
	const struct ask_origin *o = &ask->origin;
	char digest[NOTAR_DIGEST_TEXT_BYTES], key[sizeof(r->signatures->key_id)] = "";

	for (size_t i = 0; i < r->signature_count && key[0] == '\0'; i++)
		if (r->signatures[i].reason == r->reason)
			memcpy(key, r->signatures[i].key_id, sizeof(key));
	return AUDIT(ask->daemon->audit, "decision", AUDIT_F_STR("path", ask->kind->path),
		     AUDIT_F_SPAN("image", image->text),
		     AUDIT_F_STR("digest", r->digest.alg == NOTAR_DIGEST_NONE ?
						   NULL :
						   notar_digest_format(&r->digest, digest)),
		     AUDIT_F_STR("verdict", notar_verdict_name(r->verdict)),
		     AUDIT_F_STR("reason", notar_reason_name(r->reason)),
		     AUDIT_F_STR("rule", r->rule),
		     AUDIT_F_STR("action", notar_action_name(r->action)),
		     AUDIT_F_STR("key", key[0] == '\0' ? NULL : key),
		     AUDIT_F_STR("basis", r->last_known_good ? "last_known_good" :
					  r->cached          ? "store" :
							       "registry"),
		     AUDIT_F_INT("policy_generation", (int64_t)ask->policy_generation),
		     AUDIT_F_INT("trust_generation", (int64_t)ask->trust_generation),
		     AUDIT_F_STR("caller", o->caller),
		     AUDIT_F_STR("request", o->request[0] == '\0' ? NULL : o->request),
		     AUDIT_F_STR("namespace", o->name_space[0] == '\0' ? NULL : o->name_space),
		     AUDIT_F_STR("user", o->user[0] == '\0' ? NULL : o->user),
		     AUDIT_F_STR("trace_id", o->trace_id[0] == '\0' ? NULL : o->trace_id));
}

/* A decision that leaves no record is not given. */
static bool
audit_all(const struct ask *ask, struct http_answer *answer)
{
	bool taken = true;

	if (ask->daemon->audit == NULL || ask->origin.dry_run)
		return true;
	for (size_t i = 0; taken && i < ask->count; i++)
		taken = audit_image(ask, &ask->images[i]);
	if (!taken) {
		http_answer_release(answer);
		http_answer_error(answer, 503, "the audit log cannot take the decision");
		answer->retry_after_s = 1;
	}
	return taken;
}

bool
handler_record(const struct ask *ask, enum metrics_path path, struct http_answer *answer)
{
	struct metrics *metrics = ask->daemon->metrics;
	int64_t us = clock_monotonic_us() - ask->started_us;
	bool waited = false;

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
	return audit_all(ask, answer);
}
