/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/lib/revocation_fixture.h"

#define NOW REVOCATION_NOW
#define HOUR REVOCATION_HOUR

static struct cert *leaf, *issuer;

static int
setup(void **state)
{
	(void)state;
	leaf = fixture_cert("leaf");
	issuer = fixture_cert("issuer");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	cert_free(leaf);
	cert_free(issuer);
	return 0;
}

static enum notar_code
judge(const char *name, struct revocation_answer *out, struct notar_error *err)
{
	char file[100];

	(void)snprintf(file, sizeof(file), "%s.ocsp", name);
	NOTAR_AUTO_OF(buf) response = fixture_answer(file);

	return ocsp_judge(buf_span(&response), leaf, issuer, NOW, out, err);
}

static void
assert_says(const char *name, enum revocation_status status)
{
	struct revocation_answer answer = { .status = REVOCATION_NOT_REVOCABLE };
	struct notar_error err = { 0 };

	if (judge(name, &answer, &err) != NOTAR_OK || answer.status != status)
		fail_msg("%s: status %d, \"%s\"", name, (int)answer.status, err.msg);
}

static void
what_is_signed_and_current_is_an_answer(void **state)
{
	(void)state;
	static const char *const good[] = { "good",           "good-by-key", "good-delegate",
					    "good-sha256-id", "good-nonce",  "good-skew" };

	for (size_t i = 0; i < NOTAR_COUNT(good); i++)
		assert_says(good[i], REVOCATION_GOOD);
	assert_says("revoked", REVOCATION_REVOKED);
	assert_says("revoked-invalidity", REVOCATION_REVOKED);
	assert_says("unknown", REVOCATION_UNKNOWN);
}

static void
an_answer_has_its_times(void **state)
{
	(void)state;
	struct revocation_answer answer = { 0 };

	assert_int_equal(judge("good", &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.this_update_s, NOW - HOUR);
	assert_int_equal(answer.next_update_s, NOW + HOUR);
	assert_int_equal(answer.revoked_s, 0);
	assert_int_equal(judge("revoked-invalidity", &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.revoked_s, NOW - 48 * HOUR);
	assert_int_equal(answer.invalidity_s, NOW - 24 * HOUR);
	assert_int_equal(judge("revoked", &answer, NULL), NOTAR_OK);
	assert_int_equal(answer.invalidity_s, 0);
}

static void
what_breaks_a_rule_says_nothing_and_leaves_the_output_alone(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum notar_code code;
	} bad[] = {
		{ "no-answer", NOTAR_E_SIGNATURE },
		{ "two-answers", NOTAR_E_FORMAT },
		{ "other-serial", NOTAR_E_FORMAT },
		{ "other-issuer", NOTAR_E_SIGNATURE },
		{ "by-stranger", NOTAR_E_SIGNATURE },
		{ "by-stranger-named-so", NOTAR_E_SIGNATURE },
		{ "by-leaf", NOTAR_E_SIGNATURE },
		{ "delegate-code-signing", NOTAR_E_SIGNATURE },
		{ "delegate-no-purpose", NOTAR_E_SIGNATURE },
		{ "delegate-expired", NOTAR_E_SIGNATURE },
		{ "delegate-absent", NOTAR_E_SIGNATURE },
		{ "delegate-of-stranger", NOTAR_E_SIGNATURE },
		{ "delegate-of-below", NOTAR_E_SIGNATURE },
		{ "stale", NOTAR_E_FORMAT },
		{ "no-next-update", NOTAR_E_FORMAT },
		{ "to-come", NOTAR_E_FORMAT },
		{ "critical-single", NOTAR_E_UNSUPPORTED },
		{ "critical-whole", NOTAR_E_UNSUPPORTED },
		{ "sha1", NOTAR_E_SIGNATURE },
		{ "try-later", NOTAR_E_NET },
		{ "refused-with-answer", NOTAR_E_NET },
		{ "behind", NOTAR_E_FORMAT },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct revocation_answer answer = { .status = REVOCATION_UNKNOWN, .revoked_s = 7 };
		struct notar_error err = { 0 };
		enum notar_code code = judge(bad[i].name, &answer, &err);

		if (code != bad[i].code || answer.revoked_s != 7 || err.msg[0] == '\0' ||
		    answer.status != REVOCATION_UNKNOWN)
			fail_msg("%s: %s, \"%s\"", bad[i].name, notar_code_name(code), err.msg);
	}
}

static void
the_ends_of_its_time_are_inclusive(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) response = fixture_answer("good.ocsp");
	const struct {
		int64_t now_s;
		enum notar_code code;
	} times[] = { { NOW + HOUR, NOTAR_OK },
		      { NOW + HOUR + 1, NOTAR_E_FORMAT },
		      { NOW - HOUR - 300, NOTAR_OK },
		      { NOW - HOUR - 301, NOTAR_E_FORMAT } };

	for (size_t i = 0; i < NOTAR_COUNT(times); i++) {
		struct revocation_answer answer;

		assert_int_equal(ocsp_judge(buf_span(&response), leaf, issuer, times[i].now_s,
					    &answer, NULL),
				 times[i].code);
	}
}

static void
nothing_cut_off_is_an_answer(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) response = fixture_answer("good.ocsp");

	for (size_t len = 0; len < response.len; len++) {
		struct revocation_answer answer = { 0 };

		assert_int_not_equal(
			ocsp_judge(span_of(response.ptr, len), leaf, issuer, NOW, &answer, NULL),
			NOTAR_OK);
		assert_int_equal(answer.status, REVOCATION_UNKNOWN);
	}
}

/* Bits outside what is signed may change nothing; those inside change all. */
static void
no_flipped_bit_turns_revoked_into_good(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) response = fixture_answer("revoked.ocsp");

	for (size_t bit = 0; bit < response.len * 8; bit += 3) {
		struct revocation_answer answer = { 0 };

		response.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (ocsp_judge(buf_span(&response), leaf, issuer, NOW, &answer, NULL) == NOTAR_OK)
			assert_int_equal(answer.status, REVOCATION_REVOKED);
		response.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

static void
a_huge_answer_is_not_parsed(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) huge = fixture_answer("good.ocsp");
	struct revocation_answer answer;

	assert_non_null(buf_extend(&huge, LIMIT_OCSP_BYTES));
	assert_int_equal(ocsp_judge(buf_span(&huge), leaf, issuer, NOW, &answer, NULL),
			 NOTAR_E_LIMIT);
	assert_int_equal(ocsp_judge(span_str(""), leaf, issuer, NOW, &answer, NULL), NOTAR_E_LIMIT);
	assert_int_equal(ocsp_judge(span_str("<html>"), leaf, issuer, NOW, &answer, NULL),
			 NOTAR_E_FORMAT);
}

static void
a_request_is_small_names_the_serial_and_is_appended(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) request = { 0 };

	buf_append_str(&request, "before");
	assert_int_equal(ocsp_request(leaf, issuer, &request, NULL), NOTAR_OK);
	assert_true(span_starts_with(buf_span(&request), "before0"));
	assert_true(request.len < 120);
	assert_non_null(memmem(request.ptr, request.len, leaf->serial.ptr, leaf->serial.len));
}

static void
a_certificate_says_where_to_ask(void **state)
{
	(void)state;
	struct revocation_urls urls;

	revocation_urls(leaf, &urls);
	assert_int_equal(urls.ocsp_count, 1);
	assert_string_equal(urls.ocsp[0], "http://ocsp.test/");
	assert_true(urls.has_other_ocsp); /* https */
	assert_int_equal(urls.crl_count, 2);
	assert_string_equal(urls.crl[0], "http://lists.test/all");
	assert_string_equal(urls.crl[1], "http://lists.test/part");
	assert_false(urls.has_other_crl);
	assert_false(urls.has_freshest_crl);
	assert_true(revocation_is_possible(leaf));
}

static void
what_cannot_be_asked_is_not_forgotten(void **state)
{
	(void)state;
	NOTAR_AUTO(cert) *many = fixture_cert("many");
	NOTAR_AUTO(cert) *elsewhere = fixture_cert("elsewhere");
	NOTAR_AUTO(cert) *other = fixture_cert("other");
	struct revocation_urls urls;

	revocation_urls(many, &urls);
	assert_int_equal(urls.ocsp_count, REVOCATION_URLS);
	assert_int_equal(urls.crl_count, 1);
	assert_true(urls.has_other_ocsp && urls.has_other_crl);
	revocation_urls(elsewhere, &urls);
	assert_int_equal(urls.ocsp_count + urls.crl_count, 0);
	assert_true(urls.has_other_ocsp && urls.has_other_crl && urls.has_freshest_crl);
	assert_true(revocation_is_possible(elsewhere));
	assert_false(revocation_is_possible(other));
	assert_false(revocation_is_possible(issuer));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_and_current_is_an_answer),
		cmocka_unit_test(an_answer_has_its_times),
		cmocka_unit_test(what_breaks_a_rule_says_nothing_and_leaves_the_output_alone),
		cmocka_unit_test(the_ends_of_its_time_are_inclusive),
		cmocka_unit_test(nothing_cut_off_is_an_answer),
		cmocka_unit_test(no_flipped_bit_turns_revoked_into_good),
		cmocka_unit_test(a_huge_answer_is_not_parsed),
		cmocka_unit_test(a_request_is_small_names_the_serial_and_is_appended),
		cmocka_unit_test(a_certificate_says_where_to_ask),
		cmocka_unit_test(what_cannot_be_asked_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
