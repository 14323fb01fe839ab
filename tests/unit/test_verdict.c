/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/verdict.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
zeroed_memory_denies(void **state)
{
	(void)state;
	assert_int_equal(NOTAR_DENY, 0);
	assert_int_equal(notar_verdict_exit((enum notar_verdict)0), 1);
	assert_int_equal(notar_reason_verdict((enum notar_reason)0), NOTAR_DENY);
}

static void
verdicts_have_their_names_and_exit_statuses(void **state)
{
	(void)state;
	assert_string_equal(notar_verdict_name(NOTAR_ALLOW), "allow");
	assert_string_equal(notar_verdict_name(NOTAR_DENY), "deny");
	assert_string_equal(notar_verdict_name(NOTAR_UNDETERMINED), "undetermined");
	assert_int_equal(notar_verdict_exit(NOTAR_ALLOW), 0);
	assert_int_equal(notar_verdict_exit(NOTAR_UNDETERMINED), 3);
}

static void
a_verdict_from_nowhere_denies(void **state)
{
	(void)state;
	assert_string_equal(notar_verdict_name((enum notar_verdict)77), "deny");
	assert_int_equal(notar_verdict_exit((enum notar_verdict)77), 1);
}

static void
every_reason_is_found_again_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < NOTAR_REASON_COUNT; i++) {
		enum notar_reason reason = (enum notar_reason)i;
		assert_int_equal(notar_reason_from_name(notar_reason_name(reason)), reason);
		assert_true(strlen(notar_reason_meaning(reason)) > 0);
	}
}

static void
only_two_reasons_allow(void **state)
{
	(void)state;
	for (int i = 0; i < NOTAR_REASON_COUNT; i++) {
		enum notar_reason reason = (enum notar_reason)i;
		bool allows = reason == NOTAR_REASON_TRUSTED || reason == NOTAR_REASON_EXEMPT;
		assert_true((notar_reason_verdict(reason) == NOTAR_ALLOW) == allows);
	}
}

static void
other_names_are_no_reason(void **state)
{
	(void)state;
	assert_int_equal(notar_reason_from_name(""), NOTAR_REASON_COUNT);
	assert_int_equal(notar_reason_from_name("Trusted"), NOTAR_REASON_COUNT);
	assert_int_equal(notar_reason_from_name("trusted "), NOTAR_REASON_COUNT);
	assert_int_equal(notar_reason_from_name(NULL), NOTAR_REASON_COUNT);
}

static void
a_reason_from_nowhere_is_undetermined(void **state)
{
	(void)state;
	assert_string_equal(notar_reason_name(NOTAR_REASON_COUNT), "internal");
	assert_int_equal(notar_reason_verdict((enum notar_reason) - 1), NOTAR_UNDETERMINED);
}

static void
no_failed_call_reads_as_unsigned_or_allows(void **state)
{
	(void)state;
	for (int i = 0; i <= NOTAR_E_LAST; i++) {
		enum notar_reason reason = notar_reason_of_code((enum notar_code)i);
		assert_int_not_equal(reason, NOTAR_REASON_UNSIGNED);
		assert_int_not_equal(notar_reason_verdict(reason), NOTAR_ALLOW);
	}
}

static void
what_failed_behind_us_is_undetermined(void **state)
{
	(void)state;
	static const enum notar_code codes[] = {
		NOTAR_E_AUTH,  NOTAR_E_NET, NOTAR_E_THROTTLED, NOTAR_E_TIMEOUT,
		NOTAR_E_STORE, NOTAR_E_IO,  NOTAR_E_NOMEM,     NOTAR_E_INTERNAL,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(notar_reason_verdict(notar_reason_of_code(codes[i])),
				 NOTAR_UNDETERMINED);
	assert_int_equal(notar_reason_of_code(NOTAR_E_NET), NOTAR_REASON_REGISTRY_UNREACHABLE);
	assert_int_equal(notar_reason_of_code(NOTAR_E_DIGEST), NOTAR_REASON_DIGEST_MISMATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_memory_denies),
		cmocka_unit_test(verdicts_have_their_names_and_exit_statuses),
		cmocka_unit_test(a_verdict_from_nowhere_denies),
		cmocka_unit_test(every_reason_is_found_again_by_its_name),
		cmocka_unit_test(only_two_reasons_allow),
		cmocka_unit_test(other_names_are_no_reason),
		cmocka_unit_test(a_reason_from_nowhere_is_undetermined),
		cmocka_unit_test(no_failed_call_reads_as_unsigned_or_allows),
		cmocka_unit_test(what_failed_behind_us_is_undetermined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
