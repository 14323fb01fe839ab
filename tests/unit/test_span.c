/* SPDX-License-Identifier: Apache-2.0 */
#include "base/span.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
spans_compare_by_content_and_empty_ones_are_equal(void **state)
{
	(void)state;
	assert_true(span_equal((struct span){ 0 }, span_of("x", 0)));
	assert_true(span_is(span_of("abcd", 3), "abc"));
	assert_false(span_is(span_of("abcd", 4), "abc"));
	assert_false(span_is(span_of("ab\0", 3), "ab"));
	assert_true(span_is(span_str(NULL), ""));
	assert_true(span_starts_with(span_str("abc"), "ab"));
	assert_false(span_starts_with(span_str("a"), "ab"));
}

static void
a_part_from_past_the_end_is_empty(void **state)
{
	(void)state;
	assert_true(span_is(span_from(span_str("abc"), 1), "bc"));
	assert_int_equal(span_from(span_str("abc"), 3).len, 0);
	assert_int_equal(span_from(span_str("abc"), SIZE_MAX).len, 0);
	assert_int_equal(span_find(span_str("abc"), 'c'), 2);
	assert_int_equal(span_find(span_str("abc"), 'x'), 3);
	assert_int_equal(span_find((struct span){ 0 }, 'x'), 0);
}

static void
the_first_read_past_the_end_fails_the_reader_for_good(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	struct reader r = { .rest = span_str("abc") };

	assert_int_equal(reader_be(&r, 2), 0x6162);
	assert_int_equal(reader_take(&r, 2).len, 0);
	assert_int_equal(reader_take(&r, 1).len, 0);
	assert_int_equal(reader_be(&r, 1), 0);
	assert_int_equal(reader_finish(&r, "thing", &err), NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "thing"));
}

static void
bytes_left_over_are_an_error(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	struct reader r = { .rest = span_str("abc") };

	(void)reader_take(&r, 1);
	assert_int_equal(reader_finish(&r, "thing", &err), NOTAR_E_FORMAT);
	assert_non_null(strstr(err.msg, "2 bytes"));
	(void)reader_take(&r, 2);
	assert_int_equal(reader_finish(&r, "thing", &err), NOTAR_OK);
}

static void
huge_lengths_do_not_wrap_around(void **state)
{
	(void)state;
	struct reader r = { .rest = span_str("abc") };

	assert_int_equal(reader_take(&r, SIZE_MAX).len, 0);
	assert_true(r.failed);
}

static void
integers_are_big_endian_up_to_eight_bytes(void **state)
{
	(void)state;
	const uint8_t bytes[] = { 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88 };
	struct reader r = { .rest = span_of(bytes, sizeof(bytes)) };

	assert_true(reader_be(&r, 8) == 0xffeeddccbbaa9988);
	assert_int_equal(reader_finish(&r, "number", NULL), NOTAR_OK);
}

static void
a_copy_ends_in_nul_and_text_with_a_nul_inside_is_refused(void **state)
{
	(void)state;
	char *copy = span_dup(span_of("abcd", 3));

	assert_string_equal(copy, "abc");
	free(copy);
	copy = span_dup((struct span){ 0 });
	assert_string_equal(copy, "");
	free(copy);
	assert_null(span_dup(span_of("a\0b", 3)));
	assert_null(span_dup(span_of("a\0", 2)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_compare_by_content_and_empty_ones_are_equal),
		cmocka_unit_test(a_part_from_past_the_end_is_empty),
		cmocka_unit_test(the_first_read_past_the_end_fails_the_reader_for_good),
		cmocka_unit_test(bytes_left_over_are_an_error),
		cmocka_unit_test(huge_lengths_do_not_wrap_around),
		cmocka_unit_test(integers_are_big_endian_up_to_eight_bytes),
		cmocka_unit_test(a_copy_ends_in_nul_and_text_with_a_nul_inside_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
