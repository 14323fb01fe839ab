/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"

#include <sodium.h>

/* libsodium's conversions take the same time for any content, so keys may pass here. */

const char *
hex_encode(struct span bytes, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.len; i++) {
		out[2 * i] = digits[bytes.ptr[i] >> 4];
		out[2 * i + 1] = digits[bytes.ptr[i] & 15];
	}
	out[2 * bytes.len] = '\0';
	return out;
}

/* One more than the digit's value, so that everything else is 0. A table, because digits are
 * random and a branch on each is guessed wrong every other time. */
static const uint8_t hex_digits[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

enum notar_code
hex_decode(struct span text, uint8_t *out, size_t out_len, const char *what,
	   struct notar_error *err)
{
	if (text.len / 2 != out_len || text.len % 2 != 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not %zu hexadecimal digits", what,
				  2 * out_len);
	for (size_t i = 0; i < text.len; i++) {
		if (hex_digits[text.ptr[i]] == 0)
			return notar_fail(err, NOTAR_E_FORMAT,
					  "%s: no lower-case hexadecimal digit at offset %zu", what,
					  i);
	}
	for (size_t i = 0; i < out_len; i++)
		out[i] = (uint8_t)((hex_digits[text.ptr[2 * i]] - 1) << 4 |
				   (hex_digits[text.ptr[2 * i + 1]] - 1));
	return NOTAR_OK;
}

static void
append_variant(struct buf *out, struct span bytes, int variant)
{
	if (bytes.len == 0)
		return;
	if (bytes.len > SIZE_MAX / 4) {
		out->failed = NOTAR_E_LIMIT;
		return;
	}
	size_t len = sodium_base64_encoded_len(bytes.len, variant) - 1;
	uint8_t *at = buf_extend(out, len);
	if (at != NULL)
		(void)sodium_bin2base64((char *)at, len + 1, bytes.ptr, bytes.len, variant);
}

/* libsodium 1.0.18 takes some bytes above 0x7f for letters of the alphabet. */
static bool
is_ascii(struct span text)
{
	uint8_t all = 0;

	for (size_t i = 0; i < text.len; i++)
		all |= text.ptr[i];
	return all < 0x80;
}

static enum notar_code
decode_variant(struct span text, int variant, struct buf *out, const char *what,
	       struct notar_error *err)
{
	size_t start = out->len;
	size_t room = text.len / 4 * 3 + 3;
	size_t len = 0;
	uint8_t *at = buf_extend(out, room);

	if (at == NULL)
		return buf_finish(out, what, err);
	bool bad = text.len > 0 &&
		   (!is_ascii(text) || sodium_base642bin(at, room, (const char *)text.ptr, text.len,
							 NULL, &len, NULL, variant) != 0);
	buf_cut(out, bad ? start : start + len);
	if (bad)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not canonical base64", what);
	return NOTAR_OK;
}

void
base64_append(struct buf *out, struct span bytes)
{
	append_variant(out, bytes, sodium_base64_VARIANT_ORIGINAL);
}

enum notar_code
base64_decode(struct span text, struct buf *out, const char *what, struct notar_error *err)
{
	return decode_variant(text, sodium_base64_VARIANT_ORIGINAL, out, what, err);
}

enum notar_code
base64_decode_lenient(struct span text, struct buf *out, const char *what, struct notar_error *err)
{
	bool is_url = span_find(text, '-') < text.len || span_find(text, '_') < text.len;
	bool is_padded = text.len > 0 && text.ptr[text.len - 1] == '=';
	int variant = is_padded ? sodium_base64_VARIANT_ORIGINAL :
				  sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

	if (is_url)
		variant = is_padded ? sodium_base64_VARIANT_URLSAFE :
				      sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	return decode_variant(text, variant, out, what, err);
}

void
base64url_append(struct buf *out, struct span bytes)
{
	append_variant(out, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

enum notar_code
base64url_decode(struct span text, struct buf *out, const char *what, struct notar_error *err)
{
	return decode_variant(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING, out, what, err);
}
