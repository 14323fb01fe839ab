/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reason.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
every_reason_has_a_number_of_its_own(void **state)
{
	(void)state;
	bool seen[256] = { true };

	for (int r = 0; r < NOTAR_REASON_COUNT; r++) {
		uint8_t number = reason_to_disk((enum notar_reason)r);

		assert_false(seen[number]);
		seen[number] = true;
		assert_int_equal(reason_from_disk(number), r);
	}
}

static void
a_number_that_nobody_gave_out_is_no_reason(void **state)
{
	(void)state;
	assert_int_equal(reason_from_disk(0), NOTAR_REASON_COUNT);
	for (unsigned number = NOTAR_REASON_COUNT + 1; number < 256; number++)
		assert_int_equal(reason_from_disk((uint8_t)number), NOTAR_REASON_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_number_of_its_own),
		cmocka_unit_test(a_number_that_nobody_gave_out_is_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
