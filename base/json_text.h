/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <endian.h>

#include "base/span.h"

/* What base/json_check.c and base/json_pull.c both know of JSON's text. */

static inline bool
json_is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/*
 * The first byte from p on that cannot simply stand in a string: a quote, a backslash, a control
 * character, or one beyond ASCII; end when there is none. Eight bytes at a time: a byte below
 * 0x80 borrows from no other before the first hit, so the lowest hit is a true one.
 */
static inline const uint8_t *
json_plain(const uint8_t *p, const uint8_t *end)
{
	const uint64_t ones = 0x0101010101010101U;

	for (; end - p >= 8; p += 8) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		word = le64toh(word);
		uint64_t hit = (word - ones * 0x20) | ((word ^ ones * '"') - ones) |
			       ((word ^ ones * '\\') - ones) | word;

		hit &= ones * 0x80;
		if (hit != 0)
			return p + __builtin_ctzll(hit) / 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* The value of four hexadecimal digits, or -1. */
int json_hex4(const uint8_t *p);

/* The bytes that a checked string stands for; raw is what is between its quotes. out has room for
 * raw.len, which is never too little. Returns how many. */
size_t json_unescape(struct span raw, uint8_t *out);

/* A number's text, whole and by the grammar: fits into what jansson keeps numbers in. */
bool json_number_fits(struct span number, bool is_real);

#endif
