/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef enum notar_code
decode_call(struct span text, struct buf *out, const char *what, struct notar_error *err);

struct pair {
	const char *bytes;
	const char *text;
};

/* RFC 4648 section 10, and one pair that needs both odd letters. */
static const struct pair vectors[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xef\xff", "++//" },
};

static void
assert_refused(decode_call *decode, const char *text, size_t len)
{
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct notar_error err = { 0 };

	buf_append_str(&out, "before");
	if (decode(span_of(text, len), &out, "field", &err) != NOTAR_E_FORMAT)
		fail_msg("accepted \"%.*s\"", (int)len, text);
	assert_string_equal(buf_cstr(&out), "before");
	assert_non_null(strstr(err.msg, "field"));
}

static void
assert_decodes(decode_call *decode, const char *text, const char *bytes)
{
	NOTAR_AUTO_OF(buf) out = { 0 };

	assert_int_equal(decode(span_str(text), &out, "field", NULL), NOTAR_OK);
	assert_string_equal(buf_cstr(&out), bytes);
}

static void
hex_is_lower_case_both_ways(void **state)
{
	(void)state;
	const uint8_t bytes[] = { 0x00, 0x9f, 0xa0, 0xff };
	uint8_t back[4];
	char text[9];

	assert_string_equal(hex_encode(span_of(bytes, 4), text), "009fa0ff");
	assert_int_equal(hex_decode(span_str(text), back, 4, "id", NULL), NOTAR_OK);
	assert_memory_equal(bytes, back, 4);
	assert_string_equal(hex_encode((struct span){ 0 }, text), "");
	assert_int_equal(hex_decode((struct span){ 0 }, back, 0, "id", NULL), NOTAR_OK);
}

static void
hex_of_another_length_case_or_alphabet_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "",         "0",         "00112",      "001122",
					   "0011223",  "001122334", "0011223344", "001122AA",
					   "0011220g", " 0112233",  "0x112233",   "001122 3",
					   "00:11:22", "+0112233" };

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		uint8_t out[4] = { 7, 7, 7, 7 };
		struct notar_error err = { 0 };
		assert_int_equal(hex_decode(span_str(bad[i]), out, 4, "id", &err), NOTAR_E_FORMAT);
		assert_non_null(strstr(err.msg, "id"));
		assert_int_equal(out[0], 7);
	}
}

static void
every_byte_that_is_no_lower_case_digit_is_refused_as_hex(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		const uint8_t text[2] = { '0', (uint8_t)c };
		bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		uint8_t out;
		assert_true((hex_decode(span_of(text, 2), &out, 1, "x", NULL) == NOTAR_OK) == good);
	}
}

static void
base64_matches_the_vectors_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(vectors); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		base64_append(&text, span_str(vectors[i].bytes));
		assert_string_equal(buf_cstr(&text), vectors[i].text);
		assert_decodes(base64_decode, vectors[i].text, vectors[i].bytes);
		assert_decodes(base64_decode_lenient, vectors[i].text, vectors[i].bytes);
	}
}

static void
base64_has_one_spelling(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"Zg",       /* no padding */
		"Zg=",      /* half of it */
		"Zg===",    /* too much */
		"Zm9v=",    /* needless */
		"Zm9v====", /* needless */
		"=",        /* only padding */
		"====",     /* only padding */
		"Zh==",     /* trailing bits */
		"Zm9=",     /* trailing bits */
		"Z",        /* six bits */
		"Zg==Zg==", /* padding inside */
		"Zg==Zg",   /* bytes behind the padding */
		"--__",     /* URL alphabet */
		"Zm9v\n",   /* line break */
		"Zm\n9v",   /* line break */
		" Zm9v",    /* white space */
		"Zm9v ",    /* white space */
		"Zm9v\tYg==", "Zm!v", "Zm9v,",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(base64_decode, bad[i], strlen(bad[i]));
	assert_refused(base64_decode, "Zm9\0", 4);
	assert_refused(base64_decode, "Zm9v\0", 5);
}

/* libsodium 1.0.18 reads 0xfc as a letter. */
static void
every_byte_outside_the_alphabet_is_refused_as_base64(void **state)
{
	(void)state;
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";

	for (unsigned c = 0; c < 256; c++) {
		for (size_t at = 0; at < 3; at++) {
			NOTAR_AUTO_OF(buf) out = { 0 };
			uint8_t text[4] = { 'A', 'A', 'A', 'A' };
			text[at] = (uint8_t)c;
			bool good = c != 0 && strchr(letters, (int)c) != NULL;
			assert_true((base64_decode(span_of(text, 4), &out, "x", NULL) ==
				     NOTAR_OK) == good);
		}
	}
}

static void
lenient_base64_takes_either_alphabet_and_no_padding(void **state)
{
	(void)state;
	assert_decodes(base64_decode_lenient, "--__", "\xfb\xef\xff");
	assert_decodes(base64_decode_lenient, "++//", "\xfb\xef\xff");
	assert_decodes(base64_decode_lenient, "Zg", "f");
	assert_decodes(base64_decode_lenient, "Zg==", "f");
	assert_decodes(base64_decode_lenient, "-_8", "\xfb\xff");
	assert_decodes(base64_decode_lenient, "-_8=", "\xfb\xff");
}

static void
lenient_base64_is_still_strict_about_everything_else(void **state)
{
	(void)state;
	static const char *const bad[] = { "+-/_", "+_8=", "Zg=",  "Zg===",  "Zh",    "Zh==",
					   "Z",    "=",    "====", "Zm9v\n", "Zm 9v", "Zm9v=" };

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(base64_decode_lenient, bad[i], strlen(bad[i]));
}

static void
base64url_is_unpadded_and_has_one_spelling(void **state)
{
	(void)state;
	static const char *const bad[] = { "Zg==", "++//", "Zh", "Z", "Zm9v\n", "Zm9v=", "=" };
	NOTAR_AUTO_OF(buf) text = { 0 };

	base64url_append(&text, span_str("\xfb\xff"
					 "f"));
	base64url_append(&text, span_str("\xfb\xff"));
	assert_string_equal(buf_cstr(&text), "-_9m-_8");
	assert_decodes(base64url_decode, "-_9m-_8",
		       "\xfb\xff"
		       "f\xfb\xff");
	assert_decodes(base64url_decode, "", "");
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(base64url_decode, bad[i], strlen(bad[i]));
}

static void
all_lengths_and_byte_values_survive_the_round_trip(void **state)
{
	(void)state;
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO_OF(buf) back = { 0 };
		base64_append(&text, span_of(bytes, len));
		assert_int_equal(base64_decode(buf_span(&text), &back, "x", NULL), NOTAR_OK);
		assert_true(span_equal(buf_span(&back), span_of(bytes, len)));
	}
}

static void
an_output_that_is_too_small_is_a_limit_and_stays_as_it_was(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) out = { .cap = 2 };

	assert_int_equal(base64_decode(span_str("Zm9v"), &out, "x", NULL), NOTAR_E_LIMIT);
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_lower_case_both_ways),
		cmocka_unit_test(hex_of_another_length_case_or_alphabet_is_refused),
		cmocka_unit_test(every_byte_that_is_no_lower_case_digit_is_refused_as_hex),
		cmocka_unit_test(base64_matches_the_vectors_of_the_rfc),
		cmocka_unit_test(base64_has_one_spelling),
		cmocka_unit_test(every_byte_outside_the_alphabet_is_refused_as_base64),
		cmocka_unit_test(lenient_base64_takes_either_alphabet_and_no_padding),
		cmocka_unit_test(lenient_base64_is_still_strict_about_everything_else),
		cmocka_unit_test(base64url_is_unpadded_and_has_one_spelling),
		cmocka_unit_test(all_lengths_and_byte_values_survive_the_round_trip),
		cmocka_unit_test(an_output_that_is_too_small_is_a_limit_and_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
