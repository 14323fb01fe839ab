/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/fetch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "envelope/discover.h"
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

/* The same image in the layout that stands in for its registry: a mirror that was carried in. */
static enum notar_code
open_layout(const struct reference *ref, const char *folder, struct source **out,
	    struct notar_error *err)
{
	const struct source_options options = { 0 };
	struct reference inside = *ref;

	if (strlen(folder) >= sizeof(inside.path))
		return notar_fail(err, NOTAR_E_LIMIT, "too long a path of a layout");
	inside.place = REFERENCE_LAYOUT;
	inside.host[0] = '\0';
	memcpy(inside.path, folder, strlen(folder) + 1);
	return source_open(&inside, &options, out, err);
}

static enum notar_code
open_registry(const struct reference *ref, const struct config *config, struct source **out,
	      struct notar_error *err)
{
	const struct config_registry *registry = config_registry_for(config, ref->host);
	struct source_options options = {
		.deadline_ms = clock_deadline_ms(config->fetch_timeout_s * 1000),
		.guard_private = true,
	};

	if (registry != NULL && registry->layout != NULL)
		return open_layout(ref, registry->layout, out, err);
	if (registry != NULL) {
		options.plain_http = registry->plain_http;
		options.ca_file = registry->ca_file;
	}
	return source_open(ref, &options, out, err);
}

static enum notar_code
open_source(struct worker *w, const struct reference *ref, struct source **out,
	    struct notar_error *err)
{
	const struct config *config = daemon_config(w->daemon);
	enum notar_code code = open_registry(ref, config, out, err);

	daemon_drop_config(w->daemon);
	return code;
}

/* "Enough?" in a short transaction of its own: none is held while the registry is asked. */
static bool
is_enough(void *context, const struct evidence *evidence)
{
	struct worker *w = context;
	struct trust_answer answer = { 0 };
	struct notar_error err;

	if (decider_begin(&w->decider, clock_now_s(), &err) != NOTAR_OK)
		return false;
	decider_judge(&w->decider, w->repository, evidence, &answer);
	decider_end(&w->decider);
	return answer.verdict == NOTAR_ALLOW;
}

/* Nothing attached: is there such an image? One request, only on the way to a refusal. */
static void
check_existence(struct worker *w, struct source *source, const struct notar_digest *digest)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	struct notar_error err = { 0 };

	for (size_t i = 0; i < PLACE_COUNT; i++)
		if (w->evidence.places[i].state == PLACE_FAILED)
			return;
	if (w->evidence.count == 0 &&
	    source_manifest(source, NULL, digest, &content, &err) != NOTAR_OK)
		fail(w, &err);
}

static void
ask_registry(struct worker *w, const struct reference *ref)
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
	discover(source, &ref->digest, &options, &w->evidence);
	check_existence(w, source, &ref->digest);
	w->requests = source_requests(source);
	if (w->failure == NOTAR_REASON_NONE)
		store_evidence(w, now_s);
}

static void
fetch_digest(struct worker *w, const struct reference *ref)
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
		ask_registry(w, ref);
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
	next->digest = content.digest;
	next->tag[0] = '\0';
	return FETCH_RESOLVED;
}

static enum fetch_outcome
fetch(void *context, void *local, const struct reference *ref, struct reference *next)
{
	struct worker *w = local;

	(void)context;
	evidence_release(&w->evidence);
	w->failure = NOTAR_REASON_NONE;
	w->requests = 0;
	if (ref->digest.alg == NOTAR_DIGEST_NONE)
		return resolve_tag(w, ref, next);
	fetch_digest(w, ref);
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

static void
judge(void *context, void *local, const struct reference *ref, struct notar_report *report)
{
	struct worker *w = local;

	(void)context;
	*report = (struct notar_report){ 0 };
	if (w->failure != NOTAR_REASON_NONE) {
		report_fail(report, w->failure, w->message);
		report->digest = ref->digest;
	} else {
		report_evidence(w, report);
	}
	report->requests = w->requests;
}

struct fetch_work
fetch_work(struct daemon *daemon)
{
	return (struct fetch_work){ begin, end, fetch, judge, daemon };
}
