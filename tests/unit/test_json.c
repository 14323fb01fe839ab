/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct json_limits limits = { 4096, 8 };

/* A document and its top; a failed parse leaves root NULL. */
struct doc {
	struct json_t *root;
	struct json top;
	struct notar_error err;
	enum notar_code code;
};

static void
doc_release(struct doc *doc)
{
	json_root_free(doc->root);
}

static struct doc
parse_bytes(const char *text, size_t len)
{
	struct doc doc = { 0 };

	doc.code = json_parse(span_of(text, len), limits, "doc", &doc.root, &doc.top, &doc.err);
	return doc;
}

static struct doc
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void
assert_refused(const char *text, size_t len, enum notar_code code, const char *says)
{
	NOTAR_AUTO_OF(doc) doc = parse_bytes(text, len);

	if (doc.code != code)
		fail_msg("%s: code %d, not %d", text, (int)doc.code, (int)code);
	assert_null(doc.root);
	assert_null(doc.top.value);
	assert_int_equal(strncmp(doc.err.msg, "doc: ", 5), 0);
	if (strstr(doc.err.msg, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", doc.err.msg, says);
}

static void
what_is_not_strict_json_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		" ",       "{",        "}",          "[1,]",           "{\"a\":1,}",
		"{\"a\"}", "{a:1}",    "{'a':1}",    "[01]",           "[+1]",
		"[.5]",    "[1.]",     "[0x10]",     "[NaN]",          "[Infinity]",
		"[True]",  "[nul]",    "[\"a\nb\"]", "[\"\\x41\"]",    "[\"\\u12\"]",
		"[\"abc]", "[\"abc\\", "[1 2]",      "{}{}",           "{} x",
		"[]]",     "// c\n{}", "{/* c */}",  "\xef\xbb\xbf{}", "\"text\"",
		"1",       "null",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(bad[i], strlen(bad[i]), NOTAR_E_FORMAT, "JSON");
	assert_refused("", 0, NOTAR_E_FORMAT, "empty");
}

static void
duplicate_names_are_refused_at_any_depth_and_in_any_spelling(void **state)
{
	(void)state;
	static const char *const bad[] = { "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}",
					   "{\"x\":[{\"a\":1,\"a\":2}]}", "{\"a\":1,\"\\u0061\":2}",
					   "{\"\":1,\"\":2}" };

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(bad[i], strlen(bad[i]), NOTAR_E_FORMAT, "duplicate");
}

static void
nul_is_refused_in_strings_names_and_between_values(void **state)
{
	(void)state;
	assert_refused("[\"a\\u0000b\"]", 12, NOTAR_E_FORMAT, "JSON");
	assert_refused("{\"a\\u0000b\":1}", 14, NOTAR_E_FORMAT, "JSON");
	assert_refused("[\"a\0b\"]", 7, NOTAR_E_FORMAT, "JSON");
	assert_refused("[1,\0 2]", 7, NOTAR_E_FORMAT, "JSON");
	assert_refused("{}\0", 3, NOTAR_E_FORMAT, "JSON");
}

static void
broken_utf8_and_lone_surrogates_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "[\"\xff\"]",         "[\"\xc0\xaf\"]",
					   "[\"\xed\xa0\x80\"]", "[\"\xe2\x82\"]",
					   "[\"\\ud83d\"]",      "[\"\\ude00\\ud83d\"]" };

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(bad[i], strlen(bad[i]), NOTAR_E_FORMAT, "JSON");
}

static void
depth_up_to_the_limit_is_read_and_one_more_is_over_it(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) deep = parse("[[[[[[[[]]]]]]]]");
	NOTAR_AUTO_OF(doc) wide = parse("[[],[],[],[],[],[],[],[],[],[],{},{}]");

	assert_int_equal(deep.code, NOTAR_OK);
	assert_int_equal(wide.code, NOTAR_OK);
	assert_refused("[[[[[[[[[]]]]]]]]]", 18, NOTAR_E_LIMIT, "deeper than 8");
	assert_refused("[{\"a\":[{\"a\":[{\"a\":[{\"a\":[]}]}]}]}]", 34, NOTAR_E_LIMIT, "deeper");
	assert_refused("[[[[[[[[[", 9, NOTAR_E_LIMIT, "deeper");
}

static void
brackets_in_strings_do_not_count_as_depth(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("[\"[[[[[[[[[[\\\"{{{{{{{{{{{{\\\\\", \"[[[[[[[[[[\"]");

	assert_int_equal(doc.code, NOTAR_OK);
	/* A string that never opened, so that the brackets do count. */
	assert_refused("[\"\\\\\",[[[[[[[[[[[\"]", 18, NOTAR_E_LIMIT, "deeper");
}

static void
a_document_over_the_cap_is_not_looked_at(void **state)
{
	(void)state;
	char text[4097];

	memset(text, ' ', sizeof(text));
	memcpy(text, "[]", 2);
	assert_refused(text, sizeof(text), NOTAR_E_LIMIT, "4096");
	NOTAR_AUTO_OF(doc) doc = parse_bytes(text, sizeof(text) - 1);
	assert_int_equal(doc.code, NOTAR_OK);
}

static void
every_truncation_is_an_error(void **state)
{
	(void)state;
	const char *text =
		"{\"a\":[1,-2.5e3,true,null,\"x\\u20ac\\\"\"],\"b\":{\"c\":\"\xe2\x82\xac\"}}";

	for (size_t len = 0; len < strlen(text); len++) {
		NOTAR_AUTO_OF(doc) doc = parse_bytes(text, len);
		assert_int_equal(doc.code, NOTAR_E_FORMAT);
	}
	NOTAR_AUTO_OF(doc) whole = parse(text);
	assert_int_equal(whole.code, NOTAR_OK);
}

static void
messages_name_the_path_of_what_is_wrong(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("{\"layers\":[{},{},{\"digest\":5}]}");
	struct json layers, item, digest;
	struct span text;
	size_t count;

	assert_int_equal(json_member(&doc.top, "layers", &layers, &doc.err), NOTAR_OK);
	assert_int_equal(json_as_array(&layers, 9, &count, &doc.err), NOTAR_OK);
	assert_int_equal(count, 3);
	item = json_item(&layers, 2);
	assert_int_equal(json_member(&item, "digest", &digest, &doc.err), NOTAR_OK);
	assert_int_equal(json_as_string(&digest, &text, &doc.err), NOTAR_E_FORMAT);
	assert_string_equal(doc.err.msg, "doc.layers[2].digest: not a string");
	item = json_item(&layers, 1);
	assert_int_equal(json_member(&item, "digest", &digest, &doc.err), NOTAR_E_FORMAT);
	assert_string_equal(doc.err.msg, "doc.layers[1].digest: missing");
}

static void
a_member_may_be_read_into_its_own_object(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("{\"a\":{\"b\":{\"c\":7}}}");
	struct json at = doc.top;
	int64_t number = 0;

	assert_int_equal(json_member(&at, "a", &at, NULL), NOTAR_OK);
	assert_int_equal(json_member(&at, "b", &at, NULL), NOTAR_OK);
	assert_int_equal(json_optional(&at, "c", &at, NULL), NOTAR_OK);
	assert_string_equal(at.path, "doc.a.b.c");
	assert_int_equal(json_as_int(&at, 0, 9, &number, NULL), NOTAR_OK);
	assert_int_equal(number, 7);
}

static void
paths_and_names_too_long_are_cut_and_hostile_ones_made_harmless(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("{\"\\u001b[31m\\n\":1}");
	struct json at = doc.top;
	char name[400];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(json_optional(&doc.top, name, &at, NULL), NOTAR_OK);
	assert_null(at.value);
	assert_int_equal(strlen(at.path), JSON_PATH_BYTES - 1);
	assert_int_equal(json_only(&doc.top, NULL, 0, &doc.err), NOTAR_E_FORMAT);
	assert_null(strchr(doc.err.msg, '\x1b'));
	assert_null(strchr(doc.err.msg, '\n'));
}

static void
absent_and_null_are_the_same_for_optional_and_missing_for_required(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("{\"n\":null}");
	struct json at = doc.top;

	assert_int_equal(json_optional(&doc.top, "n", &at, NULL), NOTAR_OK);
	assert_null(at.value);
	assert_int_equal(json_optional(&doc.top, "x", &at, NULL), NOTAR_OK);
	assert_null(at.value);
	assert_int_equal(json_member(&doc.top, "n", &at, &doc.err), NOTAR_E_FORMAT);
	assert_string_equal(doc.err.msg, "doc.n: missing");
	assert_int_equal(json_member(&doc.top, "x", &at, &doc.err), NOTAR_E_FORMAT);
}

static void
members_of_what_is_no_object_are_an_error(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("[1]");
	struct json at, absent = { .path = "doc.x" };

	assert_int_equal(json_member(&doc.top, "a", &at, &doc.err), NOTAR_E_FORMAT);
	assert_string_equal(doc.err.msg, "doc: not an object");
	assert_int_equal(json_optional(&doc.top, "a", &at, &doc.err), NOTAR_E_FORMAT);
	assert_int_equal(json_optional(&absent, "a", &at, &doc.err), NOTAR_E_FORMAT);
	assert_string_equal(doc.err.msg, "doc.x: missing");
	assert_int_equal(json_as_object(&doc.top, &doc.err), NOTAR_E_FORMAT);
	assert_int_equal(json_only(&doc.top, NULL, 0, &doc.err), NOTAR_E_FORMAT);
}

static void
only_the_named_members_are_let_through(void **state)
{
	(void)state;
	static const char *const names[] = { "a", "b" };
	NOTAR_AUTO_OF(doc) doc = parse("{\"b\":1}");
	NOTAR_AUTO_OF(doc) more = parse("{\"a\":1,\"A\":2}");

	assert_int_equal(json_only(&doc.top, names, 2, NULL), NOTAR_OK);
	assert_int_equal(json_only(&more.top, names, 2, &more.err), NOTAR_E_FORMAT);
	assert_non_null(strstr(more.err.msg, "\"A\""));
}

static void
every_type_is_refused_where_another_is_asked_for(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("[\"s\",1,1.0,true,null,[],{}]");
	struct notar_error err;

	for (size_t i = 0; i < 7; i++) {
		struct json at = json_item(&doc.top, i);
		const char *cstr;
		struct span text;
		int64_t number;
		size_t count;
		bool flag;
		bool is_string = json_as_string(&at, &text, &err) == NOTAR_OK;
		assert_true(is_string == (i == 0));
		assert_true((json_as_cstr(&at, &cstr, &err) == NOTAR_OK) == (i == 0));
		assert_true((json_as_int(&at, 0, 9, &number, &err) == NOTAR_OK) == (i == 1));
		assert_true((json_as_bool(&at, &flag, &err) == NOTAR_OK) == (i == 3));
		assert_true((json_as_array(&at, 9, &count, &err) == NOTAR_OK) == (i == 5));
		assert_true((json_as_object(&at, &err) == NOTAR_OK) == (i == 6));
		assert_true(json_holds_string(&at) == (i == 0));
		assert_true(json_holds_array(&at) == (i == 5));
		assert_true(json_holds_object(&at) == (i == 6));
	}
}

static void
integers_keep_their_range_and_their_kind(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("[9223372036854775807,-9223372036854775808,10,1e1,-0]");
	int64_t number = 77;
	struct json at = json_item(&doc.top, 0);

	assert_int_equal(json_as_int(&at, INT64_MIN, INT64_MAX, &number, NULL), NOTAR_OK);
	assert_true(number == INT64_MAX);
	at = json_item(&doc.top, 1);
	assert_int_equal(json_as_int(&at, INT64_MIN, INT64_MAX, &number, NULL), NOTAR_OK);
	assert_true(number == INT64_MIN);
	number = 77;
	at = json_item(&doc.top, 2);
	assert_int_equal(json_as_int(&at, 11, 20, &number, &doc.err), NOTAR_E_FORMAT);
	assert_string_equal(doc.err.msg, "doc[2]: not between 11 and 20");
	assert_int_equal(json_as_int(&at, 0, 9, &number, &doc.err), NOTAR_E_FORMAT);
	at = json_item(&doc.top, 3);
	assert_int_equal(json_as_int(&at, 0, 99, &number, &doc.err), NOTAR_E_FORMAT);
	assert_true(number == 77);
	at = json_item(&doc.top, 4);
	assert_int_equal(json_as_int(&at, 0, 0, &number, NULL), NOTAR_OK);
}

static void
numbers_that_fit_nowhere_are_refused(void **state)
{
	(void)state;
	assert_refused("[9223372036854775808]", 21, NOTAR_E_FORMAT, "too big");
	assert_refused("[-9223372036854775809]", 22, NOTAR_E_FORMAT, "too big");
	assert_refused("[1e999]", 7, NOTAR_E_FORMAT, "overflow");
}

static void
arrays_over_their_bound_are_a_limit(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("[1,2,3]");
	size_t count = 77;

	assert_int_equal(json_as_array(&doc.top, 2, &count, &doc.err), NOTAR_E_LIMIT);
	assert_int_equal(count, 77);
	assert_int_equal(json_as_array(&doc.top, 3, &count, &doc.err), NOTAR_OK);
	struct json past = json_item(&doc.top, 3);
	assert_null(past.value);
}

static void
members_come_in_the_order_of_the_document(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("{\"z\":1,\"a\":2,\"m\":3,\"b\":null}");
	static const char *const want[] = { "z", "a", "m", "b" };
	void *cursor = NULL;
	const char *name;
	struct json value;
	size_t i = 0;

	while (json_next_member(&doc.top, &cursor, &name, &value))
		assert_string_equal(name, want[i++]);
	assert_int_equal(i, 4);
	assert_string_equal(value.path, "doc.b");
	struct json nothing = { 0 };
	cursor = NULL;
	assert_false(json_next_member(&nothing, &cursor, &name, &value));
}

static void
strings_are_the_decoded_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(doc) doc = parse("[\"\\u20ac\\ud83d\\ude00\\n\\/\",\"\"]");
	struct json at = json_item(&doc.top, 0);
	struct span text;
	const char *cstr;

	assert_int_equal(json_as_string(&at, &text, NULL), NOTAR_OK);
	assert_true(span_is(text, "\xe2\x82\xac\xf0\x9f\x98\x80\n/"));
	assert_int_equal(json_as_cstr(&at, &cstr, NULL), NOTAR_OK);
	assert_string_equal(cstr, "\xe2\x82\xac\xf0\x9f\x98\x80\n/");
	at = json_item(&doc.top, 1);
	assert_int_equal(json_as_string(&at, &text, NULL), NOTAR_OK);
	assert_int_equal(text.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_strict_json_is_refused),
		cmocka_unit_test(duplicate_names_are_refused_at_any_depth_and_in_any_spelling),
		cmocka_unit_test(nul_is_refused_in_strings_names_and_between_values),
		cmocka_unit_test(broken_utf8_and_lone_surrogates_are_refused),
		cmocka_unit_test(depth_up_to_the_limit_is_read_and_one_more_is_over_it),
		cmocka_unit_test(brackets_in_strings_do_not_count_as_depth),
		cmocka_unit_test(a_document_over_the_cap_is_not_looked_at),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(messages_name_the_path_of_what_is_wrong),
		cmocka_unit_test(a_member_may_be_read_into_its_own_object),
		cmocka_unit_test(paths_and_names_too_long_are_cut_and_hostile_ones_made_harmless),
		cmocka_unit_test(
			absent_and_null_are_the_same_for_optional_and_missing_for_required),
		cmocka_unit_test(members_of_what_is_no_object_are_an_error),
		cmocka_unit_test(only_the_named_members_are_let_through),
		cmocka_unit_test(every_type_is_refused_where_another_is_asked_for),
		cmocka_unit_test(integers_keep_their_range_and_their_kind),
		cmocka_unit_test(numbers_that_fit_nowhere_are_refused),
		cmocka_unit_test(arrays_over_their_bound_are_a_limit),
		cmocka_unit_test(members_come_in_the_order_of_the_document),
		cmocka_unit_test(strings_are_the_decoded_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
