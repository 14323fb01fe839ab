/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/discover.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/lib/envelope_fixture.h"
#include "tests/lib/fake_source.h"

struct scene {
	struct key *signer, *stranger;
	struct fixture_ring ring;
	struct notar_digest digest;
	struct fake_source fake;
	struct evidence evidence;
};

static int
set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->signer = fixture_signer();
	s->stranger = fixture_stranger();
	fixture_ring_init(&s->ring, s->signer, NULL);
	s->digest = fixture_digest("hello");
	fake_source_init(&s->fake);
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *s = *state;

	evidence_release(&s->evidence);
	fake_source_release(&s->fake);
	key_free(s->signer);
	key_free(s->stranger);
	free(s);
	return 0;
}

static bool
first_that_holds(void *context, const struct evidence *evidence)
{
	(void)context;
	for (size_t i = 0; i < evidence->count; i++)
		if (evidence->items[i].reason == NOTAR_REASON_TRUSTED)
			return true;
	return false;
}

static void
look(struct scene *s, bool everything)
{
	const struct discover_options options = {
		.keyring = s->ring.ring,
		.keep_candidates = true,
		.enough = everything ? NULL : first_that_holds,
	};

	evidence_release(&s->evidence);
	discover(&s->fake.base, &s->digest, &options, &s->evidence);
}

static void
attach(struct scene *s, const struct key *key, bool fallback)
{
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(key, &s->digest);

	fake_attach_bundle(&s->fake, &s->digest, buf_span(&bundle), fallback);
}

static void
nothing_attached_is_every_place_complete_and_no_item(void **state)
{
	struct scene *s = *state;

	look(s, false);
	assert_int_equal(s->evidence.count, 0);
	for (size_t p = 0; p < PLACE_ATT; p++)
		assert_int_equal(s->evidence.places[p].state, PLACE_COMPLETE);
	assert_int_equal(s->evidence.places[PLACE_ATT].state, PLACE_NOT_ASKED);
}

/* Decision 24: listing, manifest, blob, and nothing more. */
static void
a_satisfied_policy_costs_three_requests(void **state)
{
	struct scene *s = *state;

	attach(s, s->signer, false);
	look(s, false);
	assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_TRUSTED);
	assert_int_equal(s->fake.listings, 1);
	assert_int_equal(s->fake.manifests, 1);
	assert_int_equal(s->fake.blobs, 1);
	assert_int_equal(s->evidence.places[PLACE_SIG].state, PLACE_NOT_ASKED);
}

static void
without_the_api_the_fallback_tag_is_asked(void **state)
{
	struct scene *s = *state;

	s->fake.referrers_fail = NOTAR_E_UNSUPPORTED;
	attach(s, s->signer, true);
	look(s, false);
	assert_int_equal(s->evidence.count, 1);
	assert_int_equal(s->evidence.items[0].place, PLACE_FALLBACK);
	assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_TRUSTED);
}

static void
a_place_that_fails_is_failed_and_the_others_are_still_asked(void **state)
{
	struct scene *s = *state;
	static const struct {
		enum notar_code code;
		enum notar_reason reason;
	} cases[] = {
		{ NOTAR_E_NET, NOTAR_REASON_REGISTRY_UNREACHABLE },
		{ NOTAR_E_THROTTLED, NOTAR_REASON_THROTTLED },
		{ NOTAR_E_TIMEOUT, NOTAR_REASON_DEADLINE },
		{ NOTAR_E_AUTH, NOTAR_REASON_REGISTRY_DENIED },
		{ NOTAR_E_FORMAT, NOTAR_REASON_MALFORMED },
		{ NOTAR_E_LIMIT, NOTAR_REASON_LIMIT },
	};

	attach(s, s->signer, true);
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		s->fake.referrers_fail = cases[i].code;
		look(s, true);
		assert_int_equal(s->evidence.places[PLACE_REFERRERS].state, PLACE_FAILED);
		assert_int_equal(s->evidence.places[PLACE_REFERRERS].reason, cases[i].reason);
		assert_true(s->evidence.places[PLACE_REFERRERS].message[0] != '\0');
		assert_int_equal(s->evidence.count, 1);
		assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_TRUSTED);
	}
}

static void
a_tag_that_cannot_be_asked_is_not_an_absent_tag(void **state)
{
	struct scene *s = *state;

	s->fake.manifest_fail = NOTAR_E_NET;
	look(s, false);
	assert_int_equal(s->evidence.places[PLACE_SIG].state, PLACE_FAILED);
	assert_int_equal(s->evidence.places[PLACE_SIG].reason, NOTAR_REASON_REGISTRY_UNREACHABLE);
}

static void
a_signature_that_cannot_be_fetched_is_an_item_with_its_reason(void **state)
{
	struct scene *s = *state;

	attach(s, s->signer, false);
	s->fake.blob_fail = NOTAR_E_DIGEST;
	look(s, false);
	assert_int_equal(s->evidence.count, 1);
	assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_DIGEST_MISMATCH);
}

static void
a_bundle_listed_under_another_subject_does_not_count(void **state)
{
	struct scene *s = *state;
	struct notar_digest other = fixture_digest("other");
	NOTAR_AUTO_OF(buf) bundle = fixture_bundle(s->signer, &s->digest);

	fake_attach_bundle(&s->fake, &other, buf_span(&bundle), false);
	look(s, false);
	assert_int_equal(s->evidence.count, 1);
	assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_DIGEST_MISMATCH);
}

static void
the_same_artifact_in_two_places_is_looked_at_once(void **state)
{
	struct scene *s = *state;

	attach(s, s->stranger, false);
	buf_append_span(&s->fake.fallback, buf_span(&s->fake.listing));
	look(s, true);
	assert_int_equal(s->evidence.count, 1);
}

/* CVE-2023-46737 and CVE-2024-29902: a registry can attach as much as it likes. */
static void
cve_2023_46737_endless_signatures_end_at_the_limit_and_say_so(void **state)
{
	struct scene *s = *state;
	NOTAR_AUTO_OF(buf) entry = { 0 };

	attach(s, s->stranger, false);
	buf_append_span(&entry, buf_span(&s->fake.listing));
	for (int i = 0; i < 2 * LIMIT_SIGNATURES; i++) {
		NOTAR_AUTO_OF(buf) digest = { 0 };

		buf_printf(&digest,
			   ",{\"mediaType\":\"" OCI_TYPE_MANIFEST
			   "\",\"digest\":\"sha256:%064x\",\"size\":10}",
			   (unsigned)i);
		buf_append_span(&s->fake.listing, buf_span(&digest));
	}
	look(s, true);
	assert_int_equal(s->evidence.count, LIMIT_SIGNATURES);
	assert_int_equal(s->evidence.places[PLACE_REFERRERS].state, PLACE_FAILED);
	assert_int_equal(s->evidence.places[PLACE_REFERRERS].reason, NOTAR_REASON_LIMIT);
	assert_true(s->fake.manifests <= LIMIT_SIGNATURES + 10);
}

static void
cve_2024_29902_a_huge_attachment_is_a_limit_and_is_not_kept(void **state)
{
	struct scene *s = *state;
	NOTAR_AUTO_OF(buf) huge = { 0 };

	memset(buf_extend(&huge, LIMIT_ENVELOPE_BYTES + 1), ' ', LIMIT_ENVELOPE_BYTES + 1);
	fake_attach_bundle(&s->fake, &s->digest, buf_span(&huge), false);
	look(s, false);
	assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_LIMIT);
	assert_int_equal(s->evidence.items[0].candidate.len, 0);
}

static void
a_listing_that_was_cut_is_not_complete(void **state)
{
	struct scene *s = *state;

	s->fake.truncated = true;
	look(s, false);
	assert_int_equal(s->evidence.places[PLACE_REFERRERS].state, PLACE_FAILED);
	assert_int_equal(s->evidence.places[PLACE_REFERRERS].reason, NOTAR_REASON_LIMIT);
}

static void
what_nobody_known_signed_is_kept_to_be_judged_again(void **state)
{
	struct scene *s = *state;

	attach(s, s->stranger, false);
	look(s, false);
	assert_int_equal(s->evidence.items[0].reason, NOTAR_REASON_UNTRUSTED_KEY);
	assert_true(s->evidence.items[0].candidate.len > 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(nothing_attached_is_every_place_complete_and_no_item),
		T(a_satisfied_policy_costs_three_requests),
		T(without_the_api_the_fallback_tag_is_asked),
		T(a_place_that_fails_is_failed_and_the_others_are_still_asked),
		T(a_tag_that_cannot_be_asked_is_not_an_absent_tag),
		T(a_signature_that_cannot_be_fetched_is_an_item_with_its_reason),
		T(a_bundle_listed_under_another_subject_does_not_count),
		T(the_same_artifact_in_two_places_is_looked_at_once),
		T(cve_2023_46737_endless_signatures_end_at_the_limit_and_say_so),
		T(cve_2024_29902_a_huge_attachment_is_a_limit_and_is_not_kept),
		T(a_listing_that_was_cut_is_not_complete),
		T(what_nobody_known_signed_is_kept_to_be_judged_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
