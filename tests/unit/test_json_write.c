/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
commas_come_between_values_and_nowhere_else(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	json_begin_object(&b);
	json_pair_str(&b, "s", "x");
	json_pair_int(&b, "i", -5);
	json_pair_bool(&b, "t", true);
	json_name(&b, "a");
	json_begin_array(&b);
	json_put_int(&b, 1);
	json_put_null(&b);
	json_begin_array(&b);
	json_end_array(&b);
	json_begin_object(&b);
	json_end_object(&b);
	json_put_bool(&b, false);
	json_put_base64(&b, span_str("fo"));
	json_end_array(&b);
	json_pair_span(&b, "e", (struct span){ 0 });
	json_pair_str(&b, "n", NULL);
	json_end_object(&b);
	assert_string_equal(buf_cstr(&b), "{\"s\":\"x\",\"i\":-5,\"t\":true,\"a\":[1,null,[],{},"
					  "false,\"Zm8=\"],\"e\":\"\",\"n\":null}");
}

static void
values_that_end_like_punctuation_still_get_their_comma(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	json_begin_array(&b);
	json_put_str(&b, "[");
	json_put_str(&b, "{");
	json_put_str(&b, ":");
	json_put_str(&b, ",");
	json_put_str(&b, " ");
	json_put_str(&b, "\n");
	json_end_array(&b);
	assert_string_equal(buf_cstr(&b), "[\"[\",\"{\",\":\",\",\",\" \",\"\\n\"]");
}

static void
documents_on_lines_of_their_own_have_no_comma(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	json_begin_object(&b);
	json_end_object(&b);
	buf_append_byte(&b, '\n');
	json_begin_object(&b);
	json_end_object(&b);
	assert_string_equal(buf_cstr(&b), "{}\n{}");
}

static void
only_quotes_backslashes_and_controls_are_escaped(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	json_put_span(
		&b, span_of("\"\\/\b\f\n\r\t\0\x01\x1f\x7f <>&'\xe2\x82\xac\xf0\x9f\x98\x80", 24));
	assert_string_equal(buf_cstr(&b), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\x7f <>&'"
					  "\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

static void
broken_utf8_becomes_the_replacement_character(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t bad;
	} rows[] = {
		{ "\xff", 1 },     { "\xc3", 1 },         { "\xe2\x82", 2 },
		{ "\xc0\xaf", 2 }, { "\xed\xa0\x80", 3 }, { "\xf4\x90\x80\x80", 4 },
	};

	for (size_t i = 0; i < NOTAR_COUNT(rows); i++) {
		NOTAR_AUTO_OF(buf) b = { 0 };
		NOTAR_AUTO_OF(buf) want = { 0 };
		buf_append_str(&want, "\"");
		for (size_t k = 0; k < rows[i].bad; k++)
			buf_append_str(&want, "\xef\xbf\xbd");
		buf_append_str(&want, "\"");
		json_put_str(&b, rows[i].text);
		assert_true(span_equal(buf_span(&b), buf_span(&want)));
	}
}

/* Any bytes at all come out as a document that the strict reader takes. */
static void
any_byte_in_a_string_or_a_name_gives_json_that_reads(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
		NOTAR_AUTO_OF(buf) b = { 0 };
		struct json top;
		const char text[] = { 'a', (char)c, 'b', '\0' };
		json_begin_object(&b);
		json_pair_str(&b, text, text);
		json_end_object(&b);
		assert_int_equal(json_parse(buf_span(&b), (struct json_limits){ 99, 2 }, "doc",
					    &root, &top, NULL),
				 NOTAR_OK);
		struct span back;
		if (c >= 0x80)
			continue;
		assert_int_equal(json_member_string(&top, text, &back, NULL), NOTAR_OK);
		assert_true(span_is(back, text));
	}
}

static void
the_ends_of_the_integers_are_written_whole(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	json_begin_array(&b);
	json_put_int(&b, INT64_MIN);
	json_put_int(&b, INT64_MAX);
	json_end_array(&b);
	assert_string_equal(buf_cstr(&b), "[-9223372036854775808,9223372036854775807]");
}

static void
raw_documents_lose_their_blanks_and_empty_ones_are_null(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	json_begin_array(&b);
	json_put_raw(&b, span_str("{\"a\": 1}\r\n\t "));
	json_put_raw(&b, span_str(" \n"));
	json_put_raw(&b, (struct span){ 0 });
	json_put_int(&b, 1);
	json_end_array(&b);
	assert_string_equal(buf_cstr(&b), "[{\"a\": 1},null,null,1]");
}

static void
a_document_is_rewritten_compactly_in_its_own_order(void **state)
{
	(void)state;
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) b = { 0 };
	struct json top;

	assert_int_equal(json_parse(span_str("{ \"z\" : [ 1 , \"\\u20ac/\" ] ,\n \"a\" : null }"),
				    (struct json_limits){ 99, 3 }, "doc", &root, &top, NULL),
			 NOTAR_OK);
	json_begin_array(&b);
	json_put_value(&b, top.value);
	json_put_value(&b, top.value);
	json_end_array(&b);
	assert_string_equal(buf_cstr(&b), "[{\"z\":[1,\"\xe2\x82\xac/\"],\"a\":null},"
					  "{\"z\":[1,\"\xe2\x82\xac/\"],\"a\":null}]");
}

static void
a_document_that_does_not_fit_sticks_as_a_limit(void **state)
{
	(void)state;
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) b = { .cap = 8 };
	NOTAR_AUTO_OF(buf) small = { .cap = 3 };
	struct json top;

	assert_int_equal(json_parse(span_str("[1,2,3,4,5]"), (struct json_limits){ 99, 3 }, "doc",
				    &root, &top, NULL),
			 NOTAR_OK);
	json_put_value(&b, top.value);
	assert_int_equal(buf_finish(&b, "doc", NULL), NOTAR_E_LIMIT);
	json_put_str(&small, "abc");
	assert_int_equal(buf_finish(&small, "doc", NULL), NOTAR_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_come_between_values_and_nowhere_else),
		cmocka_unit_test(values_that_end_like_punctuation_still_get_their_comma),
		cmocka_unit_test(documents_on_lines_of_their_own_have_no_comma),
		cmocka_unit_test(only_quotes_backslashes_and_controls_are_escaped),
		cmocka_unit_test(broken_utf8_becomes_the_replacement_character),
		cmocka_unit_test(any_byte_in_a_string_or_a_name_gives_json_that_reads),
		cmocka_unit_test(the_ends_of_the_integers_are_written_whole),
		cmocka_unit_test(raw_documents_lose_their_blanks_and_empty_ones_are_null),
		cmocka_unit_test(a_document_is_rewritten_compactly_in_its_own_order),
		cmocka_unit_test(a_document_that_does_not_fit_sticks_as_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
