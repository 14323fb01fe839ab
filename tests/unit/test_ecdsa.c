/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/ecdsa.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BYTES(...)                                                                                 \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ },                                          \
			sizeof((const uint8_t[]){ __VA_ARGS__ }) })
#define SIZE 2 /* small numbers show the edges */

static void
every_raw_pair_survives_the_way_through_der(void **state)
{
	(void)state;
	static const uint8_t pairs[][2 * SIZE] = {
		{ 0, 1, 0, 1 },
		{ 0, 0x80, 0x7f, 0xff },
		{ 0xff, 0xff, 0x80, 0 },
		{ 1, 0, 0, 0xff },
	};
	for (size_t i = 0; i < NOTAR_COUNT(pairs); i++) {
		NOTAR_AUTO_OF(buf) der = { 0 };
		uint8_t raw[ECDSA_RAW_MAX];
		struct span in = span_of(pairs[i], sizeof(pairs[i]));

		assert_int_equal(ecdsa_der_from_raw(in, SIZE, &der, NULL), NOTAR_OK);
		assert_int_equal(ecdsa_raw_from_der(buf_span(&der), SIZE, raw, NULL), NOTAR_OK);
		assert_memory_equal(raw, pairs[i], sizeof(pairs[i]));
	}
}

static void
der_with_any_other_spelling_is_refused(void **state)
{
	(void)state;
	const struct span bad[] = {
		{ 0 },
		BYTES(0x30, 0),
		BYTES(0x30, 3, 2, 1, 1),                   /* one number */
		BYTES(0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1), /* three */
		BYTES(0x30, 0x81, 6, 2, 1, 1, 2, 1, 1),    /* long length */
		BYTES(0x30, 7, 2, 2, 0, 1, 2, 1, 1),       /* padded r */
		BYTES(0x30, 7, 2, 1, 1, 2, 2, 0, 1),       /* padded s */
		BYTES(0x30, 6, 2, 1, 0xff, 2, 1, 1),       /* negative r */
		BYTES(0x30, 6, 2, 1, 0, 2, 1, 1),          /* r is 0 */
		BYTES(0x30, 6, 2, 1, 1, 2, 1, 0),          /* s is 0 */
		BYTES(0x30, 8, 2, 3, 1, 0, 0, 2, 1, 1),    /* r too large */
		BYTES(0x30, 6, 2, 1, 1, 2, 1, 1, 0),       /* a byte behind */
		BYTES(0x30, 7, 2, 1, 1, 2, 1, 1, 0),       /* a byte inside */
		BYTES(0x31, 6, 2, 1, 1, 2, 1, 1),          /* a SET */
		BYTES(0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0), /* BER */
		BYTES(0, 1, 0, 1),                         /* raw */
	};
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		uint8_t raw[ECDSA_RAW_MAX];
		assert_int_equal(ecdsa_raw_from_der(bad[i], SIZE, raw, NULL), NOTAR_E_SIGNATURE);
	}
}

static void
raw_of_another_size_or_with_a_zero_is_refused(void **state)
{
	(void)state;
	const struct span bad[] = {
		{ 0 },
		BYTES(0, 1, 0),
		BYTES(0, 1, 0, 1, 0),
		BYTES(0, 0, 0, 1),
		BYTES(0, 1, 0, 0),
		BYTES(0x30, 6, 2, 1, 1, 2, 1, 1),
	};
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) der = { 0 };
		assert_int_equal(ecdsa_der_from_raw(bad[i], SIZE, &der, NULL), NOTAR_E_SIGNATURE);
		assert_int_equal(der.len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_raw_pair_survives_the_way_through_der),
		cmocka_unit_test(der_with_any_other_spelling_is_refused),
		cmocka_unit_test(raw_of_another_size_or_with_a_zero_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
