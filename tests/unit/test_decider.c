/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/decider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/digest.h"
#include "notar/decide.h"
#include "store/facts.h"
#include "store/policy_row.h"
#include "tests/lib/store_fixture.h"
#include "verifier/report.h"

#define NOW 1800000000
#define POLICY                                                                                     \
	"{\"version\":1,\"rules\":[{\"scope\":\"r.example/app\",\"require\":{\"signers\":["        \
	"\"release\"]}},{\"scope\":\"r.example/free\",\"require\":\"none\"}]}"

/* A store with a policy; "key" is whatever the tests trust. */
struct scene {
	struct store_fixture *f;
	struct snapshots *snapshots;
	struct decider decider;
	struct reference ref;
};

static int
set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	void *fixture;
	struct notar_error err = { 0 };
	bool changed;

	assert_non_null(s);
	assert_int_equal(store_fixture_up(&fixture), 0);
	s->f = fixture;
	s->snapshots = snapshots_new();
	assert_non_null(s->snapshots);
	assert_int_equal(policy_row_put(s->f->store, span_str(POLICY), NOW, &changed, &err),
			 NOTAR_OK);
	assert_int_equal(decider_open(s->f->store, s->snapshots, &s->decider, &err), NOTAR_OK);
	s->decider.limits = (struct decider_limits){ 3600, 15 };
	s->ref.place = REFERENCE_REGISTRY;
	(void)snprintf(s->ref.host, sizeof(s->ref.host), "r.example");
	(void)snprintf(s->ref.path, sizeof(s->ref.path), "app");
	s->ref.digest = digest_of(NOTAR_SHA256, span_str("image"));
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *s = *state;
	void *fixture = s->f;

	decider_release(&s->decider);
	snapshots_free(s->snapshots);
	(void)store_fixture_down(&fixture);
	free(s);
	return 0;
}

/* What a worker would have stored: one signature by key, or none. */
static void
remember(struct scene *s, const char *repository, const char *key, int64_t listed_s)
{
	static struct listing room;
	struct evidence evidence = { .subject = s->ref.digest };
	struct store_batch *batch;
	struct store_writer *writer;
	struct notar_error err = { 0 };

	for (size_t i = 0; i < PLACE_ATT; i++)
		evidence.places[i].state = PLACE_COMPLETE;
	if (key != NULL) {
		struct notar_digest id = digest_of(NOTAR_SHA256, span_str(key));
		struct evidence_item *item = evidence_add(&evidence);
		struct fact fact = { .format = FACT_BUNDLE,
				     .proof = FACT_BY_KEY,
				     .subject = s->ref.digest,
				     .artifact = id,
				     .payload = id,
				     .predicate_type = span_str(FACT_PREDICATE_SIGN),
				     .subject_size = -1 };

		assert_non_null(item);
		memcpy(fact.key_id, id.bytes, FACT_ID_BYTES);
		memcpy(fact.sig_id, id.bytes, FACT_ID_BYTES);
		item->reason = NOTAR_REASON_TRUSTED;
		item->format = FACT_BUNDLE;
		item->artifact = id;
		fact_encode(&fact, &item->fact);
	}
	assert_int_equal(cache_batch(repository, &evidence, listed_s, 0, &room, &batch, &err),
			 NOTAR_OK);
	assert_int_equal(store_writer_start(s->f->store, 1U << 30, &writer, &err), NOTAR_OK);
	store_writer_submit(writer, batch);
	store_writer_stop(writer);
	evidence_release(&evidence);
}

/* The reason, or NOTAR_REASON_NOT_CACHED when a worker must look. */
static enum notar_reason
ask(struct scene *s, int64_t now_s)
{
	char repository[REFERENCE_NAME_BYTES];
	struct notar_error err = { 0 };

	if (decider_begin(&s->decider, now_s, &err) != NOTAR_OK)
		return NOTAR_REASON_STORE_FAILURE;
	NOTAR_AUTO_OF(decision) decision = { 0 };

	decider_decide(&s->decider, &s->ref, reference_repository(&s->ref, repository), &decision);
	decider_end(&s->decider);
	return decision.decided ? decision.answer.reason : NOTAR_REASON_NOT_CACHED;
}

static void
what_was_never_seen_is_not_decided(void **state)
{
	struct scene *s = *state;

	assert_int_equal(ask(s, NOW), NOTAR_REASON_NOT_CACHED);
}

static void
a_stored_signature_by_an_active_key_allows(void **state)
{
	struct scene *s = *state;

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/app", "key", NOW);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_TRUSTED);
}

static void
a_revoked_key_counts_from_the_next_question_whatever_is_cached(void **state)
{
	struct scene *s = *state;

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/app", "key", NOW);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_TRUSTED);
	assert_true(fixture_trust(s->f, TRUST_REVOKE, "key", ""));
	assert_int_equal(ask(s, NOW), NOTAR_REASON_REVOKED_KEY);
}

static void
a_changed_policy_counts_from_the_next_question(void **state)
{
	struct scene *s = *state;
	struct notar_error err = { 0 };
	bool changed;

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/app", "key", NOW);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_TRUSTED);
	assert_int_equal(policy_row_put(s->f->store, span_str("{\"version\":1,\"rules\":[]}"), NOW,
					&changed, &err),
			 NOTAR_OK);
	assert_true(changed);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_NO_RULE);
}

static void
a_stale_listing_is_looked_at_again(void **state)
{
	struct scene *s = *state;

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/app", "key", NOW);
	assert_int_equal(ask(s, NOW + 3600), NOTAR_REASON_TRUSTED);
	assert_int_equal(ask(s, NOW + 3601), NOTAR_REASON_NOT_CACHED);
	/* A clock that was set back by more than a minute. */
	assert_int_equal(ask(s, NOW - 61), NOTAR_REASON_NOT_CACHED);
}

static void
a_refusal_is_fresh_for_a_short_time(void **state)
{
	struct scene *s = *state;

	remember(s, "r.example/app", NULL, NOW);
	assert_int_equal(ask(s, NOW + 15), NOTAR_REASON_UNSIGNED);
	assert_int_equal(ask(s, NOW + 16), NOTAR_REASON_NOT_CACHED);
}

static void
another_repositorys_listing_does_not_count(void **state)
{
	struct scene *s = *state;

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/other", "key", NOW);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_NOT_CACHED);
}

static void
a_listing_whose_fact_is_gone_or_damaged_is_a_miss(void **state)
{
	struct scene *s = *state;
	struct notar_digest id = digest_of(NOTAR_SHA256, span_str("key"));
	struct store_write *write;
	struct notar_error err = { 0 };

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/app", "key", NOW);
	store_reader_reset(s->f->reader);
	assert_int_equal(store_write_begin(s->f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(fact_row_put(write, &s->ref.digest, id.bytes, span_str("damaged"), &err),
			 NOTAR_OK);
	assert_int_equal(store_write_commit(write, &err), NOTAR_OK);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_NOT_CACHED);
	assert_int_equal(store_write_begin(s->f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(fact_row_delete(write, &s->ref.digest, id.bytes, &err), NOTAR_OK);
	assert_int_equal(store_write_commit(write, &err), NOTAR_OK);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_NOT_CACHED);
}

static void
exempt_and_uncovered_repositories_need_no_listing_nor_a_digest(void **state)
{
	struct scene *s = *state;

	s->ref.digest = (struct notar_digest){ 0 };
	(void)snprintf(s->ref.tag, sizeof(s->ref.tag), "v1");
	assert_int_equal(ask(s, NOW), NOTAR_REASON_NOT_CACHED);
	(void)snprintf(s->ref.path, sizeof(s->ref.path), "free");
	assert_int_equal(ask(s, NOW), NOTAR_REASON_EXEMPT);
	(void)snprintf(s->ref.path, sizeof(s->ref.path), "nobodys");
	assert_int_equal(ask(s, NOW), NOTAR_REASON_NO_RULE);
}

static void
a_policy_that_cannot_be_read_allows_nothing(void **state)
{
	struct scene *s = *state;
	struct store_write *write;
	struct notar_error err = { 0 };
	uint64_t generation;

	assert_true(fixture_trust(s->f, TRUST_ADD, "key", "release"));
	remember(s, "r.example/app", "key", NOW);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_TRUSTED);
	assert_int_equal(store_write_begin(s->f->store, STORE_SYNCED, &write, &err), NOTAR_OK);
	assert_int_equal(
		store_put(write, TABLE_META, span_str(META_POLICY), span_str("damaged"), &err),
		NOTAR_OK);
	assert_int_equal(store_bump_counter(write, META_POLICY_GENERATION, &generation, &err),
			 NOTAR_OK);
	assert_int_equal(store_write_commit(write, &err), NOTAR_OK);
	assert_int_equal(ask(s, NOW), NOTAR_REASON_STORE_FAILURE);
}

static void
the_public_face_gives_the_same_answers(void **state)
{
	struct scene *s = *state;
	const struct notar_decide_options options = { .state = s->f->folder };
	struct notar_decider *decider;
	struct notar_report *report;
	enum notar_verdict verdict;
	enum notar_reason reason;
	char digest[NOTAR_DIGEST_TEXT_BYTES], image[200];
	struct notar_error err = { 0 };

	assert_int_equal(notar_decider_open(&options, &decider, &err), NOTAR_OK);
	(void)snprintf(image, sizeof(image), "r.example/app@%s",
		       notar_digest_format(&s->ref.digest, digest));
	assert_int_equal(notar_decide_verdict(decider, image, &verdict, &reason, &err), NOTAR_OK);
	assert_int_equal(verdict, NOTAR_UNDETERMINED);
	assert_int_equal(reason, NOTAR_REASON_NOT_CACHED);
	assert_int_equal(notar_decide(decider, image, &report, &err), NOTAR_OK);
	assert_int_equal(report->reason, NOTAR_REASON_NOT_CACHED);
	notar_report_free(report);
	assert_int_equal(notar_decide(decider, "r.example/free@", &report, &err), NOTAR_E_USAGE);
	assert_int_equal(notar_decide(decider, "r.example/app:v1", &report, &err), NOTAR_E_USAGE);
	notar_decider_free(decider);
}

static void
there_must_be_a_store_to_decide_from(void **state)
{
	(void)state;
	const struct notar_decide_options options = { .state = "/nonexistent/store" };
	struct notar_decider *decider = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(notar_decider_open(&options, &decider, &err), NOTAR_E_NOT_FOUND);
	assert_null(decider);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(what_was_never_seen_is_not_decided),
		T(a_stored_signature_by_an_active_key_allows),
		T(a_revoked_key_counts_from_the_next_question_whatever_is_cached),
		T(a_changed_policy_counts_from_the_next_question),
		T(a_stale_listing_is_looked_at_again),
		T(a_refusal_is_fresh_for_a_short_time),
		T(another_repositorys_listing_does_not_count),
		T(a_listing_whose_fact_is_gone_or_damaged_is_a_miss),
		T(exempt_and_uncovered_repositories_need_no_listing_nor_a_digest),
		T(a_policy_that_cannot_be_read_allows_nothing),
		T(the_public_face_gives_the_same_answers),
		T(there_must_be_a_store_to_decide_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
