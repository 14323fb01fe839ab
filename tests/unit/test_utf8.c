/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t
next(const char *text, uint32_t *code)
{
	return utf8_next(span_str(text), code);
}

static void
the_first_and_last_character_of_each_length_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t len;
		uint32_t code;
	} rows[] = {
		{ "\x01", 1, 1 },
		{ "\x7f", 1, 0x7f },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code = 0;
		assert_int_equal(next(rows[i].text, &code), rows[i].len);
		assert_int_equal(code, rows[i].code);
		for (size_t cut = 0; cut < rows[i].len; cut++)
			assert_int_equal(utf8_next(span_of(rows[i].text, cut), &code), 0);
	}
}

static void
overlong_forms_surrogates_and_stray_bytes_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\x80",             /* continuation first */
		"\xbf",             /* the same, last */
		"\xc0\xaf",         /* overlong slash */
		"\xc1\xbf",         /* overlong */
		"\xe0\x9f\xbf",     /* overlong */
		"\xed\xa0\x80",     /* first surrogate */
		"\xed\xbf\xbf",     /* last surrogate */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xf4\x90\x80\x80", /* past the last character */
		"\xf5\x80\x80\x80", /* no such first byte */
		"\xff",             /* no such first byte */
		"\xc2\x41",         /* no continuation */
		"\xe2\x82\x41",     /* no second continuation */
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t code = 0;
		assert_int_equal(next(bad[i], &code), 0);
	}
}

static void
what_moves_a_cursor_or_reorders_text_is_not_shown(void **state)
{
	(void)state;
	static const uint32_t hidden[] = { 0,      '\n',   0x1b,   0x7f,   0x80,   0x9b,
					   0x9f,   0x061c, 0x200e, 0x200f, 0x2028, 0x2029,
					   0x202e, 0x2066, 0x2069, 0xfeff };
	static const uint32_t shown[] = { ' ', '~', 0xa0, 0x20ac, 0x2027, 0x202f, 0x206a, 0x1f600 };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		assert_false(utf8_is_shown(hidden[i]));
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		assert_true(utf8_is_shown(shown[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_and_last_character_of_each_length_are_read),
		cmocka_unit_test(overlong_forms_surrogates_and_stray_bytes_are_refused),
		cmocka_unit_test(what_moves_a_cursor_or_reorders_text_is_not_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
