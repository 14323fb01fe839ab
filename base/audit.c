/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "base/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > AUDIT_NAME_CHARS || !is_letter(name[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_letter(name[i]) && name[i] != '_' && (name[i] < '0' || name[i] > '9'))
			return false;
	return true;
}

bool
audit_is_own(const char *name)
{
	static const char *const own[] = { "seq", "time", "event", "prev", "hash" };

	for (size_t i = 0; i < NOTAR_COUNT(own); i++)
		if (strcmp(name, own[i]) == 0)
			return true;
	return false;
}

static enum notar_code
check_names(const char *event, const struct audit_field *fields, size_t count,
	    struct notar_error *err)
{
	if (!is_name(event))
		return notar_fail(err, NOTAR_E_USAGE, "audit: not an event: %.40s", event);
	if (count > AUDIT_FIELDS)
		return notar_fail(err, NOTAR_E_USAGE, "audit: over %d fields", AUDIT_FIELDS);
	for (size_t i = 0; i < count; i++) {
		if (!is_name(fields[i].name) || audit_is_own(fields[i].name))
			return notar_fail(err, NOTAR_E_USAGE, "audit: not a field's name: %.40s",
					  fields[i].name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(fields[i].name, fields[k].name) == 0)
				return notar_fail(err, NOTAR_E_USAGE, "audit: %s is there twice",
						  fields[i].name);
	}
	return NOTAR_OK;
}

/* Bytes of a character as base/json_write escapes it. */
static size_t
escaped_bytes(uint32_t code, size_t plain)
{
	if (code == '"' || code == '\\')
		return 2;
	if (code >= 0x20)
		return plain;
	return strchr("\b\f\n\r\t", (int)code) != NULL ? 2 : 6;
}

/* The text as the line can hold it and a strict reader takes it: cut by its escaped length, so
 * that reading and writing it again gives the same bytes. */
static struct span
clean(struct span text, uint8_t out[AUDIT_VALUE_BYTES])
{
	size_t len = 0, room = AUDIT_VALUE_BYTES;

	while (text.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_next(text, &code);
		bool good = n > 0 && code != 0;
		struct span piece = good ? span_of(text.ptr, n) : span_str(REPLACEMENT);
		size_t cost = good ? escaped_bytes(code, n) : piece.len;

		if (cost > room)
			break;
		memcpy(out + len, piece.ptr, piece.len);
		len += piece.len;
		room -= cost;
		text = span_from(text, n == 0 ? 1 : n);
	}
	return span_of(out, len);
}

enum notar_code
audit_encode_body(struct buf *out, const char *event, const struct audit_field *fields,
		  size_t count, struct notar_error *err)
{
	uint8_t text[AUDIT_VALUE_BYTES];

	NOTAR_TRY(check_names(event, fields, count, err));
	json_pair_str(out, "event", event);
	for (size_t i = 0; i < count; i++) {
		const struct audit_field *f = &fields[i];
		struct span value = f->kind == AUDIT_SPAN ? f->span : span_str(f->str);

		if (f->kind == AUDIT_INT)
			json_pair_int(out, f->name, f->number);
		else if (f->kind == AUDIT_SPAN || f->str != NULL)
			json_pair_span(out, f->name, clean(value, text));
	}
	return buf_finish(out, "an audit record", err);
}

const char *
audit_format_time(int64_t time_ms, char out[AUDIT_TIME_BYTES])
{
	int64_t time_s = time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0);
	unsigned ms = (unsigned)(time_ms - time_s * 1000) % 1000;
	char seconds[CLOCK_TEXT_BYTES];

	(void)clock_format_rfc3339(time_s, seconds);
	(void)snprintf(out, AUDIT_TIME_BYTES, "%.19s.%03uZ", seconds, ms);
	return out;
}

void
audit_hash(const uint8_t prev[SHA256_BYTES], struct span covered, uint8_t out[SHA256_BYTES])
{
	struct digest_stream stream;

	digest_start(&stream, NOTAR_SHA256);
	digest_add(&stream, span_of(prev, SHA256_BYTES));
	digest_add(&stream, covered);
	struct notar_digest digest = digest_end(&stream);

	memcpy(out, digest.bytes, SHA256_BYTES);
}

void
audit_encode(struct buf *out, uint64_t seq, int64_t time_ms, struct span body,
	     uint8_t hash[SHA256_BYTES])
{
	size_t start = out->len;
	char time[AUDIT_TIME_BYTES], hex[AUDIT_HEX_BYTES + 1];
	uint8_t next[SHA256_BYTES];

	buf_printf(out, "{\"seq\":%llu,\"time\":\"%s\",", (unsigned long long)seq,
		   audit_format_time(time_ms, time));
	buf_append_span(out, body);
	buf_printf(out, AUDIT_PREV_OPENS "%s\"", hex_encode(span_of(hash, SHA256_BYTES), hex));
	if (out->failed != NOTAR_OK)
		return;
	audit_hash(hash, span_from(buf_span(out), start), next);
	buf_printf(out, AUDIT_HASH_OPENS "%s\"}\n", hex_encode(span_of(next, SHA256_BYTES), hex));
	if (out->failed == NOTAR_OK)
		memcpy(hash, next, SHA256_BYTES);
}
