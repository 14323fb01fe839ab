/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "base/codec.h"

/* PEM, RFC 7468: the strict grammar, with body lines of any length. */

#define DASHES "-----"
#define BEGIN DASHES "BEGIN "
#define END DASHES "END "
#define LABEL_CHARS_MAX 64
#define LINE_BYTES 48 /* what 64 characters of base64 carry */

/* Cuts the first line off *rest, without its LF or CRLF. */
static struct span
take_line(struct span *rest)
{
	size_t len = span_find(*rest, '\n');
	struct span line = { rest->ptr, len };

	if (len < rest->len && len > 0 && rest->ptr[len - 1] == '\r')
		line.len--;
	*rest = span_from(*rest, len + (len < rest->len));
	return line;
}

/* "-----BEGIN LABEL-----" → LABEL; false when the line is not of that form. */
static bool
boundary_label(struct span line, const char *opening, struct span *label)
{
	size_t before = strlen(opening);
	size_t after = strlen(DASHES);

	if (!span_starts_with(line, opening) || line.len <= before + after)
		return false;
	*label = span_of(line.ptr + before, line.len - before - after);
	if (label->len > LABEL_CHARS_MAX || !span_is(span_from(line, line.len - after), DASHES))
		return false;
	for (size_t i = 0; i < label->len; i++) {
		uint8_t c = label->ptr[i];
		bool is_inner = i > 0 && i + 1 < label->len;
		if (!(c > ' ' && c < 0x7f && c != '-') && !(is_inner && (c == ' ' || c == '-')))
			return false;
	}
	return true;
}

/* Skips explanatory text up to the first BEGIN line. */
static enum notar_code
find_begin(struct span *rest, struct span *label, struct notar_error *err)
{
	while (rest->len > 0) {
		struct span line = take_line(rest);
		if (!span_starts_with(line, BEGIN))
			continue;
		if (!boundary_label(line, BEGIN, label))
			return notar_fail(err, NOTAR_E_FORMAT, "PEM: malformed BEGIN line");
		return NOTAR_OK;
	}
	return notar_fail(err, NOTAR_E_NOT_FOUND, "PEM: no BEGIN line");
}

static bool
is_base64_line(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.ptr[i];
		bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool is_digit = c >= '0' && c <= '9';
		if (!is_letter && !is_digit && c != '+' && c != '/' && c != '=')
			return false;
	}
	return line.len > 0;
}

/* The body with its line breaks, up to the END line of the same label. */
static enum notar_code
find_end(struct span *rest, struct span label, struct span *body, struct notar_error *err)
{
	struct span end_label;

	*body = span_of(rest->ptr, 0);
	while (rest->len > 0) {
		struct span line = take_line(rest);
		if (boundary_label(line, END, &end_label)) {
			if (span_equal(label, end_label))
				return NOTAR_OK;
			return notar_fail(err, NOTAR_E_FORMAT,
					  "PEM: BEGIN and END lines differ in their label");
		}
		if (!is_base64_line(line))
			return notar_fail(err, NOTAR_E_FORMAT,
					  "PEM: a line of the body is not base64");
		body->len = (size_t)(line.ptr + line.len - body->ptr);
	}
	return notar_fail(err, NOTAR_E_FORMAT, "PEM: no END line");
}

/* Decodes in place of use: a private key leaves no copy of its text behind. */
static enum notar_code
decode_body(struct span text, struct buf *out, struct notar_error *err)
{
	size_t start = out->len;
	size_t room = text.len / 4 * 3 + 3;
	size_t len = 0;
	uint8_t *at = buf_extend(out, room);

	if (at == NULL)
		return buf_finish(out, "PEM body", err);
	int bad = sodium_base642bin(at, room, (const char *)text.ptr, text.len, "\r\n", &len, NULL,
				    sodium_base64_VARIANT_ORIGINAL);
	buf_cut(out, bad != 0 ? start : start + len);
	if (bad != 0)
		return notar_fail(err, NOTAR_E_FORMAT, "PEM: the body is not canonical base64");
	return NOTAR_OK;
}

enum notar_code
pem_decode(struct span text, struct span *label, struct buf *body, struct span *rest,
	   struct notar_error *err)
{
	struct span found_label, found_body;

	NOTAR_TRY(find_begin(&text, &found_label, err));
	NOTAR_TRY(find_end(&text, found_label, &found_body, err));
	if (found_body.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "PEM: empty body");
	NOTAR_TRY(decode_body(found_body, body, err));
	*label = found_label;
	if (rest != NULL)
		*rest = text;
	return NOTAR_OK;
}

void
pem_append(struct buf *out, const char *label, struct span body)
{
	buf_append_str(out, BEGIN);
	buf_append_str(out, label);
	buf_append_str(out, DASHES "\n");
	for (size_t at = 0; at < body.len; at += LINE_BYTES) {
		struct span line = span_from(body, at);
		if (line.len > LINE_BYTES)
			line.len = LINE_BYTES;
		base64_append(out, line);
		buf_append_byte(out, '\n');
	}
	buf_append_str(out, END);
	buf_append_str(out, label);
	buf_append_str(out, DASHES "\n");
}
