/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_pull.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DEPTH 4
static const struct json_limits limits = { 1 << 20, DEPTH };

static enum notar_code
check_text(const char *text, struct notar_error *err)
{
	struct span top;

	return pull_check(span_str(text), limits, "test", &top, err);
}

static void
what_is_strict_json_is_taken_as_json_parse_takes_it(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" { } ",
		"[1,-0,0.5,1e9,-1.5E-3,9223372036854775807,-9223372036854775808]",
		"[true,false,null]",
		"[\"\\u20ac\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
		"{\"a\":1,\"b\":{\"a\":2}}",
		"[[[[]]]]",
		"{\"\":0}",
		"[\"\xe2\x82\xac\"]",
		"[\"\x7f\"]",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
		struct notar_error err = { 0 };
		struct json tree;

		if (check_text(texts[i], &err) != NOTAR_OK)
			fail_msg("%s: %s", texts[i], err.msg);
		assert_int_equal(json_parse(span_str(texts[i]), limits, "test", &root, &tree, &err),
				 NOTAR_OK);
	}
}

static void
everything_else_is_refused_by_both(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"1",
		"\"a\"",
		"null",
		"{",
		"}",
		"[",
		"]",
		"{]",
		"[}",
		"{}{}",
		"{} x",
		"[1,]",
		"[,1]",
		"[1 2]",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{a:1}",
		"{1:1}",
		"{'a':1}",
		"[01]",
		"[-]",
		"[+1]",
		"[1.]",
		"[.5]",
		"[1e]",
		"[1e+]",
		"[0x1]",
		"[NaN]",
		"[Infinity]",
		"[1e999]",
		"[9223372036854775808]",
		"[-9223372036854775809]",
		"[tru]",
		"[truex]",
		"[True]",
		"[nul]",
		"[\"]",
		"[\"\\\"]",
		"[\"\\x\"]",
		"[\"\\u12\"]",
		"[\"\\u12g4\"]",
		"[\"\\u0000\"]",
		"[\"\\ud800\"]",
		"[\"\\ud800\\u0041\"]",
		"[\"\\udc00\"]",
		"[\"a\nb\"]",
		"[\"\x01\"]",
		"[\"\xff\"]",
		"[\"\xc0\xaf\"]",
		"[\"\xed\xa0\x80\"]",
		"[\"\xf4\x90\x80\x80\"]",
		"[\"\xe2\x82\"]",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,\"\\u0061\":2}",
		"{\"x\":[{\"a\":1,\"a\":1}]}",
		"\xef\xbb\xbf{}",
		"[1]//x",
		"[[[[[]]]]]",
		"{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
		struct notar_error err = { 0 }, other = { 0 };
		struct json tree;

		if (check_text(texts[i], &err) == NOTAR_OK)
			fail_msg("taken: %s", texts[i]);
		assert_true(err.msg[0] != '\0');
		assert_int_not_equal(
			json_parse(span_str(texts[i]), limits, "test", &root, &tree, &other),
			NOTAR_OK);
	}
}

static void
a_name_that_stands_twice_is_found_among_many_and_named(void **state)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err = { 0 };
	struct span top;

	(void)state;
	buf_append_byte(&text, '{');
	for (int i = 0; i < 20000; i++)
		buf_printf(&text, "\"m%d\":%d,", i, i);
	size_t len = text.len;

	buf_append_str(&text, "\"last\":0}");
	assert_int_equal(pull_check(buf_span(&text), limits, "test", &top, &err), NOTAR_OK);
	buf_cut(&text, len);
	buf_append_str(&text, "\"m777\":0}");
	assert_int_equal(pull_check(buf_span(&text), limits, "test", &top, &err), NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "m777"));
}

static void
members_are_found_whatever_stands_around_them(void **state)
{
	static const char text[] =
		" { \"skip\" : { \"want\" : \"]}\\\"\" , \"x\" : [ \"}\" , { } ] } , "
		"\"w\\u0061nt\" : \"a\\u00e9\\\\\" ,\"n\":-1.5,\"t\":true,\"z\":null }";
	static const char *const names[] = { "want", "n", "t", "z", "absent" };
	struct span top, values[5];
	struct notar_error err = { 0 };
	uint8_t out[32];

	(void)state;
	assert_int_equal(pull_check(span_str(text), limits, "test", &top, &err), NOTAR_OK);
	pull_members(top, names, 5, values);
	assert_int_equal(pull_kind(values[0]), PULL_STRING);
	assert_int_equal(pull_string(values[0], out), 4);
	assert_memory_equal(out, "a\xc3\xa9\\", 4);
	assert_int_equal(pull_kind(values[1]), PULL_NUMBER);
	assert_true(pull_is_true(values[2]));
	assert_int_equal(pull_kind(values[3]), PULL_NULL);
	assert_int_equal(pull_kind(values[4]), PULL_ABSENT);
}

static void
what_is_too_long_is_a_limit(void **state)
{
	const struct json_limits tight = { 3, DEPTH };
	struct notar_error err = { 0 };
	struct span top;

	(void)state;
	assert_int_equal(pull_check(span_str("[  ]"), tight, "test", &top, &err), NOTAR_E_LIMIT);
	assert_int_equal(check_text("[[[[[]]]]]", &err), NOTAR_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_strict_json_is_taken_as_json_parse_takes_it),
		cmocka_unit_test(everything_else_is_refused_by_both),
		cmocka_unit_test(a_name_that_stands_twice_is_found_among_many_and_named),
		cmocka_unit_test(members_are_found_whatever_stands_around_them),
		cmocka_unit_test(what_is_too_long_is_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
