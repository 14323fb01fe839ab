/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"
#include "base/json.h"
#include "base/utf8.h"

/* The writer of base/json.h. */

/* A value needs a comma before it unless it opens the text, a line or a container, or comes
 * behind its name. No value ends in one of these bytes. */
static void
separate(struct buf *b)
{
	if (b->len > 0 && memchr("{[:,\n ", b->ptr[b->len - 1], 6) == NULL)
		buf_append_byte(b, ',');
}

void
json_begin_object(struct buf *b)
{
	separate(b);
	buf_append_byte(b, '{');
}

void
json_end_object(struct buf *b)
{
	buf_append_byte(b, '}');
}

void
json_begin_array(struct buf *b)
{
	separate(b);
	buf_append_byte(b, '[');
}

void
json_end_array(struct buf *b)
{
	buf_append_byte(b, ']');
}

static void
append_escaped(struct buf *b, uint32_t code)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *hit = memchr(plain, (int)code, sizeof(plain) - 1);

	if (hit == NULL) {
		buf_printf(b, "\\u%04x", (unsigned)code);
		return;
	}
	buf_append_byte(b, '\\');
	buf_append_byte(b, (uint8_t)letters[hit - plain]);
}

/* Bytes at the start of text that may stand in a string as they are. */
static size_t
plain_len(struct span text)
{
	size_t at = 0;

	while (at < text.len) {
		uint32_t code = 0;
		size_t n = utf8_next(span_of(text.ptr + at, text.len - at), &code);
		if (n == 0 || code < 0x20 || code == '"' || code == '\\')
			break;
		at += n;
	}
	return at;
}

static void
append_string(struct buf *b, struct span text)
{
	buf_append_byte(b, '"');
	while (text.len > 0) {
		size_t n = plain_len(text);
		buf_append(b, text.ptr, n);
		text = span_from(text, n);
		if (text.len == 0)
			break;
		if (text.ptr[0] < 0x80)
			append_escaped(b, text.ptr[0]);
		else
			buf_append_str(b, "\xef\xbf\xbd"); /* U+FFFD */
		text = span_from(text, 1);
	}
	buf_append_byte(b, '"');
}

void
json_name(struct buf *b, const char *name)
{
	separate(b);
	append_string(b, span_str(name));
	buf_append_byte(b, ':');
}

void
json_put_span(struct buf *b, struct span text)
{
	separate(b);
	append_string(b, text);
}

void
json_put_str(struct buf *b, const char *text)
{
	if (text == NULL)
		json_put_null(b);
	else
		json_put_span(b, span_str(text));
}

void
json_put_int(struct buf *b, int64_t value)
{
	separate(b);
	buf_printf(b, "%lld", (long long)value);
}

void
json_put_bool(struct buf *b, bool value)
{
	separate(b);
	buf_append_str(b, value ? "true" : "false");
}

void
json_put_null(struct buf *b)
{
	separate(b);
	buf_append_str(b, "null");
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void
json_put_raw(struct buf *b, struct span document)
{
	/* Blanks behind it would hide from separate() that a value was written. */
	while (document.len > 0 && is_blank(document.ptr[document.len - 1]))
		document.len--;
	separate(b);
	buf_append_span(b, document.len > 0 ? document : span_str("null"));
}

void
json_put_base64(struct buf *b, struct span bytes)
{
	separate(b);
	buf_append_byte(b, '"');
	base64_append(b, bytes);
	buf_append_byte(b, '"');
}

void
json_pair_str(struct buf *b, const char *name, const char *text)
{
	json_name(b, name);
	json_put_str(b, text);
}

void
json_pair_span(struct buf *b, const char *name, struct span text)
{
	json_name(b, name);
	json_put_span(b, text);
}

void
json_pair_int(struct buf *b, const char *name, int64_t value)
{
	json_name(b, name);
	json_put_int(b, value);
}

void
json_pair_bool(struct buf *b, const char *name, bool value)
{
	json_name(b, name);
	json_put_bool(b, value);
}
