/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/challenge.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/own.h"

static void
bearer_parameters_come_out_unescaped(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(challenges) list = { 0 };
	const char *text = "bEARER Realm=\"https://auth.example/token?a=b\" , SERVICE=reg.example,"
			   "scope=\"repository:a/b:pull,push registry:x:*\",error=\"a\\\"b\\\\c\"";

	assert_int_equal(challenges_add(span_str(text), &list, NULL), NOTAR_OK);
	assert_int_equal(list.count, 1);
	const struct challenge *c = challenges_pick(&list);
	assert_int_equal(c->scheme, CHALLENGE_BEARER);
	assert_string_equal(c->realm, "https://auth.example/token?a=b");
	assert_string_equal(c->service, "reg.example");
	assert_string_equal(c->scope, "repository:a/b:pull,push registry:x:*");
	assert_string_equal(c->error, "a\"b\\c");
}

static void
bearer_is_picked_wherever_it_stands(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"Basic realm=\"x\", Bearer realm=\"https://t/\"",
		"Bearer realm=\"https://t/\", Basic realm=\"x\"",
		"Negotiate, Basic realm=x, Bearer realm=\"https://t/\"",
		"Negotiate YIIabc+/==, Bearer realm=\"https://t/\"",
		"Digest realm=\"a, Basic realm=b\", qop=\"auth\", nonce=x, Bearer "
		"realm=\"https://t/\"",
		",, ,Bearer realm=\"https://t/\",,",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_OF(challenges) list = { 0 };
		struct notar_error err = { 0 };
		if (challenges_add(span_str(texts[i]), &list, &err) != NOTAR_OK)
			fail_msg("%s: %s", texts[i], err.msg);
		const struct challenge *c = challenges_pick(&list);
		assert_non_null(c);
		assert_int_equal(c->scheme, CHALLENGE_BEARER);
		assert_string_equal(c->realm, "https://t/");
	}
}

static void
several_headers_add_up(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(challenges) list = { 0 };

	assert_int_equal(challenges_add(span_str("Basic realm=x"), &list, NULL), NOTAR_OK);
	assert_int_equal(challenges_pick(&list)->scheme, CHALLENGE_BASIC);
	assert_int_equal(challenges_add(span_str("Bearer realm=y"), &list, NULL), NOTAR_OK);
	assert_int_equal(challenges_pick(&list)->scheme, CHALLENGE_BEARER);
}

static void
a_list_without_a_known_scheme_gives_nothing_to_pick(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(challenges) list = { 0 };

	assert_null(challenges_pick(&list));
	assert_int_equal(challenges_add(span_str("Negotiate, NTLM, Basicx realm=y"), &list, NULL),
			 NOTAR_OK);
	assert_null(challenges_pick(&list));
}

static void
what_is_not_the_grammar_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		" , ",
		"realm=\"x\"",
		"\"Bearer\" realm=x",
		"Bearer realm=",
		"Bearer realm=,service=x",
		"Bearer realm=\"x",
		"Bearer realm=\"x\\",
		"Bearer realm=\"x\\\"",
		"Bearer realm=\"a\nb\"",
		"Bearer realm=\"a\x7f\"",
		"Bearer realm=x, realm=y",
		"Bearer realm=x, REALM=y",
		"Bearer/realm=x",
		"Bearer =x",
		"Bearer realm=x; service=y",
		"Bearer realm=(x)",
		"Bearer realm=\"x\" \"y\"",
		"B\xc3\xa4rer realm=x",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_OF(challenges) list = { 0 };
		if (challenges_add(span_str(texts[i]), &list, NULL) != NOTAR_E_FORMAT)
			fail_msg("accepted: %s", texts[i]);
	}
}

static void
nul_bytes_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(challenges) list = { 0 };

	assert_int_equal(challenges_add(span_of("Bearer realm=\"a\0b\"", 18), &list, NULL),
			 NOTAR_E_FORMAT);
	assert_int_equal(challenges_add(span_of("Bearer\0 realm=x", 15), &list, NULL),
			 NOTAR_E_FORMAT);
}

static void
too_many_or_too_long_is_a_limit(void **state)
{
	(void)state;
	static char text[LIMIT_CHALLENGE_BYTES + 1];
	NOTAR_AUTO_OF(challenges) list = { 0 };

	memset(text, 'a', sizeof(text));
	assert_int_equal(challenges_add(span_of(text, sizeof(text)), &list, NULL), NOTAR_E_LIMIT);
	assert_int_equal(challenges_add(span_str("a,b,c,d,e,f,g,h,i"), &list, NULL), NOTAR_E_LIMIT);
	assert_int_equal(list.count, CHALLENGES_MOST);
}

/* Parsed from a heap copy of that length, so that ASan sees every byte read too far. */
static void
try_bytes(const char *text, size_t len)
{
	NOTAR_AUTO_OF(challenges) list = { 0 };
	char *copy = malloc(len + 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy = realloc(copy, len == 0 ? 1 : len);
	(void)!challenges_add(span_of(copy, len), &list, NULL);
	free(copy);
}

static void
truncations_and_bit_flips_do_no_harm(void **state)
{
	(void)state;
	char text[] = "Negotiate a==, Bearer realm=\"https://a\\\"/\", service=x ,scope=\"a b\"";

	for (size_t len = 0; len < sizeof(text); len++)
		try_bytes(text, len);
	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		try_bytes(text, sizeof(text) - 1);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bearer_parameters_come_out_unescaped),
		cmocka_unit_test(bearer_is_picked_wherever_it_stands),
		cmocka_unit_test(several_headers_add_up),
		cmocka_unit_test(a_list_without_a_known_scheme_gives_nothing_to_pick),
		cmocka_unit_test(what_is_not_the_grammar_is_refused),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(too_many_or_too_long_is_a_limit),
		cmocka_unit_test(truncations_and_bit_flips_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
