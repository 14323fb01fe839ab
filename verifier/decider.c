/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/decider.h"

#include <stdlib.h>

#include "store/manifests.h"
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

static enum notar_code
look_up_revocation(void *context, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct revocation_answer *out)
{
	const struct decider *d = context;

	revocation_interest_note(d->interest, thumbprint, d->now_s);
	if (d->over.look_up != NULL) {
		NOTAR_TRY(d->over.look_up(d->over.context, thumbprint, out));
		if (out->status != REVOCATION_UNKNOWN)
			return NOTAR_OK;
	}
	return snapshot_revocation(d->reader, thumbprint, d->now_s, out);
}

struct revocation_book
decider_revocations(struct decider *d)
{
	return (struct revocation_book){ look_up_revocation, d };
}

void
decider_judge(struct decider *d, const char *repository, const struct evidence *evidence,
	      struct trust_answer *answer)
{
	question_begin(d->question, d->policy->policy, repository, snapshot_key_book(d->reader),
		       decider_revocations(d), d->now_s);
	d->question->trust.plugins = d->plugins;
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

/* Listings are looked at again in the last fifth of their time, before anybody must wait. */
static bool
is_refresh_due(const struct decider *d, const struct cached *cached)
{
	return !is_fresh(d, cached, d->limits.listing_ttl_s - d->limits.listing_ttl_s / 5);
}

static bool
is_last_known_good(const struct decider *d, const struct decision *decision)
{
	const struct policy_rule *rule = decision->answer.rule;

	return rule != NULL && rule->outage.last_known_good_s > 0 &&
	       is_fresh(d, &decision->cached, rule->outage.last_known_good_s);
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
		out->refresh = out->decided && is_refresh_due(d, &out->cached);
		out->last_known_good = !out->decided && is_last_known_good(d, out);
	} else {
		/* A failure is nobody's last word, and a new key may make a candidate count. */
		out->retry = out->cached.has_candidates &&
			     out->cached.oldest_judgement < d->trust_generation;
		out->decided = out->answer.verdict == NOTAR_DENY && !out->retry &&
			       is_fresh(d, &out->cached, d->limits.negative_ttl_s);
	}
}

/* From one digest's own listing. */
static void
decide_alone(struct decider *d, const struct notar_digest *digest, const char *repository,
	     struct decision *out)
{
	struct notar_error err;

	*out = (struct decision){ 0 };
	if (digest->alg != NOTAR_DIGEST_NONE) {
		out->found = cache_load(d->reader, repository, digest, d->room, &out->evidence,
					&out->cached, &err) == NOTAR_OK;
		if (!out->found)
			evidence_release(&out->evidence);
		out->evidence.subject = *digest;
	}
	decider_judge(d, repository, &out->evidence, &out->answer);
	settle(d, out);
}

size_t
decider_parents(struct decider *d, const struct notar_digest *child,
		struct notar_digest out[DECIDER_PARENTS])
{
	return manifest_parents(d->reader, child, out, DECIDER_PARENTS);
}

/*
 * An index names its children by digest, so what holds for it holds for them: a node, or a
 * client behind the gate, asks for the child (specs/admission.md section 6).
 */
static void
decide_by_index(struct decider *d, const struct reference *ref, const char *repository,
		struct decision *own)
{
	struct notar_digest parents[DECIDER_PARENTS];
	size_t count = decider_parents(d, &ref->digest, parents);

	for (size_t i = 0; i < count; i++) {
		struct decision of_index;

		decide_alone(d, &parents[i], repository, &of_index);
		if (of_index.answer.verdict == NOTAR_ALLOW &&
		    (of_index.decided || (of_index.last_known_good && !own->last_known_good))) {
			decision_release(own);
			*own = of_index;
			own->index = parents[i];
			if (own->decided)
				return;
		} else {
			/* One that was seen in this repository may be allowed, once it has been
			 * looked at again. */
			own->decided = own->decided && (of_index.decided || !of_index.found);
			decision_release(&of_index);
		}
	}
}

void
decider_decide(struct decider *d, const struct reference *ref, const char *repository,
	       struct decision *out)
{
	decide_alone(d, &ref->digest, repository, out);
	if (ref->digest.alg != NOTAR_DIGEST_NONE && out->answer.verdict != NOTAR_ALLOW &&
	    !is_evidence_irrelevant(out->answer.reason))
		decide_by_index(d, ref, repository, out);
}

static void
fill(const struct decider *d, const struct decision *decision, const struct notar_digest *digest,
     struct notar_report *report)
{
	struct notar_error err;

	*report = (struct notar_report){ .cached = true };
	if (report_fill(report, &decision->evidence, d->question->signatures, &decision->answer,
			&err) != NOTAR_OK)
		report_fail(report, NOTAR_REASON_INTERNAL, err.msg);
	report->digest = *digest;
	report->index = decision->index;
}

bool
decider_report(struct decider *d, const struct reference *ref, struct notar_report *report,
	       struct decider_hint *hint)
{
	NOTAR_AUTO_OF(decision) decision = { 0 };
	char repository[REFERENCE_NAME_BYTES];

	decider_decide(d, ref, reference_repository(ref, repository), &decision);
	if (hint != NULL)
		*hint = (struct decider_hint){ decision.refresh, decision.last_known_good };
	if (decision.decided)
		fill(d, &decision, &ref->digest, report);
	return decision.decided;
}

bool
decider_last_known_good(struct decider *d, const struct reference *ref, struct notar_report *report)
{
	NOTAR_AUTO_OF(decision) decision = { 0 };
	char repository[REFERENCE_NAME_BYTES];

	decider_decide(d, ref, reference_repository(ref, repository), &decision);
	if (decision.answer.verdict != NOTAR_ALLOW || !decision.last_known_good)
		return false;
	fill(d, &decision, &ref->digest, report);
	report->last_known_good = true;
	return true;
}

enum notar_content
decider_content(struct decider *d, const struct notar_digest *digest)
{
	struct manifest_row row;
	struct notar_error err;

	if (manifest_row_get(d->reader, digest, &row, &err) != NOTAR_OK)
		return NOTAR_CONTENT_UNKNOWN;
	switch (row.kind) {
	case MANIFEST_IMAGE:
		return NOTAR_CONTENT_IMAGE;
	case MANIFEST_INDEX:
		return NOTAR_CONTENT_INDEX;
	case MANIFEST_ARTIFACT:
		return NOTAR_CONTENT_ARTIFACT;
	}
	return NOTAR_CONTENT_UNKNOWN;
}
