/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cbor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/limits.h"

struct row {
	const char *hex, *why;
};

static struct buf
unhex(const char *hex)
{
	struct buf bytes = { 0 };
	size_t len = strlen(hex) / 2;

	assert_int_equal(hex_decode(span_str(hex), buf_extend(&bytes, len), len, hex, NULL),
			 NOTAR_OK);
	return bytes;
}

/* One item and nothing behind it. */
static bool
is_item(struct span bytes)
{
	struct reader r = { .rest = bytes };
	struct span item = cbor_skip(&r);

	assert_true(!r.failed || item.ptr == NULL);
	return !r.failed && r.rest.len == 0 && span_equal(item, bytes);
}

static void
every_kind_of_item_that_cose_may_use_is_stepped_over_whole(void **state)
{
	(void)state;
	static const struct row good[] = {
		{ "00", "0" },
		{ "17", "the last number in the head itself" },
		{ "1818", "the first number behind the head" },
		{ "190100", "two bytes" },
		{ "1a00010000", "four bytes" },
		{ "1b0000000100000000", "eight bytes" },
		{ "1b7fffffffffffffff", "the largest" },
		{ "20", "-1" },
		{ "3b7fffffffffffffff", "the smallest" },
		{ "40", "no bytes" },
		{ "43010203", "bytes" },
		{ "60", "no text" },
		{ "6161", "text" },
		{ "63e282ac", "text outside of ASCII" },
		{ "80", "an empty array" },
		{ "8201820203", "an array in an array" },
		{ "a0", "an empty map" },
		{ "a201020304", "a map" },
		{ "a20102613102", "a number and a text that look alike are different keys" },
		{ "c11a65000000", "a time" },
		{ "f4", "false" },
		{ "f5", "true" },
		{ "f6", "null" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO_OF(buf) bytes = unhex(good[i].hex);

		if (!is_item(buf_span(&bytes)))
			fail_msg("%s: %s", good[i].hex, good[i].why);
	}
}

static void
each_malformed_item_is_refused(void **state)
{
	(void)state;
	static const struct row bad[] = {
		{ "1800", "0 in two bytes" },
		{ "1817", "23 in two bytes" },
		{ "1900ff", "255 in three bytes" },
		{ "1a0000ffff", "65535 in five bytes" },
		{ "1b00000000ffffffff", "2^32-1 in nine bytes" },
		{ "3817", "-24 in two bytes" },
		{ "580100", "a length of 1 in two bytes" },
		{ "780161", "a text's length in two bytes" },
		{ "980100", "an array's count in two bytes" },
		{ "b8010203", "a map's count in two bytes" },
		{ "d8011a65000000", "tag 1 in two bytes" },
		{ "1b8000000000000000", "over int64" },
		{ "1bffffffffffffffff", "the largest of CBOR" },
		{ "3b8000000000000000", "below int64" },
		{ "1c", "a reserved head, 28" },
		{ "1d", "a reserved head, 29" },
		{ "1e", "a reserved head, 30" },
		{ "1f", "an indefinite number" },
		{ "3f", "an indefinite negative number" },
		{ "5f4101ff", "bytes of indefinite length" },
		{ "7f6161ff", "a text of indefinite length" },
		{ "9fff", "an array of indefinite length" },
		{ "9f01ff", "an array of indefinite length with an item" },
		{ "bfff", "a map of indefinite length" },
		{ "bf0102ff", "a map of indefinite length with a pair" },
		{ "ff", "an end without a beginning" },
		{ "81ff", "an end as an item" },
		{ "a201020103", "a key twice" },
		{ "a2616101616102", "a text as a key twice" },
		{ "81a2c100f4c100f5", "a tagged key twice, one level down" },
		{ "a3f401f502f403", "a key twice with another between" },
		{ "a1a20000000000", "a key twice inside a key" },
		{ "c074323031332d30332d32315432303a30343a30305a", "tag 0, a time as text" },
		{ "c24101", "tag 2, a big number" },
		{ "d2f6", "tag 18 anywhere but outside" },
		{ "d9d9f700", "tag 55799, itself" },
		{ "81d82a4100", "a tag of others in an array" },
		{ "c1", "a tag of nothing" },
		{ "f90000", "a half float" },
		{ "fa00000000", "a float" },
		{ "fb0000000000000000", "a double" },
		{ "f7", "undefined" },
		{ "e0", "a simple value without a meaning" },
		{ "f820", "a simple value in two bytes" },
		{ "f814", "false in two bytes" },
		{ "", "nothing" },
		{ "18", "a head cut off" },
		{ "1901", "a head of two bytes cut off" },
		{ "1a010000", "a head of four bytes cut off" },
		{ "1b01000000000000", "a head of eight bytes cut off" },
		{ "41", "a byte that is not there" },
		{ "5affffffff00", "4 GiB of bytes" },
		{ "5b7fffffffffffffff00", "as many bytes as int64 can say" },
		{ "5bffffffffffffffff00", "so many bytes that a sum would overflow" },
		{ "61", "a text that is not there" },
		{ "7bffffffffffffffff61", "a text without an end" },
		{ "81", "an item that is not there" },
		{ "8201", "the second item is not there" },
		{ "9affffffff00", "4 G items" },
		{ "9bffffffffffffffff00", "as many items as CBOR can say" },
		{ "a1", "a pair that is not there" },
		{ "a101", "a key without its value" },
		{ "baffffffff0000", "4 G pairs" },
		{ "bb80000000000000010000", "a count of pairs that overflows when doubled" },
		{ "61ff", "a text that is no UTF-8" },
		{ "61c3", "a text that ends within a character" },
		{ "62c080", "an overlong NUL" },
		{ "63eda080", "half of a surrogate pair" },
		{ "a161ff00", "a key that is no UTF-8" },
		{ "0000", "a second item behind the first" },
		{ "a000", "something behind a map" },
		{ "40f6", "something behind bytes" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) bytes = unhex(bad[i].hex);

		if (is_item(buf_span(&bytes)))
			fail_msg("%s: %s", bad[i].hex, bad[i].why);
	}
}

static void
every_truncation_of_an_item_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf)
	whole = unhex("a4012602816161190100c11a6500000063e282ac8243010203a1206162");

	assert_true(is_item(buf_span(&whole)));
	for (size_t len = 0; len < whole.len; len++)
		assert_false(is_item(span_of(whole.ptr, len)));
}

/* Arrays, maps and tags around a number, depth items in all. */
static bool
nests(const char *layer, size_t depth)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 }, one = unhex(layer);

	for (size_t i = 1; i < depth; i++)
		buf_append_span(&bytes, buf_span(&one));
	buf_append_byte(&bytes, 0);
	return is_item(buf_span(&bytes));
}

static void
items_nest_to_the_limit_and_no_deeper(void **state)
{
	(void)state;
	static const char *const layers[] = { "81", "a100", "c1" };

	for (size_t i = 0; i < NOTAR_COUNT(layers); i++) {
		assert_true(nests(layers[i], LIMIT_CBOR_DEPTH));
		assert_false(nests(layers[i], LIMIT_CBOR_DEPTH + 1));
		assert_false(nests(layers[i], 100000));
	}
}

static bool
is_map_of(size_t count)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };

	cbor_put_head(&bytes, CBOR_MAP, count);
	for (size_t i = 0; i < count; i++) {
		cbor_put_int(&bytes, (int64_t)i);
		cbor_put_int(&bytes, 0);
	}
	return is_item(buf_span(&bytes));
}

static void
maps_have_at_most_as_many_pairs_as_the_limit_says(void **state)
{
	(void)state;
	assert_true(is_map_of(LIMIT_CBOR_ENTRIES));
	assert_false(is_map_of(LIMIT_CBOR_ENTRIES + 1));
	assert_false(is_map_of(5000));
}

static bool
int_is(const char *hex, int64_t value)
{
	NOTAR_AUTO_OF(buf) bytes = unhex(hex);
	struct reader r = { .rest = buf_span(&bytes) };

	return cbor_int(&r) == value && !r.failed && r.rest.len == 0;
}

static void
numbers_of_either_sign_are_read_to_the_ends_of_int64(void **state)
{
	(void)state;
	assert_true(int_is("00", 0));
	assert_true(int_is("20", -1));
	assert_true(int_is("3824", -37));
	assert_true(int_is("1b7fffffffffffffff", INT64_MAX));
	assert_true(int_is("3b7fffffffffffffff", INT64_MIN));
	assert_false(int_is("3b8000000000000000", INT64_MAX));
}

/* Which of the getters takes the item; as letters. */
static const char *
takers(const char *hex, char out[8])
{
	NOTAR_AUTO_OF(buf) bytes = unhex(hex);
	struct reader r[6];
	size_t len = 0;

	for (size_t i = 0; i < NOTAR_COUNT(r); i++)
		r[i] = (struct reader){ .rest = buf_span(&bytes) };
	(void)cbor_int(&r[0]);
	(void)cbor_bytes(&r[1]);
	(void)cbor_text(&r[2]);
	(void)cbor_array(&r[3]);
	(void)cbor_map(&r[4]);
	(void)cbor_tag(&r[5]);
	for (size_t i = 0; i < NOTAR_COUNT(r); i++)
		if (!r[i].failed)
			out[len++] = "ibtamg"[i];
	out[len] = '\0';
	return out;
}

static void
a_getter_takes_its_own_type_and_no_other(void **state)
{
	(void)state;
	char found[8];

	assert_string_equal(takers("01", found), "i");
	assert_string_equal(takers("20", found), "i");
	assert_string_equal(takers("4161", found), "b");
	assert_string_equal(takers("6161", found), "t");
	assert_string_equal(takers("8100", found), "a");
	assert_string_equal(takers("a10000", found), "m");
	assert_string_equal(takers("c100", found), "g");
	assert_string_equal(takers("f6", found), "");
	assert_string_equal(takers("", found), "");
	assert_string_equal(takers("9f", found), "");
}

static void
the_first_bad_read_sticks_and_later_ones_give_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) bytes = unhex("6161054101820102a1000000");
	struct reader r = { .rest = buf_span(&bytes) };

	assert_int_equal(cbor_next(&r), CBOR_TEXT);
	assert_int_equal(cbor_int(&r), 0);
	assert_true(r.failed);
	assert_int_equal(cbor_next(&r), 7);
	assert_int_equal(cbor_int(&r), 0);
	assert_null(cbor_text(&r).ptr);
	assert_null(cbor_bytes(&r).ptr);
	assert_int_equal(cbor_array(&r), 0);
	assert_int_equal(cbor_map(&r), 0);
	assert_int_equal(cbor_tag(&r), 0);
	assert_null(cbor_skip(&r).ptr);
}

static void
what_is_written_has_the_shortest_heads(void **state)
{
	(void)state;
	static const struct {
		uint64_t number;
		const char *hex; /* as the head of bytes */
	} heads[] = {
		{ 0, "40" },
		{ 23, "57" },
		{ 24, "5818" },
		{ 255, "58ff" },
		{ 256, "590100" },
		{ 65535, "59ffff" },
		{ 65536, "5a00010000" },
		{ UINT32_MAX, "5affffffff" },
		{ 1ULL << 32, "5b0000000100000000" },
		{ UINT64_MAX, "5bffffffffffffffff" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(heads); i++) {
		NOTAR_AUTO_OF(buf) out = { 0 }, want = unhex(heads[i].hex);

		cbor_put_head(&out, CBOR_BYTES, heads[i].number);
		assert_true(span_equal(buf_span(&out), buf_span(&want)));
	}
}

static void
what_is_written_reads_as_it_was_meant(void **state)
{
	(void)state;
	static const int64_t numbers[] = { INT64_MIN, -257, -256, -25,  -24,
					   -1,        0,    23,   1000, INT64_MAX };

	for (size_t i = 0; i < NOTAR_COUNT(numbers); i++) {
		NOTAR_AUTO_OF(buf) out = { 0 };
		struct reader r;

		cbor_put_int(&out, numbers[i]);
		cbor_put_text(&out, "a text");
		cbor_put_bytes(&out, span_of("\0\1", 2));
		r = (struct reader){ .rest = buf_span(&out) };
		assert_int_equal(cbor_int(&r), numbers[i]);
		assert_true(span_is(cbor_text(&r), "a text"));
		assert_true(span_equal(cbor_bytes(&r), span_of("\0\1", 2)));
		assert_int_equal(reader_finish(&r, "items", NULL), NOTAR_OK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_item_that_cose_may_use_is_stepped_over_whole),
		cmocka_unit_test(each_malformed_item_is_refused),
		cmocka_unit_test(every_truncation_of_an_item_is_refused),
		cmocka_unit_test(items_nest_to_the_limit_and_no_deeper),
		cmocka_unit_test(maps_have_at_most_as_many_pairs_as_the_limit_says),
		cmocka_unit_test(numbers_of_either_sign_are_read_to_the_ends_of_int64),
		cmocka_unit_test(a_getter_takes_its_own_type_and_no_other),
		cmocka_unit_test(the_first_bad_read_sticks_and_later_ones_give_nothing),
		cmocka_unit_test(what_is_written_has_the_shortest_heads),
		cmocka_unit_test(what_is_written_reads_as_it_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
