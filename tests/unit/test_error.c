/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
failing_fills_the_error_and_returns_the_code(void **state)
{
	(void)state;
	struct notar_error err = { 0 };

	assert_int_equal(notar_fail(&err, NOTAR_E_LIMIT, "%s: %d", "x", 3), NOTAR_E_LIMIT);
	assert_int_equal(err.code, NOTAR_E_LIMIT);
	assert_string_equal(err.msg, "x: 3");
	assert_int_equal(notar_fail(NULL, NOTAR_E_IO, "nobody asks"), NOTAR_E_IO);
}

static void
a_failure_never_reads_as_success(void **state)
{
	(void)state;
	struct notar_error err = { 0 };

	assert_int_equal(notar_fail(&err, NOTAR_OK, "what"), NOTAR_E_INTERNAL);
	assert_int_equal(err.code, NOTAR_E_INTERNAL);
	assert_int_equal(notar_fail(NULL, NOTAR_OK, "what"), NOTAR_E_INTERNAL);
	assert_int_equal(notar_fail(NULL, (enum notar_code)999, "what"), NOTAR_E_INTERNAL);
	err = (struct notar_error){ 0 };
	assert_int_equal(notar_context(&err, "nothing failed"), NOTAR_E_INTERNAL);
	assert_int_equal(notar_context(NULL, "nobody asks"), NOTAR_E_INTERNAL);
}

static void
context_goes_in_front_and_keeps_the_code(void **state)
{
	(void)state;
	struct notar_error err = { 0 };

	(void)!notar_fail(&err, NOTAR_E_NET, "refused");
	assert_int_equal(notar_context(&err, "fetching %s", "a/b"), NOTAR_E_NET);
	assert_string_equal(err.msg, "fetching a/b: refused");
}

static void
the_old_message_may_be_an_argument_of_the_new_one(void **state)
{
	(void)state;
	struct notar_error err = { 0 };

	(void)!notar_fail(&err, NOTAR_E_NET, "refused");
	(void)!notar_fail(&err, NOTAR_E_IO, "[%s]", err.msg);
	assert_string_equal(err.msg, "[refused]");
	(void)!notar_context(&err, "<%s>", err.msg);
	assert_string_equal(err.msg, "<[refused]>: [refused]");
}

static void
what_a_terminal_would_obey_is_replaced(void **state)
{
	(void)state;
	struct notar_error err = { 0 };

	(void)!notar_fail(&err, NOTAR_E_NET, "%s", "a\nb\r\t\x1b[31m\x7f");
	assert_string_equal(err.msg, "a?b???[31m?");
	/* C1 CSI and the right-to-left override, as UTF-8 */
	(void)!notar_fail(&err, NOTAR_E_NET, "%s",
			  "a\xc2\x9b"
			  "b\xe2\x80\xae"
			  "c");
	assert_string_equal(err.msg, "a??b???c");
	(void)!notar_context(&err, "%s", "\n");
	assert_string_equal(err.msg, "?: a??b???c");
}

static void
well_formed_utf8_stays_and_broken_utf8_is_replaced(void **state)
{
	(void)state;
	struct notar_error err = { 0 };

	(void)!notar_fail(&err, NOTAR_E_NET, "%s", "\xe2\x82\xac \xff \xc3");
	assert_string_equal(err.msg, "\xe2\x82\xac ? ?");
}

static void
a_long_message_is_cut_at_the_end_of_the_buffer(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	char text[1000];

	memset(text, 'x', sizeof(text));
	text[sizeof(err.msg) - 2] = '\xc3'; /* a character that the cut halves */
	text[sizeof(err.msg) - 1] = '\xa9';
	text[sizeof(text) - 1] = '\0';
	(void)!notar_fail(&err, NOTAR_E_NET, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_int_equal(err.msg[sizeof(err.msg) - 2], '?');
	(void)!notar_context(&err, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void
every_code_has_a_name_of_its_own_and_statuses_in_range(void **state)
{
	(void)state;
	for (int i = NOTAR_OK; i <= NOTAR_E_LAST; i++) {
		enum notar_code code = (enum notar_code)i;
		assert_non_null(notar_code_name(code));
		assert_in_range(notar_code_exit(code), 0, 3);
		assert_in_range(notar_code_http(code), 200, 599);
		assert_true((notar_code_exit(code) == 0) == (code == NOTAR_OK));
		assert_true((notar_code_http(code) == 200) == (code == NOTAR_OK));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(notar_code_name(code),
						notar_code_name((enum notar_code)k));
	}
	assert_string_equal(notar_code_name(NOTAR_E_NOT_FOUND), "not_found");
}

static void
the_operators_mistakes_exit_2_and_what_could_not_be_decided_3(void **state)
{
	(void)state;
	assert_int_equal(notar_code_exit(NOTAR_E_USAGE), 2);
	assert_int_equal(notar_code_exit(NOTAR_E_CONFIG), 2);
	assert_int_equal(notar_code_exit(NOTAR_E_SIGNATURE), 1);
	assert_int_equal(notar_code_exit(NOTAR_E_DIGEST), 1);
	assert_int_equal(notar_code_exit(NOTAR_E_NET), 3);
	assert_int_equal(notar_code_exit(NOTAR_E_THROTTLED), 3);
	assert_int_equal(notar_code_exit(NOTAR_E_TIMEOUT), 3);
	assert_int_equal(notar_code_exit(NOTAR_E_STORE), 3);
}

static void
an_unknown_code_reads_as_internal(void **state)
{
	(void)state;
	assert_string_equal(notar_code_name((enum notar_code)999), "internal");
	assert_int_equal(notar_code_exit((enum notar_code)999), 3);
	assert_int_equal(notar_code_http((enum notar_code) - 1), 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failing_fills_the_error_and_returns_the_code),
		cmocka_unit_test(a_failure_never_reads_as_success),
		cmocka_unit_test(context_goes_in_front_and_keeps_the_code),
		cmocka_unit_test(the_old_message_may_be_an_argument_of_the_new_one),
		cmocka_unit_test(what_a_terminal_would_obey_is_replaced),
		cmocka_unit_test(well_formed_utf8_stays_and_broken_utf8_is_replaced),
		cmocka_unit_test(a_long_message_is_cut_at_the_end_of_the_buffer),
		cmocka_unit_test(every_code_has_a_name_of_its_own_and_statuses_in_range),
		cmocka_unit_test(the_operators_mistakes_exit_2_and_what_could_not_be_decided_3),
		cmocka_unit_test(an_unknown_code_reads_as_internal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
