/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/own.h"
#include "base/span.h"

/*
 * An owned, growing byte string with a stated cap. Zero it to start; `cap` 0 means the
 * default of BUF_DEFAULT_CAP. The first failed append sticks: later appends do nothing, so
 * build first and ask once with buf_finish.
 */
struct buf {
	uint8_t *ptr;
	size_t len;
	size_t room;
	size_t cap; /* most bytes it may hold */
	enum notar_code failed;
};

#define BUF_DEFAULT_CAP (64U << 20)

static inline struct span
buf_span(const struct buf *b)
{
	return (struct span){ b->ptr, b->len };
}

void buf_release(struct buf *b); /* frees and zeroes */
void buf_clear(struct buf *b);   /* empties, keeps the memory and the cap */

/* n more bytes for the caller to fill at once (they count already, and are not zeroed); NULL
 * when they do not fit. One more byte behind them may be overwritten, by a terminating NUL. */
uint8_t *buf_extend(struct buf *b, size_t n);
void buf_cut(struct buf *b, size_t len); /* back to len bytes; no effect when shorter */

void buf_append(struct buf *b, const void *bytes, size_t len);
void buf_append_span(struct buf *b, struct span bytes);
void buf_append_str(struct buf *b, const char *text);
void buf_append_byte(struct buf *b, uint8_t byte);
void buf_append_be(struct buf *b, uint64_t value, size_t n); /* n low bytes, big-endian */
NOTAR_PRINTF(2, 3) void buf_printf(struct buf *b, const char *fmt, ...);

/* NOTAR_OK when every append fitted; else NOTAR_E_LIMIT or NOTAR_E_NOMEM, naming what. */
NOTAR_MUST_USE enum notar_code
buf_finish(const struct buf *b, const char *what, struct notar_error *err);

/* The text with a NUL behind it (not counted in len), or NULL when an append failed.
 * Borrowed: valid until the next append. */
const char *buf_cstr(struct buf *b);

/* The same, but owned by the caller (free); the buffer is empty afterwards. */
char *buf_take_cstr(struct buf *b);

#endif
