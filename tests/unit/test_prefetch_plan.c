/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/prefetch_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sync/revocation_interest.h"

#define NOW INT64_C(1800000000)
#define DAY (24 * 3600)

static void
an_answer_is_due_in_the_last_quarter_of_its_life(void **state)
{
	static const int64_t lives[] = { 8, 60, 3600, DAY, 7 * DAY, 3650L * DAY };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(lives); i++) {
		int64_t first = prefetch_due_s(NOW, NOW + lives[i], 0) - NOW;
		int64_t last = prefetch_due_s(NOW, NOW + lives[i], UINT16_MAX) - NOW;

		assert_true(first >= lives[i] * 3 / 4 && first <= last);
		assert_true(last <= lives[i] * 7 / 8 || last == PREFETCH_LEAST_S);
		assert_true(last < lives[i]);
	}
}

static void
certificates_are_spread(void **state)
{
	(void)state;
	assert_int_equal(prefetch_due_s(NOW, NOW + 8 * DAY, 0), NOW + 6 * DAY);
	assert_int_equal(prefetch_due_s(NOW, NOW + 8 * DAY, UINT16_MAX), NOW + 7 * DAY);
	assert_in_range(prefetch_due_s(NOW, NOW + 8 * DAY, UINT16_MAX / 2), NOW + 6 * DAY + 1,
			NOW + 7 * DAY - 1);
}

/* As long as a responder gives the same answer; and not once a second to the end. */
static void
the_same_answer_is_asked_for_a_few_times_only(void **state)
{
	int64_t checked = NOW, next = NOW + 7 * DAY;
	unsigned askings = 0;

	(void)state;
	while ((checked = prefetch_due_s(checked, next, 0)) < next)
		askings++;
	assert_in_range(askings, 1, 12);
}

static void
what_never_runs_out_is_never_due(void **state)
{
	(void)state;
	assert_true(prefetch_due_s(NOW, 0, 0) == INT64_MAX);
	assert_true(prefetch_due_s(INT64_MAX, INT64_MAX, UINT16_MAX) == INT64_MAX);
}

static void
odd_times_do_not_overflow(void **state)
{
	(void)state;
	assert_true(prefetch_due_s(NOW, INT64_MAX, UINT16_MAX) > NOW);
	assert_true(prefetch_due_s(0, INT64_MAX, UINT16_MAX) > 0);
	/* It had run out when it came, or a clock went back. */
	assert_int_equal(prefetch_due_s(NOW, NOW - 1, 0), NOW + PREFETCH_LEAST_S);
	assert_int_equal(prefetch_due_s(NOW, NOW, UINT16_MAX), NOW + PREFETCH_LEAST_S);
	assert_int_equal(prefetch_due_s(NOW, 1, 0), NOW + PREFETCH_LEAST_S);
}

static void
nobody_is_asked_twice_at_once(void **state)
{
	(void)state;
	for (int64_t life = 1; life < 6; life++)
		assert_int_equal(prefetch_due_s(NOW, NOW + life, 0), NOW + PREFETCH_LEAST_S);
}

static void
interest_ends_after_two_weeks(void **state)
{
	(void)state;
	assert_true(prefetch_is_wanted(NOW, NOW));
	assert_true(prefetch_is_wanted(NOW - PREFETCH_WANTED_S, NOW));
	assert_false(prefetch_is_wanted(NOW - PREFETCH_WANTED_S - 1, NOW));
	assert_false(prefetch_is_wanted(0, NOW));
	assert_true(prefetch_is_wanted(NOW + DAY, NOW)); /* a clock went back */
}

static void
id_of(uint8_t first, uint8_t last, uint8_t out[FACT_ID_BYTES])
{
	memset(out, 0, FACT_ID_BYTES);
	out[1] = first;
	out[FACT_ID_BYTES - 1] = last;
}

static int64_t
wait_of(const struct prefetch_failures *failures, const uint8_t *id, int64_t now_s)
{
	int64_t wait = 0;

	while (!prefetch_may_ask(failures, id, now_s + wait))
		wait++;
	return wait;
}

static void
each_failure_doubles_the_wait_up_to_a_bound(void **state)
{
	struct prefetch_failures *failures = calloc(1, sizeof(*failures));
	uint8_t id[FACT_ID_BYTES];
	int64_t expected = PREFETCH_LEAST_S;

	(void)state;
	id_of(1, 1, id);
	assert_non_null(failures);
	assert_true(prefetch_may_ask(failures, id, 0));
	for (int i = 0; i < 100; i++) {
		prefetch_note_failure(failures, id, 1000);
		assert_int_equal(wait_of(failures, id, 1000), expected);
		expected = expected * 2 < PREFETCH_MOST_BACK_OFF_S ? expected * 2 :
								     PREFETCH_MOST_BACK_OFF_S;
	}
	free(failures);
}

static void
a_success_ends_the_doubling_and_still_does_not_ask_at_once(void **state)
{
	struct prefetch_failures *failures = calloc(1, sizeof(*failures));
	uint8_t id[FACT_ID_BYTES];

	(void)state;
	id_of(1, 1, id);
	assert_non_null(failures);
	for (int i = 0; i < 5; i++)
		prefetch_note_failure(failures, id, 1000);
	prefetch_note_success(failures, id, 1000);
	assert_int_equal(wait_of(failures, id, 1000), PREFETCH_LEAST_S);
	prefetch_note_failure(failures, id, 1000);
	assert_int_equal(wait_of(failures, id, 1000), PREFETCH_LEAST_S);
	free(failures);
}

static void
others_do_not_wait_for_who_failed(void **state)
{
	struct prefetch_failures *failures = calloc(1, sizeof(*failures));
	uint8_t failed[FACT_ID_BYTES], elsewhere[FACT_ID_BYTES], beside[FACT_ID_BYTES];

	(void)state;
	assert_non_null(failures);
	id_of(1, 1, failed);
	id_of(2, 1, elsewhere);
	id_of(1, 2, beside); /* in the same place */
	prefetch_note_failure(failures, failed, 1000);
	assert_false(prefetch_may_ask(failures, failed, 1000));
	assert_true(prefetch_may_ask(failures, elsewhere, 1000));
	assert_true(prefetch_may_ask(failures, beside, 1000));
	prefetch_forgive(failures, beside);
	assert_false(prefetch_may_ask(failures, failed, 1000));
	prefetch_forgive(failures, failed);
	assert_true(prefetch_may_ask(failures, failed, 1000));
	free(failures);
}

static void
interest_is_kept_to_the_hour_and_is_nobodys_when_there_is_none(void **state)
{
	struct revocation_interest *interest = calloc(1, sizeof(*interest));
	uint8_t one[FACT_ID_BYTES], other[FACT_ID_BYTES];

	(void)state;
	assert_non_null(interest);
	id_of(1, 1, one);
	id_of(2, 1, other);
	assert_int_equal(revocation_interest_last_s(interest, one), 0);
	revocation_interest_note(NULL, one, NOW);
	revocation_interest_note(interest, one, NOW);
	assert_in_range(revocation_interest_last_s(interest, one), NOW - 3600, NOW);
	assert_int_equal(revocation_interest_last_s(interest, other), 0);
	free(interest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_due_in_the_last_quarter_of_its_life),
		cmocka_unit_test(certificates_are_spread),
		cmocka_unit_test(the_same_answer_is_asked_for_a_few_times_only),
		cmocka_unit_test(what_never_runs_out_is_never_due),
		cmocka_unit_test(odd_times_do_not_overflow),
		cmocka_unit_test(nobody_is_asked_twice_at_once),
		cmocka_unit_test(interest_ends_after_two_weeks),
		cmocka_unit_test(each_failure_doubles_the_wait_up_to_a_bound),
		cmocka_unit_test(a_success_ends_the_doubling_and_still_does_not_ask_at_once),
		cmocka_unit_test(others_do_not_wait_for_who_failed),
		cmocka_unit_test(interest_is_kept_to_the_hour_and_is_nobodys_when_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
