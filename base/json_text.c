/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
json_hex4(const uint8_t *p)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t c = p[i];
		int digit = c >= '0' && c <= '9' ? c - '0' :
			    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			    c >= 'A' && c <= 'F' ? c - 'A' + 10 :
						   -1;

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static size_t
put_code_point(uint32_t c, uint8_t *out)
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

static uint8_t
simple_escape(uint8_t c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

size_t
json_unescape(struct span raw, uint8_t *out)
{
	const uint8_t *p = raw.ptr, *end = raw.ptr + raw.len;
	size_t len = 0;

	while (p < end) {
		const uint8_t *escape = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((escape == NULL ? end : escape) - p);

		memcpy(out + len, p, plain);
		len += plain;
		p += plain;
		if (p == end)
			break;
		if (p[1] != 'u') {
			out[len++] = simple_escape(p[1]);
			p += 2;
			continue;
		}
		uint32_t c = (uint32_t)json_hex4(p + 2);

		p += 6;
		if (c >= 0xd800 && c < 0xdc00) {
			c = 0x10000 + ((c & 0x3ff) << 10 | ((uint32_t)json_hex4(p + 2) & 0x3ff));
			p += 6;
		}
		len += put_code_point(c, out + len);
	}
	return len;
}

static bool
integer_fits(struct span number)
{
	static const char positive[] = "9223372036854775807", negative[] = "9223372036854775808";
	const char *most = number.ptr[0] == '-' ? negative : positive;
	struct span digits = number.ptr[0] == '-' ? span_from(number, 1) : number;

	if (digits.len != sizeof(positive) - 1)
		return digits.len < sizeof(positive) - 1;
	return memcmp(digits.ptr, most, digits.len) <= 0;
}

bool
json_number_fits(struct span number, bool is_real)
{
	if (!is_real)
		return integer_fits(number);
	char *text = span_dup(number);
	double value = text == NULL ? HUGE_VAL : strtod(text, NULL);

	free(text);
	return value < HUGE_VAL && value > -HUGE_VAL;
}
