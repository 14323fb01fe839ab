/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "notar/error.h"

/* A read-only view. It owns nothing and must not outlive the bytes it shows.
 * An empty span may have a NULL pointer. */
struct span {
	const uint8_t *ptr;
	size_t len;
};

/* A cursor. The first read past the end makes it fail for good; a failed reader
 * yields zeros and empty spans, so parse first and ask once. */
struct reader {
	struct span rest;
	bool failed;
};

static inline struct span
span_of(const void *ptr, size_t len)
{
	return (struct span){ ptr, len };
}

static inline struct span
span_str(const char *text)
{
	return (struct span){ (const uint8_t *)text, text == NULL ? 0 : strlen(text) };
}

static inline bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
span_is(struct span a, const char *text)
{
	return span_equal(a, span_str(text));
}

static inline bool
span_starts_with(struct span a, const char *prefix)
{
	size_t len = strlen(prefix);
	return a.len >= len && memcmp(a.ptr, prefix, len) == 0;
}

/* The part from offset on; empty when offset is past the end. */
static inline struct span
span_from(struct span a, size_t offset)
{
	if (offset >= a.len)
		return (struct span){ 0 };
	return (struct span){ a.ptr + offset, a.len - offset };
}

/* The offset of the first byte c, or a.len. */
static inline size_t
span_find(struct span a, uint8_t c)
{
	if (a.len == 0)
		return 0;
	const uint8_t *hit = memchr(a.ptr, c, a.len);
	return hit == NULL ? a.len : (size_t)(hit - a.ptr);
}

static inline struct span
reader_take(struct reader *r, size_t n)
{
	if (r->failed || n > r->rest.len) {
		r->failed = true;
		return (struct span){ 0 };
	}
	struct span head = { r->rest.ptr, n };
	if (n > 0) {
		r->rest.ptr += n;
		r->rest.len -= n;
	}
	return head;
}

/* A big-endian unsigned integer of 1 to 8 bytes. */
static inline uint64_t
reader_be(struct reader *r, size_t n)
{
	struct span bytes = reader_take(r, n);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | bytes.ptr[i];
	return value;
}

/* NOTAR_OK only when no read failed and not one byte is left over. */
NOTAR_MUST_USE enum notar_code
reader_finish(const struct reader *r, const char *what, struct notar_error *err);

/* An owned, NUL-terminated copy; NULL when memory ran out or a NUL is inside. */
char *span_dup(struct span a);

#endif
