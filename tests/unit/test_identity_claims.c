/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/identity_claims.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/limits.h"

#define NOW_S 1000

static enum notar_code
read_body(const char *body, struct identity_claims *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) token = { 0 };

	base64url_append(&token, span_str("{\"alg\":\"ES256\"}"));
	buf_append_byte(&token, '.');
	base64url_append(&token, span_str(body));
	buf_append_str(&token, ".c2ln");
	return identity_claims_read(buf_span(&token), "sigstore", NOW_S, out, err);
}

static void
a_token_says_who_and_until_when(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_claims) claims = { 0 };

	assert_int_equal(read_body("{\"iss\":\"https://i\",\"sub\":\"s\",\"email\":\"a@b\",\"exp\":"
				   "1001,\"aud\":[\"other\",\"sigstore\"]}",
				   &claims, NULL),
			 NOTAR_OK);
	assert_true(span_is(buf_span(&claims.issuer), "https://i"));
	assert_true(span_is(buf_span(&claims.subject), "s"));
	assert_true(span_is(identity_claims_name(&claims), "a@b"));
	assert_int_equal(claims.expires_s, 1001);
}

static void
without_an_e_mail_the_subject_is_the_name(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_claims) claims = { 0 };

	assert_int_equal(
		read_body("{\"iss\":\"i\",\"sub\":\"s\",\"exp\":2000,\"aud\":\"sigstore\"}",
			  &claims, NULL),
		NOTAR_OK);
	assert_true(span_is(identity_claims_name(&claims), "s"));
}

static void
claims_that_do_not_do_are_refused_and_named(void **state)
{
	(void)state;
	static const struct {
		const char *body, *names;
		enum notar_code code;
	} cases[] = {
		{ "[]", "identity token", NOTAR_E_FORMAT },
		{ "{\"sub\":\"s\",\"exp\":2000,\"aud\":\"sigstore\"}", "iss", NOTAR_E_FORMAT },
		{ "{\"iss\":\"\",\"sub\":\"s\",\"exp\":2000,\"aud\":\"sigstore\"}", "iss",
		  NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"exp\":2000,\"aud\":\"sigstore\"}", "sub", NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"sub\":7,\"exp\":2000,\"aud\":\"sigstore\"}", "sub",
		  NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"aud\":\"sigstore\"}", "exp", NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":\"2000\",\"aud\":\"sigstore\"}", "exp",
		  NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":1000,\"aud\":\"sigstore\"}", "expired",
		  NOTAR_E_AUTH },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":2000}", "aud", NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":2000,\"aud\":\"other\"}", "aud",
		  NOTAR_E_AUTH },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":2000,\"aud\":[]}", "aud", NOTAR_E_AUTH },
		{ "{\"iss\":\"i\",\"sub\":\"s\",\"exp\":2000,\"aud\":[7]}", "aud", NOTAR_E_FORMAT },
		{ "{\"iss\":\"i\",\"iss\":\"j\",\"sub\":\"s\",\"exp\":2000,\"aud\":\"sigstore\"}",
		  "iss", NOTAR_E_FORMAT },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(identity_claims) claims = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(read_body(cases[i].body, &claims, &err), cases[i].code);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("case %zu: %s", i, err.msg);
		assert_int_equal(claims.issuer.len, 0);
	}
}

static void
texts_that_are_no_token_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = { "",
					     ".",
					     "..",
					     "a.b",
					     "e30.e30",
					     "e30.e30.",
					     ".e30.c2ln",
					     "e30..c2ln",
					     "e30.e30.c2ln.c2ln",
					     "e30.e30.c2ln\n",
					     "e30.e30=.c2ln",
					     "e30.e3 0.c2ln",
					     "e30.e31.c2ln" };
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_OF(identity_claims) claims = { 0 };

		assert_int_equal(
			identity_claims_read(span_str(texts[i]), NULL, NOW_S, &claims, NULL),
			NOTAR_E_FORMAT);
	}
}

static void
a_token_of_nothing_but_dots_is_refused_by_its_size_first_GHSA_f83f_xpx7_ffpw(void **state)
{
	(void)state;
	static uint8_t dots[LIMIT_TOKEN_CHARS + 1];
	NOTAR_AUTO_OF(identity_claims) claims = { 0 };

	memset(dots, '.', sizeof(dots));
	assert_int_equal(
		identity_claims_read(span_of(dots, sizeof(dots)), NULL, NOW_S, &claims, NULL),
		NOTAR_E_LIMIT);
	assert_int_equal(
		identity_claims_read(span_of(dots, LIMIT_TOKEN_CHARS), NULL, NOW_S, &claims, NULL),
		NOTAR_E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_says_who_and_until_when),
		cmocka_unit_test(without_an_e_mail_the_subject_is_the_name),
		cmocka_unit_test(claims_that_do_not_do_are_refused_and_named),
		cmocka_unit_test(texts_that_are_no_token_are_refused),
		cmocka_unit_test(
			a_token_of_nothing_but_dots_is_refused_by_its_size_first_GHSA_f83f_xpx7_ffpw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
