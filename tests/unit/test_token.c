/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/token.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"

static void
both_spellings_are_read_and_access_token_wins(void **state)
{
	(void)state;
	static const struct {
		const char *text, *value;
		int64_t lifetime_s;
	} rows[] = {
		{ "{\"token\":\"abc\"}", "abc", 60 },
		{ "{\"access_token\":\"abc\",\"expires_in\":300,\"issued_at\":\"x\"}", "abc", 300 },
		{ "{\"token\":\"x\",\"access_token\":\"abc\",\"expires_in\":0}", "abc", 60 },
		{ "{\"token\":\"abc\",\"access_token\":\"\",\"expires_in\":-5}", "abc", 60 },
		{ "{\"token\":\"abc\",\"expires_in\":9223372036854775807}", "abc", 604800 },
		{ "{\"token\":\"abc\",\"refresh_token\":\"secret\"}", "abc", 60 },
	};

	for (size_t i = 0; i < NOTAR_COUNT(rows); i++) {
		NOTAR_AUTO_OF(token) token = { 0 };
		assert_int_equal(token_parse(span_str(rows[i].text), &token, NULL), NOTAR_OK);
		assert_true(span_is(secret_borrow(&token.value), rows[i].value));
		assert_int_equal(token.lifetime_s, rows[i].lifetime_s);
	}
}

static void
what_holds_no_usable_token_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"null",
		"\"abc\"",
		"{\"token\":\"\"}",
		"{\"token\":null}",
		"{\"token\":7}",
		"{\"token\":[\"abc\"]}",
		"{\"token\":\"a b\"}",
		"{\"token\":\"a\\r\\nX-Evil: 1\"}",
		"{\"token\":\"a\\u0000b\"}",
		"{\"token\":\"\xc3\xa4\"}",
		"{\"token\":\"a\",\"token\":\"b\"}",
		"{\"token\":\"a\",\"expires_in\":\"300\"}",
		"{\"token\":\"a\",\"expires_in\":1.5}",
		"{\"token\":\"a\"}x",
		"<html></html>",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_OF(token) token = { 0 };
		if (token_parse(span_str(texts[i]), &token, NULL) != NOTAR_E_FORMAT)
			fail_msg("accepted: %s", texts[i]);
		assert_null(token.value.ptr);
	}
}

static void
a_token_too_long_for_a_header_is_a_limit(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO_OF(token) token = { 0 };

	buf_append_str(&text, "{\"token\":\"");
	for (size_t i = 0; i <= LIMIT_TOKEN_CHARS; i++)
		buf_append_byte(&text, 'a');
	buf_append_str(&text, "\"}");
	assert_int_equal(token_parse(buf_span(&text), &token, NULL), NOTAR_E_LIMIT);
}

static void
every_truncation_is_an_error(void **state)
{
	(void)state;
	const char text[] = "{\"token\":\"abc\",\"expires_in\":300}";

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		NOTAR_AUTO_OF(token) token = { 0 };
		assert_int_equal(token_parse(span_of(text, len), &token, NULL), NOTAR_E_FORMAT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_spellings_are_read_and_access_token_wins),
		cmocka_unit_test(what_holds_no_usable_token_is_refused),
		cmocka_unit_test(a_token_too_long_for_a_header_is_a_limit),
		cmocka_unit_test(every_truncation_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
