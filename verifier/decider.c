/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/decider.h"

#include <stdlib.h>

#include "verifier/report.h"

/* A listing from the future is a clock that was set back; a little is two machines' clocks. */
#define CLOCK_TOLERANCE_S 60

enum notar_code
decider_open(struct store *store, struct snapshots *snapshots, struct decider *out,
	     struct notar_error *err)
{
	struct decider d = { .snapshots = snapshots };
	enum notar_code code = store_reader_new(store, &d.reader, err);

	d.question = question_new();
	d.room = calloc(1, sizeof(*d.room));
	if (code == NOTAR_OK && (d.question == NULL || d.room == NULL))
		code = notar_fail(err, NOTAR_E_NOMEM, "no memory to decide");
	if (code != NOTAR_OK) {
		decider_release(&d);
		return code;
	}
	*out = d;
	return NOTAR_OK;
}

void
decider_release(struct decider *d)
{
	if (d->reader != NULL)
		decider_end(d);
	store_reader_free(d->reader);
	question_free(d->question);
	free(d->room);
	*d = (struct decider){ 0 };
}

enum notar_code
decider_begin(struct decider *d, int64_t now_s, struct notar_error *err)
{
	NOTAR_TRY(store_reader_renew(d->reader, err));
	if (snapshots_policy(d->snapshots, d->reader, &d->policy, err) != NOTAR_OK) {
		store_reader_reset(d->reader);
		return err->code;
	}
	d->trust_generation = store_trust_generation(d->reader);
	d->now_s = now_s;
	return NOTAR_OK;
}

void
decider_end(struct decider *d)
{
	if (d->policy != NULL)
		snapshots_drop_policy(d->snapshots, d->policy);
	d->policy = NULL;
	store_reader_reset(d->reader);
}

void
decision_release(struct decision *decision)
{
	evidence_release(&decision->evidence);
}

void
decider_judge(struct decider *d, const char *repository, const struct evidence *evidence,
	      struct trust_answer *answer)
{
	question_begin(d->question, d->policy->policy, repository, snapshot_key_book(d->reader),
		       d->now_s);
	question_judge(d->question, evidence, answer);
}

static bool
is_fresh(const struct decider *d, const struct cached *cached, int64_t ttl_s)
{
	return cached->listed_s <= d->now_s + CLOCK_TOLERANCE_S &&
	       d->now_s - cached->listed_s <= ttl_s;
}

/* Answers that no signature could change. */
static bool
is_evidence_irrelevant(enum notar_reason reason)
{
	return reason == NOTAR_REASON_EXEMPT || reason == NOTAR_REASON_NO_RULE ||
	       reason == NOTAR_REASON_NO_POLICY;
}

static void
settle(const struct decider *d, struct decision *out)
{
	if (is_evidence_irrelevant(out->answer.reason)) {
		out->decided = true;
	} else if (!out->found) {
		out->decided = false;
	} else if (out->answer.verdict == NOTAR_ALLOW) {
		out->decided = is_fresh(d, &out->cached, d->limits.listing_ttl_s);
	} else {
		/* A failure is nobody's last word, and a new key may make a candidate count. */
		out->retry = out->cached.has_candidates &&
			     out->cached.oldest_judgement < d->trust_generation;
		out->decided = out->answer.verdict == NOTAR_DENY && !out->retry &&
			       is_fresh(d, &out->cached, d->limits.negative_ttl_s);
	}
}

void
decider_decide(struct decider *d, const struct reference *ref, const char *repository,
	       struct decision *out)
{
	struct notar_error err;

	*out = (struct decision){ 0 };
	if (ref->digest.alg != NOTAR_DIGEST_NONE) {
		out->found = cache_load(d->reader, repository, &ref->digest, d->room,
					&out->evidence, &out->cached, &err) == NOTAR_OK;
		if (!out->found)
			evidence_release(&out->evidence);
		out->evidence.subject = ref->digest;
	}
	decider_judge(d, repository, &out->evidence, &out->answer);
	settle(d, out);
}

bool
decider_report(struct decider *d, const struct reference *ref, struct notar_report *report)
{
	NOTAR_AUTO_OF(decision) decision = { 0 };
	char repository[REFERENCE_NAME_BYTES];
	struct notar_error err;

	decider_decide(d, ref, reference_repository(ref, repository), &decision);
	if (!decision.decided)
		return false;
	*report = (struct notar_report){ .cached = true };
	if (report_fill(report, &decision.evidence, d->question->signatures, &decision.answer,
			&err) != NOTAR_OK)
		report_fail(report, NOTAR_REASON_INTERNAL, err.msg);
	return true;
}
