/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cbor.h"

#include "base/limits.h"
#include "base/utf8.h"

#define SIMPLE 7
#define TAG_EPOCH 1

unsigned
cbor_next(const struct reader *r)
{
	return r->failed || r->rest.len == 0 ? SIMPLE : r->rest.ptr[0] >> 5;
}

/* Major type and number of the next head. Longer than need be is refused: then every item has one
 * spelling, and equal keys are equal bytes. */
static unsigned
take_head(struct reader *r, uint64_t *number)
{
	static const uint64_t least[] = { 24, 1ULL << 8, 1ULL << 16, 1ULL << 32 };
	uint64_t first = reader_be(r, 1);
	unsigned info = first & 0x1f;

	*number = info;
	if (info >= 24 && info <= 27) {
		*number = reader_be(r, (size_t)1 << (info - 24));
		r->failed = r->failed || *number < least[info - 24];
	} else if (info > 27) {
		r->failed = true; /* reserved, or of indefinite length */
	}
	return r->failed ? SIMPLE : (unsigned)(first >> 5);
}

static uint64_t
take(struct reader *r, enum cbor_major major)
{
	uint64_t number;

	if (take_head(r, &number) != major)
		r->failed = true;
	return r->failed ? 0 : number;
}

int64_t
cbor_int(struct reader *r)
{
	uint64_t number;
	unsigned major = take_head(r, &number);

	if (major > CBOR_NEGATIVE || number > INT64_MAX)
		r->failed = true;
	if (r->failed)
		return 0;
	return major == CBOR_UINT ? (int64_t)number : -1 - (int64_t)number;
}

static struct span
take_string(struct reader *r, enum cbor_major major)
{
	uint64_t len = take(r, major);

	if (len > r->rest.len)
		r->failed = true;
	return reader_take(r, (size_t)len);
}

struct span
cbor_text(struct reader *r)
{
	struct span text = take_string(r, CBOR_TEXT);
	size_t bytes = 0;

	for (struct span rest = text; rest.len > 0 && !r->failed; rest = span_from(rest, bytes)) {
		uint32_t code;

		bytes = utf8_next(rest, &code);
		if (bytes == 0)
			r->failed = true;
	}
	return r->failed ? (struct span){ 0 } : text;
}

struct span
cbor_bytes(struct reader *r)
{
	return take_string(r, CBOR_BYTES);
}

uint64_t
cbor_tag(struct reader *r)
{
	return take(r, CBOR_TAG);
}

size_t
cbor_array(struct reader *r)
{
	uint64_t count = take(r, CBOR_ARRAY);

	if (count > r->rest.len) /* an item is a byte at least */
		r->failed = true;
	return r->failed ? 0 : (size_t)count;
}

size_t
cbor_map(struct reader *r)
{
	uint64_t count = take(r, CBOR_MAP);

	if (count > LIMIT_CBOR_ENTRIES || 2 * count > r->rest.len)
		r->failed = true;
	return r->failed ? 0 : (size_t)count;
}

static void skip(struct reader *r, unsigned depth);

static void
skip_map(struct reader *r, unsigned depth)
{
	struct span keys[LIMIT_CBOR_ENTRIES];
	size_t count = cbor_map(r);

	for (size_t i = 0; i < count && !r->failed; i++) {
		const uint8_t *start = r->rest.ptr;

		skip(r, depth);
		keys[i] = span_of(start, (size_t)(r->rest.ptr - start));
		for (size_t k = 0; k < i; k++)
			if (span_equal(keys[k], keys[i]))
				r->failed = true;
		skip(r, depth);
	}
}

static void
skip(struct reader *r, unsigned depth)
{
	if (depth == LIMIT_CBOR_DEPTH) {
		r->failed = true;
		return;
	}
	switch (cbor_next(r)) {
	case CBOR_UINT:
	case CBOR_NEGATIVE:
		(void)cbor_int(r);
		return;
	case CBOR_BYTES:
		(void)cbor_bytes(r);
		return;
	case CBOR_TEXT:
		(void)cbor_text(r);
		return;
	case CBOR_ARRAY:
		for (size_t left = cbor_array(r); left > 0 && !r->failed; left--)
			skip(r, depth + 1);
		return;
	case CBOR_MAP:
		skip_map(r, depth + 1);
		return;
	case CBOR_TAG:
		if (cbor_tag(r) != TAG_EPOCH)
			r->failed = true;
		skip(r, depth + 1);
		return;
	default:
		break;
	}
	/* false, true, null; no floats, no other simple values */
	uint64_t simple = reader_be(r, 1);

	if (simple != 0xf4 && simple != 0xf5 && simple != 0xf6)
		r->failed = true;
}

struct span
cbor_skip(struct reader *r)
{
	const uint8_t *start = r->rest.ptr;

	skip(r, 0);
	if (r->failed)
		return (struct span){ 0 };
	return span_of(start, (size_t)(r->rest.ptr - start));
}

void
cbor_put_head(struct buf *out, enum cbor_major major, uint64_t number)
{
	uint8_t top = (uint8_t)(major << 5);

	if (number < 24) {
		buf_append_byte(out, (uint8_t)(top | number));
		return;
	}
	unsigned code = number < 1ULL << 8  ? 0 :
			number < 1ULL << 16 ? 1 :
			number < 1ULL << 32 ? 2 :
					      3;

	buf_append_byte(out, (uint8_t)(top | (24 + code)));
	buf_append_be(out, number, (size_t)1 << code);
}

void
cbor_put_int(struct buf *out, int64_t value)
{
	if (value >= 0)
		cbor_put_head(out, CBOR_UINT, (uint64_t)value);
	else
		cbor_put_head(out, CBOR_NEGATIVE, (uint64_t)(-1 - value));
}

void
cbor_put_text(struct buf *out, const char *text)
{
	cbor_put_head(out, CBOR_TEXT, strlen(text));
	buf_append_str(out, text);
}

void
cbor_put_bytes(struct buf *out, struct span bytes)
{
	cbor_put_head(out, CBOR_BYTES, bytes.len);
	buf_append_span(out, bytes);
}
