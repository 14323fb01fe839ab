/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/fetch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "envelope/discover.h"
#include "verifier/fetch_revocations.h"
#include "verifier/fetch_source.h"
#include "verifier/flights.h"
#include "verifier/manifest_look.h"
#include "verifier/plugins.h"
#include "verifier/report.h"

/* A worker's own things; one flight at a time. */
struct worker {
	struct daemon *daemon;
	struct decider decider;
	/* Of the flight. */
	char repository[REFERENCE_NAME_BYTES];
	struct evidence evidence;
	struct keyring ring;
	struct policy_snapshot *policy;
	struct key_snapshot *keys;
	unsigned requests;
	int64_t started_us;
	struct revocations revocations;
	struct list_cache lists;
	bool by_index; /* an index may speak for it: the store knows */
	bool is_news;  /* a registry said that something changed here */
	enum notar_content content;
	enum notar_reason failure; /* NONE: evidence is there to be judged */
	char message[512];
};

static enum notar_code
begin(void *context, void **local, struct notar_error *err)
{
	struct worker *w = calloc(1, sizeof(*w));
	struct daemon *daemon = context;

	if (w == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a worker");
	w->daemon = daemon;
	if (decider_open(daemon->store, daemon->snapshots, &w->decider, err) != NOTAR_OK) {
		free(w);
		return err->code;
	}
	w->decider.over = revocations_book(&w->revocations);
	w->decider.plugins = plugins_book(daemon->plugins);
	w->decider.interest = daemon->interest;
	w->lists = (struct list_cache){ daemon->store, daemon->writer, NULL };
	*local = w;
	return NOTAR_OK;
}

static void
drop_trust(struct worker *w)
{
	snapshot_keyring_release(&w->ring);
	if (w->policy != NULL)
		snapshots_drop_policy(w->daemon->snapshots, w->policy);
	if (w->keys != NULL)
		snapshots_drop_keys(w->daemon->snapshots, w->keys);
	w->policy = NULL;
	w->keys = NULL;
}

static void
end(void *context, void *local)
{
	struct worker *w = local;

	(void)context;
	evidence_release(&w->evidence);
	decider_release(&w->decider);
	revocations_release(&w->revocations);
	list_cache_release(&w->lists);
	free(w);
}

static void
fail(struct worker *w, const struct notar_error *err)
{
	w->failure = notar_reason_of_code(err->code);
	if (w->failure == NOTAR_REASON_NONE)
		w->failure = NOTAR_REASON_INTERNAL;
	memcpy(w->message, err->msg, sizeof(w->message));
}

/* Policy and keys as of now, to verify with. What they count for is decided at the end. */
static enum notar_code
take_trust(struct worker *w, struct notar_error *err)
{
	struct decider *d = &w->decider;

	NOTAR_TRY(snapshots_policy(w->daemon->snapshots, d->reader, &w->policy, err));
	NOTAR_TRY(snapshots_keys(w->daemon->snapshots, d->reader, &w->keys, err));
	return snapshot_keyring(w->policy->policy, w->keys, &w->ring, err);
}

/* Waits for the write: whoever asks next finds it in the store. */
static void
store_evidence(struct worker *w, int64_t listed_s)
{
	struct store_batch *batch;
	struct notar_error err = { 0 };

	if (cache_batch(w->repository, &w->evidence, listed_s, w->keys->generation, w->decider.room,
			&batch, &err) != NOTAR_OK)
		return; /* not stored is fetched again */
	store_writer_submit(w->daemon->writer, batch);
	store_writer_flush(w->daemon->writer);
}

static bool
is_listing_usable(const struct decider *d, const struct trust_answer *answer,
		  const struct cached *cached)
{
	int64_t age = d->now_s - cached->listed_s;

	/* The listing stays as old as it is; only the judgement is new. */
	return answer->verdict == NOTAR_ALLOW ?
		       age <= d->limits.listing_ttl_s :
		       answer->verdict == NOTAR_DENY && age <= d->limits.negative_ttl_s;
}

/* True: the store's bytes were enough. In a transaction of the decider. */
static bool
judge_again(struct worker *w, const struct reference *ref, int64_t *listed_s)
{
	struct decider *d = &w->decider;
	struct trust_answer answer;
	struct cached cached;
	struct notar_error err;
	bool lost;

	if (cache_load(d->reader, w->repository, &ref->digest, d->room, &w->evidence, &cached,
		       &err) != NOTAR_OK ||
	    !cached.has_candidates || cached.oldest_judgement >= w->keys->generation)
		return false;
	cache_rejudge(d->reader, d->room, &w->ring, &w->evidence, &lost);
	decider_judge(d, w->repository, &w->evidence, &answer);
	*listed_s = cached.listed_s;
	return !lost && is_listing_usable(d, &answer, &cached);
}

static enum notar_code
open_source(struct worker *w, const struct reference *ref, struct source **out,
	    struct notar_error *err)
{
	const struct config *config = daemon_config(w->daemon);
	enum notar_code code = fetch_source_open(ref, config, out, err);

	daemon_drop_config(w->daemon);
	return code;
}

/* In a short transaction of its own: none is held while anybody is asked. What plugins are wanted
 * for is taken along, since it speaks of the transaction's policy. */
static bool
is_allowed(struct worker *w, const struct evidence *evidence, struct plugin_jobs *jobs)
{
	struct trust_answer answer = { 0 };
	struct notar_error err;

	if (decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return false;
	decider_judge(&w->decider, w->repository, evidence, &answer);
	plugin_jobs_collect(jobs, w->decider.question, evidence);
	decider_end(&w->decider);
	return answer.verdict == NOTAR_ALLOW;
}

/* "Enough?", with responders asked and plugins run where that is what is missing. */
static bool
is_enough(void *context, const struct evidence *evidence)
{
	struct worker *w = context;
	bool allowed = false, news = true;

	for (int round = 0; news && round < PLUGIN_ROUNDS; round++) {
		NOTAR_AUTO_OF(plugin_jobs) jobs = { 0 };

		allowed = is_allowed(w, evidence, &jobs);
		news = revocations_settle(&w->revocations, w->decider.question, evidence);
		news |= plugins_run(w->daemon->plugins, &jobs, w->revocations.options.deadline_ms);
	}
	return allowed;
}

/* What a manifest is, kept for good: its bytes have been checked against its digest. One that
 * cannot be read is not kept, and is nothing that could run. */
static void
store_manifest(struct worker *w, const struct content *content)
{
	NOTAR_AUTO(store_batch) *batch = calloc(1, sizeof(*batch));
	struct notar_error err;

	if (batch == NULL || manifest_look(buf_span(&content->bytes), span_str(content->media_type),
					   &batch->manifest, &err) != NOTAR_OK)
		return;
	batch->subject = content->digest;
	store_writer_submit(w->daemon->writer, NOTAR_TAKE(batch));
	store_writer_flush(w->daemon->writer);
}

static enum notar_content
known_content(struct worker *w, const struct notar_digest *digest)
{
	struct notar_error err;

	if (decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return NOTAR_CONTENT_UNKNOWN;
	enum notar_content content = decider_content(&w->decider, digest);

	decider_end(&w->decider);
	return content;
}

static void
look_at_manifest(struct worker *w, struct source *source, const struct notar_digest *digest)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	struct notar_error err = { 0 };

	if (source_manifest(source, NULL, digest, &content, &err) == NOTAR_OK)
		store_manifest(w, &content);
	else
		fail(w, &err);
}

static void
find_out_content(struct worker *w, struct source *source, const struct notar_digest *digest)
{
	w->content = known_content(w, digest);
	if (w->content != NOTAR_CONTENT_UNKNOWN)
		return;
	look_at_manifest(w, source, digest);
	w->content = known_content(w, digest);
}

/* A signature that was seen may be news to what it signs. */
static void
look_at_subject(struct worker *w, const struct reference *ref)
{
	struct reference subject = *ref;
	struct manifest_row row;
	struct notar_error err;

	if (decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return;
	bool attached = manifest_row_get(w->decider.reader, &ref->digest, &row, &err) == NOTAR_OK &&
			row.subject.alg != NOTAR_DIGEST_NONE;

	subject.digest = row.subject;
	decider_end(&w->decider);
	if (attached)
		fetch_pool_look(w->daemon->pool, &subject, false, true);
}

static void
ask_registry(struct worker *w, const struct reference *ref, bool want_manifest)
{
	NOTAR_AUTO(source) *source = NULL;
	struct notar_error err = { 0 };
	const struct discover_options options = {
		.keyring = w->ring,
		.attestations = policy_wants_attestations(w->policy->policy, w->repository),
		.keep_candidates = true,
		.enough = is_enough,
		.context = w,
	};
	int64_t now_s = clock_now_s();

	if (open_source(w, ref, &source, &err) != NOTAR_OK) {
		fail(w, &err);
		return;
	}
	evidence_release(&w->evidence);
	if (want_manifest)
		find_out_content(w, source, &ref->digest);
	/* Nobody need sign what nothing can run. */
	bool artifact = want_manifest && w->content == NOTAR_CONTENT_ARTIFACT;

	if (artifact && w->is_news)
		look_at_subject(w, ref);
	if (artifact || w->failure != NOTAR_REASON_NONE) {
		w->requests += source_requests(source);
		return;
	}
	discover(source, &ref->digest, &options, &w->evidence);
	/* Nothing attached: is there such an image? One request, on the way to a refusal. */
	if (w->evidence.count == 0 && !want_manifest && !evidence_has_failure(&w->evidence))
		look_at_manifest(w, source, &ref->digest);
	w->requests += source_requests(source);
	fetch_revocations_store(w->daemon, &w->revocations);
	/* What a failure left out must not take the place of what was there. */
	if (w->failure == NOTAR_REASON_NONE &&
	    (!evidence_has_failure(&w->evidence) || is_enough(w, &w->evidence)))
		store_evidence(w, now_s);
}

/* Whether the store knows the answer now; *report is filled in then. */
static bool
decide_from_store(struct worker *w, const struct reference *ref, struct notar_report *report)
{
	struct notar_error err;

	if (decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return false;
	bool decided = decider_report(&w->decider, ref, report, NULL);

	decider_end(&w->decider);
	return decided;
}

/* Not allowed by itself: the indexes that name it may speak for it, once what the store knows of
 * them is fresh. Then it is the store that is asked, not the worker's evidence. */
static void
ask_about_parents(struct worker *w, const struct reference *ref)
{
	struct notar_digest parents[DECIDER_PARENTS];
	struct notar_report report;
	struct notar_error err;

	if (evidence_has_failure(&w->evidence) || is_enough(w, &w->evidence) ||
	    decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return;
	size_t count = decider_parents(&w->decider, &ref->digest, parents);

	decider_end(&w->decider);
	w->by_index = count > 0;
	if (count == 0 || decide_from_store(w, ref, &report)) {
		if (count > 0)
			free(report.signatures);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct reference index = *ref;

		index.digest = parents[i];
		ask_registry(w, &index, false);
	}
}

static void
fetch_digest(struct worker *w, const struct reference *ref, bool want_manifest)
{
	struct notar_error err = { 0 };
	int64_t listed_s = 0;
	bool done = false;

	(void)reference_repository(ref, w->repository);
	w->decider.limits = daemon_limits(w->daemon);
	enum notar_code code = decider_begin(&w->decider, clock_now_s(), &err);

	if (code == NOTAR_OK) {
		code = take_trust(w, &err);
		done = code == NOTAR_OK && judge_again(w, ref, &listed_s);
		decider_end(&w->decider);
	}
	if (code != NOTAR_OK)
		fail(w, &err);
	else if (done)
		store_evidence(w, listed_s);
	else
		ask_registry(w, ref, want_manifest);
	if (w->failure == NOTAR_REASON_NONE && w->content != NOTAR_CONTENT_ARTIFACT)
		ask_about_parents(w, ref);
	drop_trust(w);
}

static enum fetch_outcome
resolve_tag(struct worker *w, const struct reference *ref, struct reference *next)
{
	NOTAR_AUTO(source) *source = NULL;
	NOTAR_AUTO_OF(content) content = { 0 };
	struct notar_error err = { 0 };

	if (open_source(w, ref, &source, &err) != NOTAR_OK ||
	    source_manifest(source, ref->tag, NULL, &content, &err) != NOTAR_OK) {
		fail(w, &err);
		return FETCH_DONE;
	}
	store_manifest(w, &content);
	next->digest = content.digest;
	next->tag[0] = '\0';
	return FETCH_RESOLVED;
}

static enum fetch_outcome
fetch(void *context, void *local, const struct flight *flight, struct reference *next)
{
	struct worker *w = local;

	(void)context;
	w->started_us = clock_monotonic_us();
	evidence_release(&w->evidence);
	w->failure = NOTAR_REASON_NONE;
	w->message[0] = '\0';
	fetch_revocations_begin(w->daemon, &w->revocations, &w->lists);
	w->requests = 0;
	w->by_index = false;
	w->content = NOTAR_CONTENT_UNKNOWN;
	w->is_news = flight->news;
	if (flight->ref.digest.alg == NOTAR_DIGEST_NONE)
		return resolve_tag(w, &flight->ref, next);
	fetch_digest(w, &flight->ref, flight->want_manifest);
	return FETCH_DONE;
}

static void
report_evidence(struct worker *w, struct notar_report *report)
{
	struct decider *d = &w->decider;
	struct trust_answer answer;
	struct notar_error err = { 0 };

	if (decider_begin(d, clock_now_s(), &err) != NOTAR_OK) {
		report_fail(report, NOTAR_REASON_STORE_FAILURE, err.msg);
		return;
	}
	decider_judge(d, w->repository, &w->evidence, &answer);
	if (report_fill(report, &w->evidence, d->question->signatures, &answer, &err) != NOTAR_OK)
		report_fail(report, NOTAR_REASON_INTERNAL, err.msg);
	decider_end(d);
}

/* Nobody answered: what was known before may do. */
static void
fall_back(struct worker *w, const struct reference *ref, struct notar_report *report)
{
	struct notar_report known;
	struct notar_error err;

	if (report->verdict != NOTAR_UNDETERMINED ||
	    decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return;
	if (decider_last_known_good(&w->decider, ref, &known)) {
		free(report->signatures);
		*report = known;
	}
	decider_end(&w->decider);
}

static void
judge(void *context, void *local, const struct flight *flight, struct notar_report *report)
{
	struct worker *w = local;

	(void)context;
	*report = (struct notar_report){ 0 };
	if (w->by_index && decide_from_store(w, &flight->ref, report)) {
		report->cached = false;
	} else if (w->failure != NOTAR_REASON_NONE || w->by_index) {
		report_fail(report,
			    w->failure != NOTAR_REASON_NONE ? w->failure : NOTAR_REASON_NOT_CACHED,
			    w->message);
		report->digest = flight->ref.digest;
	} else {
		report_evidence(w, report);
	}
	if (flight->ref.digest.alg != NOTAR_DIGEST_NONE)
		fall_back(w, &flight->ref, report);
	report->content = w->content;
	report->requests = w->requests;
	metrics_time_fetch(w->daemon->metrics,
			   report->last_known_good || report->verdict == NOTAR_UNDETERMINED,
			   clock_monotonic_us() - w->started_us);
}

struct fetch_work
fetch_work(struct daemon *daemon)
{
	return (struct fetch_work){ begin, end, fetch, judge, daemon };
}
