/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/der.h"

/* Four bytes of length reach past every cap of base/limits.h. */
#define LENGTH_BYTES_MAX 4U

static size_t
take_length(struct reader *r)
{
	uint64_t first = reader_be(r, 1);
	if (first < 0x80)
		return (size_t)first;

	size_t n = (size_t)(first & 0x7f);
	if (n == 0 || n > LENGTH_BYTES_MAX) {
		r->failed = true; /* indefinite, or larger than anything we read */
		return 0;
	}
	uint64_t len = reader_be(r, n);
	if (len < 0x80 || len >> (8 * (n - 1)) == 0)
		r->failed = true; /* a shorter form exists */
	return (size_t)len;
}

struct span
der_take(struct reader *r, enum der_tag tag)
{
	if (reader_be(r, 1) != (uint64_t)tag)
		r->failed = true;
	return reader_take(r, take_length(r));
}

struct reader
der_enter(struct reader *r, enum der_tag tag)
{
	struct span contents = der_take(r, tag);
	return (struct reader){ .rest = contents, .failed = r->failed };
}

struct span
der_take_unsigned(struct reader *r)
{
	struct span number = der_take(r, DER_INTEGER);
	if (number.len == 0 || (number.ptr[0] & 0x80) != 0) {
		r->failed = true;
		return (struct span){ 0 };
	}
	if (number.ptr[0] != 0 || number.len == 1)
		return number;
	if ((number.ptr[1] & 0x80) == 0) {
		r->failed = true; /* the zero in front was not needed */
		return (struct span){ 0 };
	}
	return span_from(number, 1);
}

uint64_t
der_take_number(struct reader *r, uint64_t max)
{
	struct reader number = { .rest = der_take_unsigned(r) };
	if (number.rest.len > 8) {
		r->failed = true;
		return 0;
	}
	uint64_t value = reader_be(&number, number.rest.len);
	if (value > max) {
		r->failed = true;
		return 0;
	}
	return value;
}

struct span
der_take_bits(struct reader *r)
{
	struct span bits = der_take(r, DER_BIT_STRING);
	if (bits.len == 0 || bits.ptr[0] != 0) {
		r->failed = true;
		return (struct span){ 0 };
	}
	return span_from(bits, 1);
}

enum notar_code
der_finish(const struct reader *r, const char *what, struct notar_error *err)
{
	if (r->failed)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: malformed (not strict DER)", what);
	return reader_finish(r, what, err);
}

bool
der_next_is(const struct reader *r, enum der_tag tag)
{
	return !r->failed && r->rest.len > 0 && r->rest.ptr[0] == (uint8_t)tag;
}

static size_t
length_bytes(size_t contents)
{
	size_t n = 1;
	while (contents >> (8 * n) != 0 && n < LENGTH_BYTES_MAX)
		n++;
	return n;
}

size_t
der_size(size_t contents)
{
	if (contents < 0x80)
		return 2 + contents;
	return 2 + length_bytes(contents) + contents;
}

static bool
needs_sign_byte(struct span number)
{
	return number.len == 0 || (number.ptr[0] & 0x80) != 0;
}

size_t
der_unsigned_size(struct span number)
{
	return der_size(number.len + needs_sign_byte(number));
}

void
der_put_header(struct buf *out, enum der_tag tag, size_t contents)
{
	buf_append_byte(out, (uint8_t)tag);
	if (contents < 0x80) {
		buf_append_byte(out, (uint8_t)contents);
		return;
	}
	size_t n = length_bytes(contents);
	buf_append_byte(out, (uint8_t)(0x80 | n));
	buf_append_be(out, contents, n);
}

void
der_put(struct buf *out, enum der_tag tag, struct span contents)
{
	der_put_header(out, tag, contents.len);
	buf_append_span(out, contents);
}

void
der_put_unsigned(struct buf *out, struct span number)
{
	bool sign = needs_sign_byte(number);

	der_put_header(out, DER_INTEGER, number.len + sign);
	if (sign)
		buf_append_byte(out, 0);
	buf_append_span(out, number);
}
