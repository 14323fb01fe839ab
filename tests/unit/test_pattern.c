/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pattern.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"

static bool
takes(const char *pattern_text, const char *text)
{
	NOTAR_AUTO(pattern) *pattern = NULL;
	struct notar_error err = { 0 };

	if (pattern_compile(span_str(pattern_text), &pattern, &err) != NOTAR_OK)
		fail_msg("%s: %s", pattern_text, err.msg);
	return pattern_matches(pattern, span_str(text));
}

static void
a_pattern_matches_the_whole_text(void **state)
{
	(void)state;
	assert_true(takes("https://example\\.com/.*", "https://example.com/app"));
	assert_true(takes("a|bc", "bc"));
	assert_true(takes("^abc$", "abc"));
	assert_true(takes("(?i)abc", "aBC"));
}

/* GHSA-59jp-pj84-45mr: a part of the text is not the text. */
static void
a_part_of_the_text_is_no_match(void **state)
{
	(void)state;
	assert_false(takes("abc", "xabc"));
	assert_false(takes("abc", "abcx"));
	assert_false(takes("abc|b", "bx"));
	assert_false(takes("b|abc", "xb"));
	assert_false(takes("abc$", "abc\n"));
	assert_false(takes("(?m)abc$", "abc\nx"));
	assert_false(takes("(?m)x|^abc", "x\nabc"));
	assert_false(takes("abc(*ACCEPT)", "abcx"));
	assert_false(takes("x\\Kabc", "xabc"));
	assert_false(takes("https://example\\.com/.*", "https://example.com/app\nx"));
	assert_false(takes("abc", ""));
}

static void
bytes_behind_a_nul_count(void **state)
{
	(void)state;
	NOTAR_AUTO(pattern) *pattern = NULL;

	assert_int_equal(pattern_compile(span_str("abc"), &pattern, NULL), NOTAR_OK);
	assert_false(pattern_matches(pattern, span_of("abc\0x", 5)));
	assert_false(pattern_matches(NULL, span_str("abc")));
	assert_false(pattern_matches(pattern, (struct span){ 0 }));
}

static void
refused(const char *text, enum notar_code code)
{
	struct pattern *pattern = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(pattern_compile(span_str(text), &pattern, &err), code);
	assert_null(pattern);
	assert_string_not_equal(err.msg, "");
}

static void
what_matches_the_empty_text_is_refused(void **state)
{
	static const char *const texts[] = { "", ".*", "a?", "a|", "(?:)", "^$", "(?=)", "\\K" };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++)
		refused(texts[i], NOTAR_E_FORMAT);
}

static void
what_is_no_pattern_is_refused(void **state)
{
	static const char *const texts[] = { "(",       "a)", "[a",      "a**b(", "\\C",
					     "(*UTF)a", "*a", "(*UCP)a", "(?P<",  "a{2,1}" };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(texts); i++)
		refused(texts[i], NOTAR_E_FORMAT);
}

static void
a_pattern_over_its_limit_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO(pattern) *pattern = NULL;

	for (size_t i = 0; i < LIMIT_PATTERN_BYTES; i++)
		buf_append_byte(&text, 'a');
	assert_int_equal(pattern_compile(buf_span(&text), &pattern, NULL), NOTAR_OK);
	buf_append_byte(&text, 'a');
	refused(buf_cstr(&text), NOTAR_E_FORMAT);
}

static void
parentheses_nest_to_a_limit(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };

	for (size_t i = 0; i < 60; i++)
		buf_append_byte(&text, '(');
	buf_append_byte(&text, 'a');
	for (size_t i = 0; i < 60; i++)
		buf_append_byte(&text, ')');
	refused(buf_cstr(&text), NOTAR_E_FORMAT);
}

/* Without a bound this takes longer than anybody waits. */
static void
a_match_that_takes_too_long_is_none(void **state)
{
	(void)state;
	assert_true(takes("(?:a+)+b", "aaaaaaaaaaaaaaab"));
	assert_false(
		takes("(?:a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
	assert_false(
		takes("(a|aa)+$|(a|aa)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
}

static void
a_text_over_its_limit_is_no_match(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO(pattern) *pattern = NULL;

	assert_int_equal(pattern_compile(span_str("(?:a|b)+"), &pattern, NULL), NOTAR_OK);
	for (size_t i = 0; i < LIMIT_PATTERN_TEXT_BYTES; i++)
		buf_append_byte(&text, i % 2 == 0 ? 'a' : 'b');
	assert_true(pattern_matches(pattern, buf_span(&text)));
	buf_append_byte(&text, 'a');
	assert_false(pattern_matches(pattern, buf_span(&text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_matches_the_whole_text),
		cmocka_unit_test(a_part_of_the_text_is_no_match),
		cmocka_unit_test(bytes_behind_a_nul_count),
		cmocka_unit_test(what_matches_the_empty_text_is_refused),
		cmocka_unit_test(what_is_no_pattern_is_refused),
		cmocka_unit_test(a_pattern_over_its_limit_is_refused),
		cmocka_unit_test(parentheses_nest_to_a_limit),
		cmocka_unit_test(a_match_that_takes_too_long_is_none),
		cmocka_unit_test(a_text_over_its_limit_is_no_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
