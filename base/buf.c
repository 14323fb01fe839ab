/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#define BUF_FIRST_ROOM 256

void
buf_release(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ 0 };
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = NOTAR_OK;
}

/* Makes room for len more bytes and one NUL behind them. */
static bool
buf_grow(struct buf *b, size_t len)
{
	size_t cap = b->cap == 0 ? BUF_DEFAULT_CAP : b->cap;

	if (b->failed != NOTAR_OK)
		return false;
	if (len > cap || b->len > cap - len || len >= SIZE_MAX - b->len) {
		b->failed = NOTAR_E_LIMIT;
		return false;
	}
	size_t want = b->len + len + 1;

	if (want <= b->room)
		return true;
	size_t room = b->room > SIZE_MAX / 2 ? want : b->room * 2;

	if (room < want)
		room = want;
	if (room < BUF_FIRST_ROOM)
		room = BUF_FIRST_ROOM;
	uint8_t *ptr = realloc(b->ptr, room);

	if (ptr == NULL) {
		b->failed = NOTAR_E_NOMEM;
		return false;
	}
	b->ptr = ptr;
	b->room = room;
	return true;
}

uint8_t *
buf_extend(struct buf *b, size_t n)
{
	if (!buf_grow(b, n))
		return NULL;
	uint8_t *at = b->ptr + b->len;

	b->len += n;
	return at;
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len < b->len)
		b->len = len;
}

void
buf_append(struct buf *b, const void *bytes, size_t len)
{
	if (!buf_grow(b, len))
		return;
	if (len > 0)
		memcpy(b->ptr + b->len, bytes, len);
	b->len += len;
}

void
buf_append_span(struct buf *b, struct span bytes)
{
	buf_append(b, bytes.ptr, bytes.len);
}

void
buf_append_str(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

void
buf_append_byte(struct buf *b, uint8_t byte)
{
	buf_append(b, &byte, 1);
}

void
buf_append_be(struct buf *b, uint64_t value, size_t n)
{
	for (size_t i = n; i > 0; i--)
		buf_append_byte(b, (uint8_t)(value >> (8 * (i - 1))));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		b->failed = NOTAR_E_INTERNAL;
		return;
	}
	if (!buf_grow(b, (size_t)len))
		return;
	va_start(args, fmt);
	(void)vsnprintf((char *)b->ptr + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

enum notar_code
buf_finish(const struct buf *b, const char *what, struct notar_error *err)
{
	if (b->failed == NOTAR_OK)
		return NOTAR_OK;
	if (b->failed == NOTAR_E_LIMIT)
		return notar_fail(err, NOTAR_E_LIMIT, "%s is larger than %zu bytes", what,
				  b->cap == 0 ? (size_t)BUF_DEFAULT_CAP : b->cap);
	return notar_fail(err, b->failed, "no memory for %s", what);
}

const char *
buf_cstr(struct buf *b)
{
	if (!buf_grow(b, 0))
		return NULL;
	b->ptr[b->len] = '\0';
	return (const char *)b->ptr;
}

char *
buf_take_cstr(struct buf *b)
{
	if (buf_cstr(b) == NULL)
		return NULL;
	char *text = (char *)b->ptr;

	*b = (struct buf){ 0 };
	return text;
}
