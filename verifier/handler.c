/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/handler.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/h1.h"
#include "verifier/report.h"

#define DEFAULT_TIMEOUT_MS 10000
#define LONGEST_TIMEOUT_MS 300000

enum notar_code
handler_loop_begin(void *context, void **local, struct notar_error *err)
{
	struct daemon *daemon = context;
	struct handler_local *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a loop");
	if (decider_open(daemon->store, daemon->snapshots, &made->decider, err) != NOTAR_OK) {
		free(made);
		return err->code;
	}
	*local = made;
	return NOTAR_OK;
}

void
handler_loop_end(void *context, void *local)
{
	struct handler_local *made = local;

	(void)context;
	decider_release(&made->decider);
	free(made);
}

enum notar_code
handler_deadline(struct span query, int64_t *deadline_ms, struct notar_error *err)
{
	struct span text = h1_query_value(query, "timeout");
	int64_t ms = 0;
	size_t digits = 0;

	if (text.ptr == NULL) {
		if (query.len >= 8 && memcmp(query.ptr, "timeout=", 8) == 0)
			return notar_fail(err, NOTAR_E_USAGE, "timeout: given twice");
		*deadline_ms = clock_deadline_ms(DEFAULT_TIMEOUT_MS - 1000);
		return NOTAR_OK;
	}
	for (;
	     digits < text.len && digits < 7 && text.ptr[digits] >= '0' && text.ptr[digits] <= '9';
	     digits++)
		ms = ms * 10 + (text.ptr[digits] - '0');
	struct span unit = span_from(text, digits);

	if (span_is(unit, "s"))
		ms *= 1000;
	else if (!span_is(unit, "ms"))
		ms = 0;
	if (digits == 0 || ms < 1 || ms > LONGEST_TIMEOUT_MS)
		return notar_fail(err, NOTAR_E_USAGE,
				  "timeout: not a time like 10s or 500ms, at most 300s");
	*deadline_ms = clock_deadline_ms(ms >= 2000 ? ms - 1000 : ms * 6 / 10);
	return NOTAR_OK;
}

static void
settle_failed(struct ask *ask, size_t i, enum notar_reason reason, const char *message)
{
	struct notar_report report = { 0 };

	report_fail(&report, reason, message);
	ask_settle(ask, i, &report);
}

/* One image from the store; false: a worker must look. */
static bool
ask_store(struct handler_local *local, struct ask *ask, size_t i, enum reference_rules rules)
{
	struct ask_image *image = &ask->images[i];
	struct notar_report report;
	struct notar_error err = { 0 };

	if (reference_parse(image->text, rules, &image->ref, &err) == NOTAR_OK &&
	    image->ref.place != REFERENCE_REGISTRY)
		(void)!notar_fail(&err, NOTAR_E_USAGE, "only images in registries are judged here");
	if (err.code == NOTAR_OK && image->ref.tag[0] == '\0' &&
	    image->ref.digest.alg == NOTAR_DIGEST_NONE)
		(void)!notar_fail(&err, NOTAR_E_USAGE, "neither a tag nor a digest");
	image->parsed = err.code == NOTAR_OK;
	if (!image->parsed) {
		settle_failed(ask, i, NOTAR_REASON_MALFORMED, err.msg);
		return true;
	}
	if (!decider_report(&local->decider, &image->ref, &report))
		return false;
	ask_settle(ask, i, &report);
	return true;
}

static void
settle_all(struct ask *ask, const struct notar_error *err)
{
	for (size_t i = 0; i < ask->count; i++)
		settle_failed(ask, i, NOTAR_REASON_STORE_FAILURE, err->msg);
}

enum http_next
handler_ask(struct daemon *daemon, struct handler_local *local, struct ask *taken,
	    enum reference_rules rules, struct http_answer *answer,
	    const struct http_ticket *ticket)
{
	NOTAR_AUTO(ask) *ask = taken;
	struct notar_error err = { 0 };
	struct decider *decider = &local->decider;
	bool *waits = NULL;
	bool wait = false;

	ask->ticket = *ticket;
	ask->daemon = daemon;
	waits = calloc(ask->count + 1, sizeof(bool));
	decider->limits = daemon_limits(daemon);
	if (waits == NULL || decider_begin(decider, clock_now_s(), &err) != NOTAR_OK) {
		settle_all(ask, &err);
	} else {
		ask->policy_generation = decider->policy->generation;
		ask->trust_generation = decider->trust_generation;
		for (size_t i = 0; i < ask->count; i++) {
			waits[i] = !ask_store(local, ask, i, rules);
			wait = wait || waits[i];
		}
		decider_end(decider);
	}
	for (size_t i = 0; wait && i < ask->count; i++)
		if (waits[i])
			fetch_pool_submit(daemon->pool, ask, i);
	free(waits);
	if (ask_finish_handler(ask, answer))
		return HTTP_ANSWERED;
	deadlines_add(daemon->deadlines, ask);
	return HTTP_LATER;
}

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

void
handler_record(const struct ask *ask, enum metrics_path path)
{
	struct metrics *metrics = ask->daemon->metrics;
	int64_t us = clock_monotonic_us() - ask->started_us;
	bool waited = false;

	for (size_t i = 0; i < ask->count; i++) {
		const struct notar_report *r = &ask->images[i].report;
		char digest[NOTAR_DIGEST_TEXT_BYTES];

		waited = waited || !r->cached;
		metrics_count_reason(metrics, r->reason);
		LOG(r->verdict == NOTAR_ALLOW ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "decision",
		    LOG_F_STR("path", ask->kind->path), LOG_F_SPAN("image", ask->images[i].text),
		    LOG_F_STR("digest", notar_digest_format(&r->digest, digest)),
		    LOG_F_STR("verdict", notar_verdict_name(r->verdict)),
		    LOG_F_STR("reason", notar_reason_name(r->reason)), LOG_F_STR("rule", r->rule),
		    LOG_F_STR("action", notar_action_name(r->action)), LOG_F_INT("us", us));
	}
	metrics_count_decision(metrics, path, decision_of(ask));
	metrics_time(metrics, path, waited, us);
}
