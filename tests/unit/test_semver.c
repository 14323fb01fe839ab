/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/semver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/own.h"

static void
versions_are_versions(void **state)
{
	static const char *const good[] = {
		"0.0.0",
		"1.2.3",
		"10.20.30",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-0.3.7",
		"1.0.0-x-y-z.--",
		"1.0.0-0a",
		"1.0.0+001",
		"1.0.0-rc.1+exp.sha-5114f85",
		"99999999999999999999999.0.0",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(good); i++)
		if (!semver_is_valid(span_str(good[i])))
			fail_msg("refused: %s", good[i]);
}

static void
what_is_nearly_a_version_is_none(void **state)
{
	static const char *const bad[] = {
		"",           "1",
		"1.2",        "1.2.",
		".1.2",       "1..2",
		"1.2.3.4",    "v1.2.3",
		"01.2.3",     "1.02.3",
		"1.2.03",     "1.2.x",
		"-1.2.3",     "+1.2.3",
		" 1.2.3",     "1.2.3 ",
		"1.2.3-",     "1.2.3+",
		"1.2.3-+b",   "1.2.3-a..b",
		"1.2.3-01",   "1.2.3-a.01",
		"1.2.3-a_b",  "1.2.3+a+b",
		"1.2.3+a..b", "1.2.3-\xc3\xa4",
		"latest",     "1,2,3",
		"1.2.3\n",    "1.2.-3",
	};
	char long_one[SEMVER_MAX_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		if (semver_is_valid(span_str(bad[i])))
			fail_msg("accepted: %s", bad[i]);
	assert_false(semver_is_valid(span_of("1.2.3\0", 6)));
	memset(long_one, '1', sizeof(long_one));
	memcpy(long_one, "1.2.3-", 6);
	assert_true(semver_is_valid(span_of(long_one, SEMVER_MAX_BYTES)));
	assert_false(semver_is_valid(span_of(long_one, SEMVER_MAX_BYTES + 1)));
}

/* The specification's own example, with more of the kind. */
static void
each_version_comes_before_all_behind_it(void **state)
{
	static const char *const order[] = {
		"0.0.0",
		"0.0.1",
		"0.9.0",
		"0.10.0",
		"1.0.0--",
		"1.0.0-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha.beta",
		"1.0.0-beta",
		"1.0.0-beta.2",
		"1.0.0-beta.11",
		"1.0.0-rc.1",
		"1.0.0",
		"1.2.3",
		"1.10.0",
		"2.0.0",
		"9.0.0",
		"10.0.0",
		"99999999999999999999.0.0",
		"100000000000000000000.0.0",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(order); i++)
		for (size_t k = 0; k < NOTAR_COUNT(order); k++) {
			int got = semver_compare(span_str(order[i]), span_str(order[k]));
			int want = (i > k) - (i < k);

			if ((got > 0) - (got < 0) != want)
				fail_msg("%s against %s: %d", order[i], order[k], got);
		}
}

static void
numbers_come_before_words_and_builds_do_not_count(void **state)
{
	(void)state;
	assert_true(semver_compare(span_str("1.0.0-99"), span_str("1.0.0-a")) < 0);
	assert_true(semver_compare(span_str("1.0.0-a.9"), span_str("1.0.0-a.a")) < 0);
	assert_int_equal(semver_compare(span_str("1.0.0+a"), span_str("1.0.0+b")), 0);
	assert_int_equal(semver_compare(span_str("1.0.0-a+a"), span_str("1.0.0-a")), 0);
	assert_true(semver_compare(span_str("1.0.0-a+z"), span_str("1.0.0+a")) < 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_versions),
		cmocka_unit_test(what_is_nearly_a_version_is_none),
		cmocka_unit_test(each_version_comes_before_all_behind_it),
		cmocka_unit_test(numbers_come_before_words_and_builds_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
