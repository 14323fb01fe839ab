/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/handler.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/h1.h"
#include "verifier/plugins.h"
#include "verifier/report.h"

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
	made->decider.plugins = plugins_book(daemon->plugins);
	made->decider.interest = daemon->interest;
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
handler_deadline(struct span query, int64_t fallback_ms, int64_t *deadline_ms,
		 struct notar_error *err)
{
	struct span text = h1_query_value(query, "timeout");
	int64_t ms = 0;
	size_t digits = 0;

	if (text.ptr == NULL) {
		if (query.len >= 8 && memcmp(query.ptr, "timeout=", 8) == 0)
			return notar_fail(err, NOTAR_E_USAGE, "timeout: given twice");
		*deadline_ms = clock_deadline_ms(fallback_ms);
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

/*
 * What the store decides. A listing that grows old is looked at again behind the answer. In an
 * outage that somebody has just met, what was good before is not made to wait for it.
 */
static bool
answer_from_store(struct daemon *daemon, struct decider *decider, const struct ask *ask,
		  const struct reference *ref, struct notar_report *report)
{
	struct decider_hint hint;
	bool decided = decider_report(decider, ref, report, &hint);

	if (!decided && hint.last_known_good && fetch_pool_failed_lately(daemon->pool, ref))
		decided = decider_last_known_good(decider, ref, report);
	/* What is refused, the gate passes all the same when it is a signature. */
	if (decided && ask->want_manifest && report->verdict != NOTAR_ALLOW &&
	    ref->digest.alg != NOTAR_DIGEST_NONE) {
		report->content = decider_content(decider, &ref->digest);
		decided = report->content != NOTAR_CONTENT_UNKNOWN;
		if (!decided)
			free(report->signatures);
	}
	if (decided && (hint.refresh || report->last_known_good) && !ask->origin.dry_run)
		fetch_pool_look(daemon->pool, ref, false, false);
	return decided;
}

/* One image from the store; false: a worker must look. */
static bool
ask_store(struct daemon *daemon, struct handler_local *local, struct ask *ask, size_t i,
	  enum reference_rules rules)
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
	if (!answer_from_store(daemon, &local->decider, ask, &image->ref, &report))
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
			waits[i] = !ask_store(daemon, local, ask, i, rules);
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

/* "00-<32 hex>-<16 hex>-<2 hex>"; anything else is as if it were not there. */
static bool
is_traceparent(struct span text)
{
	static const char form[] = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";

	if (text.len != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = (char)text.ptr[i];
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		if (form[i] == 'x' ? !hex : c != form[i])
			return false;
	}
	return true;
}

void
handler_origin(const struct http_request *request, struct ask_origin *out)
{
	struct span trace = h1_header(request->head, "traceparent");

	memcpy(out->caller, request->caller.name, sizeof(out->caller));
	if (trace.ptr == NULL || !is_traceparent(trace))
		return;
	memcpy(out->trace_id, trace.ptr + 3, 32);
	memcpy(out->span_id, trace.ptr + 36, 16);
}
