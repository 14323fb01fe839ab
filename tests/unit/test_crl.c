/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/lib/revocation_fixture.h"

#define NOW REVOCATION_NOW
#define HOUR REVOCATION_HOUR

static struct cert *leaf, *issuer, *rsa, *below;

static int
setup(void **state)
{
	(void)state;
	leaf = fixture_cert("leaf");
	issuer = fixture_cert("issuer");
	rsa = fixture_cert("rsa");
	below = fixture_cert("below");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	cert_free(leaf);
	cert_free(issuer);
	cert_free(rsa);
	cert_free(below);
	return 0;
}

static struct buf
list(const char *name)
{
	char file[100];

	if (name == NULL)
		return (struct buf){ 0 };
	(void)snprintf(file, sizeof(file), "%s.crl", name);
	return fixture_answer(file);
}

static enum notar_code
judge(const char *base_name, const char *delta_name, const struct cert *by,
      struct revocation_answer *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) base = list(base_name);
	NOTAR_AUTO_OF(buf) delta = list(delta_name);

	return crl_judge(buf_span(&base), buf_span(&delta), leaf, by, NOW, out, err);
}

static void
assert_says(const char *base, const char *delta, const struct cert *by,
	    enum revocation_status status)
{
	struct revocation_answer answer = { 0 };
	struct notar_error err = { 0 };

	if (judge(base, delta, by, &answer, &err) != NOTAR_OK || answer.status != status)
		fail_msg("%s: status %d, \"%s\"", base, (int)answer.status, err.msg);
}

static void
assert_refuses(const char *base, const char *delta, const struct cert *by, enum notar_code want)
{
	struct revocation_answer answer = { .revoked_s = 7 };
	struct notar_error err = { 0 };
	enum notar_code code = judge(base, delta, by, &answer, &err);

	if (code != want || answer.status != REVOCATION_UNKNOWN || answer.revoked_s != 7 ||
	    err.msg[0] == '\0')
		fail_msg("%s, %s: %s, \"%s\"", base, delta == NULL ? "" : delta,
			 notar_code_name(code), err.msg);
}

static void
a_list_without_the_serial_is_good_news(void **state)
{
	(void)state;
	assert_says("good", NULL, issuer, REVOCATION_GOOD);
	assert_says("good-others", NULL, issuer, REVOCATION_GOOD);
	assert_says("good-part", NULL, issuer, REVOCATION_GOOD);
	assert_says("good-removed", NULL, issuer, REVOCATION_GOOD);
	assert_says("good-others-critical", NULL, issuer, REVOCATION_GOOD);
	assert_says("good-pss", NULL, rsa, REVOCATION_GOOD);
}

static void
any_entry_that_revokes_revokes(void **state)
{
	(void)state;
	static const char *const revoked[] = {
		"revoked",
		"revoked-no-reason",
		"revoked-hold",
		"revoked-removed-held",
		"revoked-same-time",
		"revoked-then-removed",
		"revoked-odd-reason",
		"revoked-invalidity",
	};

	for (size_t i = 0; i < NOTAR_COUNT(revoked); i++)
		assert_says(revoked[i], NULL, issuer, REVOCATION_REVOKED);
}

static void
an_answer_has_its_times(void **state)
{
	(void)state;
	struct revocation_answer answer;

	assert_int_equal(judge("good", NULL, issuer, &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.this_update_s, NOW - HOUR);
	assert_int_equal(answer.next_update_s, NOW + HOUR);
	assert_int_equal(judge("revoked-invalidity", NULL, issuer, &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.revoked_s, NOW - 48 * HOUR);
	assert_int_equal(answer.invalidity_s, NOW - 24 * HOUR);
}

/* Who excuses a signature by the invalidity date may only do so before all of them. */
static void
of_several_invalidity_dates_the_earliest_counts_and_none_is_earlier(void **state)
{
	(void)state;
	struct revocation_answer answer;

	assert_int_equal(judge("revoked-invalidity-twice", NULL, issuer, &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.invalidity_s, NOW - 30 * HOUR);
	assert_int_equal(judge("revoked-invalidity-once", NULL, issuer, &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.invalidity_s, 0);
	assert_int_equal(answer.status, REVOCATION_REVOKED);
}

static void
a_list_that_breaks_a_rule_says_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum notar_code code;
	} bad[] = {
		{ "stale", NOTAR_E_FORMAT },
		{ "to-come", NOTAR_E_FORMAT },
		{ "no-next-update", NOTAR_E_FORMAT },
		{ "by-twin", NOTAR_E_SIGNATURE },
		{ "by-other-name", NOTAR_E_SIGNATURE },
		{ "sha1", NOTAR_E_SIGNATURE },
		{ "critical", NOTAR_E_UNSUPPORTED },
		{ "critical-entry", NOTAR_E_UNSUPPORTED },
		{ "indirect", NOTAR_E_UNSUPPORTED },
		{ "some-reasons", NOTAR_E_UNSUPPORTED },
		{ "attributes", NOTAR_E_FORMAT },
		{ "of-authorities", NOTAR_E_FORMAT },
		{ "other-part", NOTAR_E_FORMAT },
		{ "relative-part", NOTAR_E_FORMAT },
		{ "scope-broken", NOTAR_E_FORMAT },
		{ "scope-twice", NOTAR_E_FORMAT },
		{ "delta", NOTAR_E_FORMAT },
		{ "delta-revoked", NOTAR_E_FORMAT },
		{ "behind", NOTAR_E_FORMAT },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refuses(bad[i].name, NULL, issuer, bad[i].code);
	assert_refuses("md5", NULL, rsa, NOTAR_E_SIGNATURE);
	assert_refuses("pss-sha1", NULL, rsa, NOTAR_E_SIGNATURE);
}

static void
lists_of_authorities_are_for_authorities(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) authorities = list("of-authorities");
	NOTAR_AUTO_OF(buf) users = list("of-users");
	struct revocation_answer answer = { 0 };
	const struct span none = { 0 };

	assert_int_equal(crl_judge(buf_span(&authorities), none, below, issuer, NOW, &answer, NULL),
			 NOTAR_OK);
	assert_int_equal(crl_judge(buf_span(&users), none, below, issuer, NOW, &answer, NULL),
			 NOTAR_E_FORMAT);
	assert_says("of-users", NULL, issuer, REVOCATION_GOOD);
}

/* The same name and key, but it may not sign lists. */
static void
an_issuer_without_that_key_usage_signs_no_lists(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *mute = fixture_cert("mute");

	assert_refuses("good", NULL, mute, NOTAR_E_SIGNATURE);
}

static void
a_delta_adds_and_takes_away(void **state)
{
	(void)state;
	assert_says("good", "delta", issuer, REVOCATION_GOOD);
	assert_says("good", "delta-revoked", issuer, REVOCATION_REVOKED);
	assert_says("revoked-hold", "delta", issuer, REVOCATION_REVOKED);
	assert_says("revoked-hold", "delta-removed", issuer, REVOCATION_GOOD);
	assert_says("revoked", "delta-removed", issuer, REVOCATION_REVOKED);
}

static void
a_delta_that_does_not_fit_says_nothing(void **state)
{
	(void)state;
	assert_refuses("good", "delta-base-newer", issuer, NOTAR_E_FORMAT);
	assert_refuses("good", "delta-older", issuer, NOTAR_E_FORMAT);
	assert_refuses("good", "delta-no-number", issuer, NOTAR_E_FORMAT);
	assert_refuses("good", "delta-no-base", issuer, NOTAR_E_FORMAT);
	assert_refuses("good", "delta-stale", issuer, NOTAR_E_FORMAT);
	assert_refuses("good", "delta-by-twin", issuer, NOTAR_E_SIGNATURE);
	assert_refuses("good", "delta-of-part", issuer, NOTAR_E_FORMAT);
	assert_refuses("good-part", "delta", issuer, NOTAR_E_FORMAT);
	assert_refuses("no-number", "delta", issuer, NOTAR_E_FORMAT);
	assert_refuses("good", "good", issuer, NOTAR_E_FORMAT);
}

static void
a_base_says_where_its_deltas_are(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) with = list("freshest");
	NOTAR_AUTO_OF(buf) without = list("good");
	struct revocation_urls urls;

	assert_int_equal(crl_freshest(buf_span(&with), &urls, NULL), NOTAR_OK);
	assert_true(urls.has_freshest_crl && urls.has_other_crl);
	assert_int_equal(urls.crl_count, 1);
	assert_string_equal(urls.crl[0], "http://lists.test/delta");
	assert_int_equal(crl_freshest(buf_span(&without), &urls, NULL), NOTAR_OK);
	assert_false(urls.has_freshest_crl);
	assert_int_equal(crl_freshest(span_str("<html>"), &urls, NULL), NOTAR_E_FORMAT);
}

static void
nothing_cut_off_or_too_large_is_a_list(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) base = list("good");
	NOTAR_AUTO_OF(buf) huge = { 0 };
	struct revocation_answer answer = { 0 };
	const struct span none = { 0 };

	for (size_t len = 0; len < base.len; len++)
		assert_int_not_equal(
			crl_judge(span_of(base.ptr, len), none, leaf, issuer, NOW, &answer, NULL),
			NOTAR_OK);
	buf_append_span(&huge, buf_span(&base));
	assert_non_null(buf_extend(&huge, LIMIT_CRL_BYTES));
	assert_int_equal(crl_judge(buf_span(&huge), none, leaf, issuer, NOW, &answer, NULL),
			 NOTAR_E_LIMIT);
	assert_int_equal(answer.status, REVOCATION_UNKNOWN);
}

static void
no_flipped_bit_turns_revoked_into_good(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) base = list("revoked");

	for (size_t bit = 0; bit < base.len * 8; bit += 3) {
		struct revocation_answer answer = { 0 };

		base.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (crl_judge(buf_span(&base), (struct span){ 0 }, leaf, issuer, NOW, &answer,
			      NULL) == NOTAR_OK)
			assert_int_equal(answer.status, REVOCATION_REVOKED);
		base.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

static void
a_list_says_when_the_next_one_comes(void **state)
{
	NOTAR_AUTO_OF(buf) good = list("good");
	NOTAR_AUTO_OF(buf) endless = list("no-next-update");
	struct notar_error err = { 0 };
	int64_t next_s = 7;

	(void)state;
	assert_int_not_equal(crl_next_update(buf_span(&endless), &next_s, &err), NOTAR_OK);
	assert_int_not_equal(crl_next_update((struct span){ 0 }, &next_s, &err), NOTAR_OK);
	assert_int_not_equal(crl_next_update(span_str("no list"), &next_s, &err), NOTAR_OK);
	assert_int_equal(next_s, 7);
	assert_int_equal(crl_next_update(buf_span(&good), &next_s, &err), NOTAR_OK);
	assert_true(next_s > NOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_without_the_serial_is_good_news),
		cmocka_unit_test(any_entry_that_revokes_revokes),
		cmocka_unit_test(an_answer_has_its_times),
		cmocka_unit_test(
			of_several_invalidity_dates_the_earliest_counts_and_none_is_earlier),
		cmocka_unit_test(a_list_that_breaks_a_rule_says_nothing),
		cmocka_unit_test(lists_of_authorities_are_for_authorities),
		cmocka_unit_test(an_issuer_without_that_key_usage_signs_no_lists),
		cmocka_unit_test(a_delta_adds_and_takes_away),
		cmocka_unit_test(a_delta_that_does_not_fit_says_nothing),
		cmocka_unit_test(a_base_says_where_its_deltas_are),
		cmocka_unit_test(a_list_says_when_the_next_one_comes),
		cmocka_unit_test(nothing_cut_off_or_too_large_is_a_list),
		cmocka_unit_test(no_flipped_bit_turns_revoked_into_good),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
