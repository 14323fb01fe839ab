/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int
setup(void **state)
{
	static const char text[] = "{\"s\":\"text\",\"e\":\"\",\"i\":5,\"b\":true,\"n\":null}";
	static struct json top;
	struct json_t *root = NULL;

	if (json_parse(span_str(text), (struct json_limits){ 1000, 4 }, "doc", &root, &top, NULL) !=
	    NOTAR_OK)
		return -1;
	*state = &top;
	return 0;
}

static int
teardown(void **state)
{
	const struct json *top = *state;

	json_root_free(top->value);
	return 0;
}

static void
members_of_the_right_type_are_given(void **state)
{
	const struct json *top = *state;
	struct span text;
	int64_t number;
	bool flag;

	assert_int_equal(json_member_string(top, "s", &text, NULL), NOTAR_OK);
	assert_true(span_is(text, "text"));
	assert_int_equal(json_optional_string(top, "s", &text, NULL), NOTAR_OK);
	assert_true(span_is(text, "text"));
	assert_int_equal(json_member_int(top, "i", 0, 9, &number, NULL), NOTAR_OK);
	assert_int_equal(number, 5);
	assert_int_equal(json_optional_int(top, "i", 0, 9, 3, &number, NULL), NOTAR_OK);
	assert_int_equal(number, 5);
	assert_int_equal(json_optional_bool(top, "b", false, &flag, NULL), NOTAR_OK);
	assert_true(flag);
}

static void
absent_and_null_members_give_the_fallback(void **state)
{
	const struct json *top = *state;
	static const char *const names[] = { "n", "x" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		struct span text = span_str("old");
		int64_t number = 0;
		bool flag = false;
		assert_int_equal(json_optional_string(top, names[i], &text, NULL), NOTAR_OK);
		assert_null(text.ptr);
		assert_int_equal(text.len, 0);
		assert_int_equal(json_optional_int(top, names[i], 0, 9, -7, &number, NULL),
				 NOTAR_OK);
		assert_int_equal(number, -7);
		assert_int_equal(json_optional_bool(top, names[i], true, &flag, NULL), NOTAR_OK);
		assert_true(flag);
	}
}

static void
an_empty_string_is_not_an_absent_one(void **state)
{
	const struct json *top = *state;
	struct span text = { 0 };

	assert_int_equal(json_optional_string(top, "e", &text, NULL), NOTAR_OK);
	assert_non_null(text.ptr);
	assert_int_equal(text.len, 0);
}

static void
required_members_that_are_absent_or_null_are_missing(void **state)
{
	const struct json *top = *state;
	struct notar_error err = { 0 };
	struct span text;
	int64_t number;

	assert_int_equal(json_member_string(top, "x", &text, &err), NOTAR_E_FORMAT);
	assert_string_equal(err.msg, "doc.x: missing");
	assert_int_equal(json_member_string(top, "n", &text, &err), NOTAR_E_FORMAT);
	assert_int_equal(json_member_int(top, "n", 0, 9, &number, &err), NOTAR_E_FORMAT);
}

static void
members_of_another_type_or_range_are_refused_even_when_optional(void **state)
{
	const struct json *top = *state;
	struct notar_error err = { 0 };
	struct span text = span_str("old");
	int64_t number = 77;
	bool flag = true;

	assert_int_equal(json_optional_string(top, "i", &text, &err), NOTAR_E_FORMAT);
	assert_string_equal(err.msg, "doc.i: not a string");
	assert_int_equal(json_member_string(top, "b", &text, &err), NOTAR_E_FORMAT);
	assert_int_equal(json_optional_int(top, "s", 0, 9, 0, &number, &err), NOTAR_E_FORMAT);
	assert_int_equal(json_optional_int(top, "i", 6, 9, 0, &number, &err), NOTAR_E_FORMAT);
	assert_int_equal(json_member_int(top, "i", 0, 4, &number, &err), NOTAR_E_FORMAT);
	assert_int_equal(json_optional_bool(top, "i", false, &flag, &err), NOTAR_E_FORMAT);
	assert_int_equal(json_optional_bool(top, "s", false, &flag, &err), NOTAR_E_FORMAT);
	assert_true(span_is(text, "old") && number == 77 && flag);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_of_the_right_type_are_given),
		cmocka_unit_test(absent_and_null_members_give_the_fallback),
		cmocka_unit_test(an_empty_string_is_not_an_absent_one),
		cmocka_unit_test(required_members_that_are_absent_or_null_are_missing),
		cmocka_unit_test(members_of_another_type_or_range_are_refused_even_when_optional),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
