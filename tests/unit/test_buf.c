/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
appends_of_every_kind_follow_each_other(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	buf_append(&b, "ab", 2);
	buf_append_span(&b, (struct span){ 0 });
	buf_append_str(&b, "cd");
	buf_append_byte(&b, 'e');
	buf_append_be(&b, 0x1234466768, 3);
	buf_printf(&b, "%d-%s", 7, "x");
	assert_string_equal(buf_cstr(&b), "abcdeFgh7-x");
	assert_int_equal(buf_finish(&b, "text", NULL), NOTAR_OK);
}

static void
what_fits_the_cap_exactly_fits_and_one_more_byte_sticks(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { .cap = 4 };
	struct notar_error err = { 0 };

	buf_append_str(&b, "abcd");
	assert_string_equal(buf_cstr(&b), "abcd");
	buf_append_byte(&b, 'e');
	assert_int_equal(b.len, 4);
	b.len = 0;
	buf_append_byte(&b, 'e'); /* would fit, but an append was lost before */
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_finish(&b, "thing", &err), NOTAR_E_LIMIT);
	assert_non_null(strstr(err.msg, "thing"));
	assert_non_null(strstr(err.msg, "4 bytes"));
	assert_null(buf_cstr(&b));
	assert_null(buf_take_cstr(&b));
}

static void
printing_over_the_cap_writes_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { .cap = 4 };

	buf_printf(&b, "%s", "abcde");
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_finish(&b, "thing", NULL), NOTAR_E_LIMIT);
}

static void
lengths_that_would_wrap_around_are_over_the_limit(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { .cap = SIZE_MAX };

	buf_append_byte(&b, 'a');
	assert_null(buf_extend(&b, SIZE_MAX));
	assert_int_equal(b.failed, NOTAR_E_LIMIT);
	buf_clear(&b);
	buf_append_byte(&b, 'a');
	assert_null(buf_extend(&b, SIZE_MAX - 1));
	assert_int_equal(b.failed, NOTAR_E_LIMIT);
}

static void
memory_that_cannot_be_had_is_an_error_that_says_so(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { .cap = SIZE_MAX };
	struct notar_error err = { 0 };

	/* No address space is that large. Sanitizers end the process instead: not asked there. */
#ifndef __SANITIZE_ADDRESS__
	assert_null(buf_extend(&b, SIZE_MAX / 2));
	assert_int_equal(buf_finish(&b, "thing", &err), NOTAR_E_NOMEM);
	assert_non_null(strstr(err.msg, "thing"));
#endif
	assert_int_equal(b.len, 0);
	(void)err;
}

static void
the_default_cap_holds(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	assert_null(buf_extend(&b, (size_t)BUF_DEFAULT_CAP + 1));
	assert_int_equal(b.failed, NOTAR_E_LIMIT);
}

static void
clearing_keeps_the_cap_and_forgets_the_failure(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { .cap = 2 };

	buf_append_str(&b, "abc");
	buf_clear(&b);
	buf_append_str(&b, "ab");
	assert_string_equal(buf_cstr(&b), "ab");
	buf_append_str(&b, "c");
	assert_int_equal(b.failed, NOTAR_E_LIMIT);
}

static void
cutting_never_makes_it_longer(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	buf_append_str(&b, "abc");
	buf_cut(&b, 5);
	assert_int_equal(b.len, 3);
	buf_cut(&b, 1);
	assert_string_equal(buf_cstr(&b), "a");
}

static void
a_taken_text_is_the_callers_and_the_buffer_starts_anew(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	buf_append_str(&b, "abc");
	char *text = buf_take_cstr(&b);
	assert_string_equal(text, "abc");
	assert_int_equal(b.len, 0);
	buf_append_str(&b, "x");
	assert_string_equal(text, "abc");
	free(text);
	assert_string_equal(buf_cstr(&b), "x");
}

static void
an_empty_buffer_is_an_empty_text(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	assert_string_equal(buf_cstr(&b), "");
	assert_int_equal(buf_finish(&b, "thing", NULL), NOTAR_OK);
}

static void
many_small_appends_keep_all_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };

	for (size_t i = 0; i < 5000; i++)
		buf_append_byte(&b, (uint8_t)i);
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(b.ptr[i], (uint8_t)i);
	assert_int_equal(b.len, 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_of_every_kind_follow_each_other),
		cmocka_unit_test(what_fits_the_cap_exactly_fits_and_one_more_byte_sticks),
		cmocka_unit_test(printing_over_the_cap_writes_nothing),
		cmocka_unit_test(lengths_that_would_wrap_around_are_over_the_limit),
		cmocka_unit_test(memory_that_cannot_be_had_is_an_error_that_says_so),
		cmocka_unit_test(the_default_cap_holds),
		cmocka_unit_test(clearing_keeps_the_cap_and_forgets_the_failure),
		cmocka_unit_test(cutting_never_makes_it_longer),
		cmocka_unit_test(a_taken_text_is_the_callers_and_the_buffer_starts_anew),
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(many_small_appends_keep_all_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
