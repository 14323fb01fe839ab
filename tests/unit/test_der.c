/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/der.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BYTES(...)                                                                                 \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ },                                          \
			sizeof((const uint8_t[]){ __VA_ARGS__ }) })

static enum notar_code
take(struct span der, enum der_tag tag, struct span *out)
{
	struct reader r = { .rest = der };
	*out = der_take(&r, tag);
	return der_finish(&r, "value", NULL);
}

static enum notar_code
take_unsigned(struct span der, struct span *out)
{
	struct reader r = { .rest = der };
	*out = der_take_unsigned(&r);
	return der_finish(&r, "number", NULL);
}

static void
a_value_is_taken_without_its_header(void **state)
{
	(void)state;
	struct span out;

	assert_int_equal(take(BYTES(0x04, 2, 7, 8), DER_OCTET_STRING, &out), NOTAR_OK);
	assert_true(span_equal(out, BYTES(7, 8)));
	assert_int_equal(take(BYTES(0x30, 0), DER_SEQUENCE, &out), NOTAR_OK);
	assert_int_equal(out.len, 0);
}

static void
other_tags_lengths_and_leftovers_are_refused(void **state)
{
	(void)state;
	static const uint8_t bad[][7] = {
		{ 1, 0 },                   /* (size, bytes...): another tag */
		{ 1, 0x04 },                /* no length */
		{ 2, 0x04, 1 },             /* no contents */
		{ 3, 0x04, 0x80, 0 },       /* indefinite */
		{ 4, 0x04, 0x81, 1, 9 },    /* long form of a short length */
		{ 5, 0x04, 0x82, 0, 1, 9 }, /* a zero in front of the length */
		{ 3, 0x04, 0xff, 1 },       /* 127 bytes of length */
		{ 4, 0x04, 1, 9, 9 },       /* one byte left over */
		{ 6, 0x04, 0x84, 0xff, 0xff, 0xff, 0xff },
	};
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct span out;
		struct span der = span_of(bad[i] + 1, bad[i][0]);
		assert_int_equal(take(der, DER_OCTET_STRING, &out), NOTAR_E_FORMAT);
	}
}

static void
unsigned_integers_have_one_spelling(void **state)
{
	(void)state;
	struct span out;

	assert_int_equal(take_unsigned(BYTES(2, 1, 0), &out), NOTAR_OK);
	assert_true(span_equal(out, BYTES(0)));
	assert_int_equal(take_unsigned(BYTES(2, 2, 0, 0x80), &out), NOTAR_OK);
	assert_true(span_equal(out, BYTES(0x80)));
	assert_int_equal(take_unsigned(BYTES(2, 0), &out), NOTAR_E_FORMAT);
	assert_int_equal(take_unsigned(BYTES(2, 1, 0x80), &out), NOTAR_E_FORMAT);
	assert_int_equal(take_unsigned(BYTES(2, 2, 0, 0x7f), &out), NOTAR_E_FORMAT);
	assert_int_equal(take_unsigned(BYTES(2, 2, 0, 0), &out), NOTAR_E_FORMAT);
}

static void
numbers_above_the_bound_fail(void **state)
{
	(void)state;
	struct reader r = { .rest = BYTES(2, 1, 5) };
	assert_int_equal(der_take_number(&r, 5), 5);
	assert_false(r.failed);
	r = (struct reader){ .rest = BYTES(2, 1, 6) };
	assert_int_equal(der_take_number(&r, 5), 0);
	assert_true(r.failed);
	r = (struct reader){ .rest = BYTES(2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0) };
	assert_int_equal(der_take_number(&r, UINT64_MAX), 0);
	assert_true(r.failed);
}

static void
bit_strings_with_unused_bits_fail(void **state)
{
	(void)state;
	struct reader r = { .rest = BYTES(3, 2, 0, 5) };
	assert_true(span_equal(der_take_bits(&r), BYTES(5)));
	r = (struct reader){ .rest = BYTES(3, 2, 1, 4) };
	(void)der_take_bits(&r);
	assert_true(r.failed);
	r = (struct reader){ .rest = BYTES(3, 0) };
	(void)der_take_bits(&r);
	assert_true(r.failed);
}

static void
a_failed_reader_gives_failed_children(void **state)
{
	(void)state;
	struct reader r = { .rest = BYTES(0x04, 0) };
	struct reader child = der_enter(&r, DER_SEQUENCE);

	assert_true(r.failed);
	assert_int_equal(der_finish(&child, "child", NULL), NOTAR_E_FORMAT);
	assert_false(der_next_is(&r, DER_OCTET_STRING));
}

static void
what_is_written_is_read_back_at_every_length_of_length(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
	for (size_t i = 0; i < NOTAR_COUNT(sizes); i++) {
		NOTAR_AUTO_OF(buf) contents = { 0 };
		NOTAR_AUTO_OF(buf) der = { 0 };
		struct span out;

		for (size_t n = 0; n < sizes[i]; n++)
			buf_append_byte(&contents, (uint8_t)n);
		der_put(&der, DER_OCTET_STRING, buf_span(&contents));
		assert_int_equal(der.len, der_size(sizes[i]));
		assert_int_equal(take(buf_span(&der), DER_OCTET_STRING, &out), NOTAR_OK);
		assert_true(span_equal(out, buf_span(&contents)));
	}
}

static void
written_numbers_get_their_sign_byte(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) der = { 0 };

	der_put_unsigned(&der, BYTES(0x80));
	der_put_unsigned(&der, BYTES(0x7f));
	assert_true(span_equal(buf_span(&der), BYTES(2, 2, 0, 0x80, 2, 1, 0x7f)));
	assert_int_equal(der_unsigned_size(BYTES(0x80)), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_taken_without_its_header),
		cmocka_unit_test(other_tags_lengths_and_leftovers_are_refused),
		cmocka_unit_test(unsigned_integers_have_one_spelling),
		cmocka_unit_test(numbers_above_the_bound_fail),
		cmocka_unit_test(bit_strings_with_unused_bits_fail),
		cmocka_unit_test(a_failed_reader_gives_failed_children),
		cmocka_unit_test(what_is_written_is_read_back_at_every_length_of_length),
		cmocka_unit_test(written_numbers_get_their_sign_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
