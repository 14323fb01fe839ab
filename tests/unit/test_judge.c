/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/judge.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "envelope/candidate.h"
#include "tests/lib/envelope_fixture.h"

/* What most tests need. */
struct scene {
	struct key *signer, *stranger;
	struct fixture_ring ours, theirs;
	struct notar_digest digest;
};

static int
set_up(void **state)
{
	static struct scene scene;

	scene.signer = fixture_signer();
	scene.stranger = fixture_stranger();
	fixture_ring_init(&scene.ours, scene.signer, NULL);
	fixture_ring_init(&scene.theirs, scene.stranger, NULL);
	scene.digest = fixture_digest("hello");
	*state = &scene;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *scene = *state;

	key_free(scene->signer);
	key_free(scene->stranger);
	return 0;
}

static void
item_release(struct evidence_item *item)
{
	buf_release(&item->fact);
	buf_release(&item->candidate);
}
#define NOTAR_AUTO_ITEM __attribute__((cleanup(item_release))) struct evidence_item

static void
a_bundle_that_holds_becomes_a_fact(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->signer, &s->digest);
	NOTAR_AUTO_ITEM item = { 0 };
	struct fact fact;

	judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_TRUSTED);
	assert_int_equal(fact_decode(buf_span(&item.fact), &fact, NULL), NOTAR_OK);
	assert_true(notar_digest_equal(&fact.subject, &s->digest));
	assert_memory_equal(fact.key_id, key_id(s->signer), KEY_ID_BYTES);
	assert_true(fact_is_signature(&fact));
	assert_true(item.has_key_hint);
}

static void
another_digest_does_not_count(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->signer, &s->digest);
	NOTAR_AUTO_ITEM item = { 0 };
	struct notar_digest other = fixture_digest("other");

	judge_bundle(buf_span(&bundle), &other, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_DIGEST_MISMATCH);
	assert_int_equal(item.fact.len, 0);
}

static void
a_strangers_bundle_is_untrusted(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->stranger, &s->digest);
	NOTAR_AUTO_ITEM item = { 0 };
	const struct keyring nobody = { 0 };

	judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_UNTRUSTED_KEY);
	judge_bundle(buf_span(&bundle), &s->digest, &nobody, &item);
	assert_int_equal(item.reason, NOTAR_REASON_UNTRUSTED_KEY);
	assert_int_equal(item.fact.len, 0);
}

/* The hint is the attacker's to write: it may only choose which key is tried first. */
static void
a_hint_to_a_known_key_does_not_make_a_strangers_signature_count(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_OF(buf) pae = { 0 };
	NOTAR_AUTO_OF(buf) bundle = { 0 };
	NOTAR_AUTO_ITEM item = { 0 };

	statement_write_sign(&s->digest, NULL, 0, &payload);
	dsse_pae(span_str(DSSE_TYPE_INTOTO), buf_span(&payload), &pae);
	NOTAR_AUTO_OF(buf) signature = fixture_signature(s->stranger, buf_span(&pae));

	bundle_write_dsse(span_of(key_id(s->signer), KEY_ID_BYTES), buf_span(&payload),
			  buf_span(&signature), &bundle);
	judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_BAD_SIGNATURE);
}

static void
no_flipped_bit_of_a_bundle_makes_it_count_for_something_else(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->signer, &s->digest);
	size_t held = 0;

	for (size_t bit = 0; bit < bundle.len * 8; bit += 3) {
		NOTAR_AUTO_ITEM item = { 0 };
		struct fact fact;

		bundle.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
		if (item.reason == NOTAR_REASON_TRUSTED) {
			held++; /* only where bytes are outside of what is signed: the hint */
			assert_int_equal(fact_decode(buf_span(&item.fact), &fact, NULL), NOTAR_OK);
			assert_true(notar_digest_equal(&fact.subject, &s->digest));
			assert_true(fact_is_signature(&fact));
		} else {
			assert_int_equal(item.fact.len, 0);
		}
		bundle.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_true(held < bundle.len * 8 / 3 / 4);
}

static void
cve_2026_39395_what_cannot_be_parsed_does_not_count(void **state)
{
	const struct scene *s = *state;
	static const char *const payloads[] = {
		"", "{", "[]", "null", "not json", "{\"_type\":\"https://in-toto.io/Statement/v1\"}"
	};

	for (size_t i = 0; i < NOTAR_COUNT(payloads); i++) {
		NOTAR_AUTO_OF(buf)
		bundle = fixture_bundle_of(s->signer, DSSE_TYPE_INTOTO, span_str(payloads[i]));
		NOTAR_AUTO_ITEM item = { 0 };

		judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
		assert_int_equal(notar_reason_verdict(item.reason), NOTAR_DENY);
		assert_int_equal(item.fact.len, 0);
	}
}

static void
cve_2026_39395_a_signed_payload_of_another_type_does_not_count(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_ITEM item = { 0 };

	statement_write_sign(&s->digest, NULL, 0, &payload);
	NOTAR_AUTO_OF(buf)
	bundle = fixture_bundle_of(s->signer, "application/json", buf_span(&payload));

	judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_UNSUPPORTED);
	assert_int_equal(item.fact.len, 0);
}

/* CVE-2022-36056: a bundle of something else proves nothing about this. */
static void
cve_2022_36056_a_blobs_bundle_is_no_images_signature(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = { 0 };
	NOTAR_AUTO_ITEM item = { 0 };
	NOTAR_AUTO_OF(buf) signature = fixture_signature(s->signer, span_str("hello"));

	bundle_write_message(span_of(key_id(s->signer), KEY_ID_BYTES), &s->digest,
			     buf_span(&signature), &bundle);
	judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_UNSUPPORTED);
}

static void
a_certificate_is_not_judged_by_a_key(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->signer, &s->digest);
	NOTAR_AUTO_OF(buf)
	forged = fixture_replace(buf_span(&bundle), "\"publicKey\":{\"hint\"",
				 "\"certificate\":{\"rawBytes\"");
	NOTAR_AUTO_ITEM item = { 0 };

	/* What stands there is no certificate, and the hint is no key. */
	judge_bundle(buf_span(&forged), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_MALFORMED);
	assert_int_equal(item.fact.len, 0);
}

static void
a_classic_signature_holds_for_its_payload_only(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_ITEM good = { 0 };
	NOTAR_AUTO_ITEM changed = { 0 };
	NOTAR_AUTO_ITEM unsigned_item = { 0 };

	simple_payload_write("registry.example/app", &s->digest, NULL, 0, &payload);
	NOTAR_AUTO_OF(buf) signature = fixture_signature(s->signer, buf_span(&payload));

	judge_simple(buf_span(&payload), buf_span(&signature), NULL, &s->digest, &s->ours.ring,
		     &good);
	assert_int_equal(good.reason, NOTAR_REASON_TRUSTED);
	payload.ptr[payload.len - 2] ^= 1;
	judge_simple(buf_span(&payload), buf_span(&signature), NULL, &s->digest, &s->ours.ring,
		     &changed);
	assert_int_equal(changed.reason, NOTAR_REASON_UNTRUSTED_KEY);
	judge_simple(buf_span(&payload), (struct span){ 0 }, NULL, &s->digest, &s->ours.ring,
		     &unsigned_item);
	assert_int_not_equal(unsigned_item.reason, NOTAR_REASON_TRUSTED);
}

static void
an_attestation_is_no_signature_and_keeps_its_type(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_attestation(s->signer, &s->digest, "urn:x");
	NOTAR_AUTO_ITEM item = { 0 };
	struct fact fact;

	judge_bundle(buf_span(&bundle), &s->digest, &s->ours.ring, &item);
	assert_int_equal(item.reason, NOTAR_REASON_TRUSTED);
	assert_int_equal(fact_decode(buf_span(&item.fact), &fact, NULL), NOTAR_OK);
	assert_true(span_is(fact.predicate_type, "urn:x"));
	assert_false(fact_is_signature(&fact));
}

static void
a_candidate_is_judged_again_as_the_first_time(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->stranger, &s->digest);
	NOTAR_AUTO_OF(buf) row = { 0 };
	NOTAR_AUTO_ITEM before = { 0 };
	NOTAR_AUTO_ITEM after = { 0 };

	candidate_encode(FACT_BUNDLE, buf_span(&bundle), (struct span){ 0 }, &row);
	candidate_judge(buf_span(&row), &s->digest, &s->ours.ring, &before);
	assert_int_equal(before.reason, NOTAR_REASON_UNTRUSTED_KEY);
	candidate_judge(buf_span(&row), &s->digest, &s->theirs.ring, &after);
	assert_int_equal(after.reason, NOTAR_REASON_TRUSTED);
}

static void
a_damaged_candidate_is_a_failure_of_the_store_and_never_a_yes(void **state)
{
	const struct scene *s = *state;
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_OF(buf) row = { 0 };

	simple_payload_write("registry.example/app", &s->digest, NULL, 0, &payload);
	NOTAR_AUTO_OF(buf) signature = fixture_signature(s->signer, buf_span(&payload));

	candidate_encode(FACT_SIMPLE, buf_span(&payload), buf_span(&signature), &row);
	for (size_t len = 0; len < row.len; len++) {
		NOTAR_AUTO_ITEM item = { 0 };

		candidate_judge(span_of(row.ptr, len), &s->digest, &s->ours.ring, &item);
		assert_int_equal(item.reason, NOTAR_REASON_STORE_FAILURE);
	}
	for (uint8_t format = 0; format < 250; format++) {
		NOTAR_AUTO_ITEM item = { 0 };

		row.ptr[0] = format;
		candidate_judge(buf_span(&row), &s->digest, &s->ours.ring, &item);
		assert_int_equal(item.reason == NOTAR_REASON_TRUSTED, format == FACT_SIMPLE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_that_holds_becomes_a_fact),
		cmocka_unit_test(another_digest_does_not_count),
		cmocka_unit_test(a_strangers_bundle_is_untrusted),
		cmocka_unit_test(a_hint_to_a_known_key_does_not_make_a_strangers_signature_count),
		cmocka_unit_test(no_flipped_bit_of_a_bundle_makes_it_count_for_something_else),
		cmocka_unit_test(cve_2026_39395_what_cannot_be_parsed_does_not_count),
		cmocka_unit_test(cve_2026_39395_a_signed_payload_of_another_type_does_not_count),
		cmocka_unit_test(cve_2022_36056_a_blobs_bundle_is_no_images_signature),
		cmocka_unit_test(a_certificate_is_not_judged_by_a_key),
		cmocka_unit_test(a_classic_signature_holds_for_its_payload_only),
		cmocka_unit_test(an_attestation_is_no_signature_and_keeps_its_type),
		cmocka_unit_test(a_candidate_is_judged_again_as_the_first_time),
		cmocka_unit_test(a_damaged_candidate_is_a_failure_of_the_store_and_never_a_yes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
