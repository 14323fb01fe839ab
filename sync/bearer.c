/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/bearer.h"

#include "base/clock.h"
#include "base/json_pull.h"
#include "base/limits.h"

static bool
fits_header(struct span token)
{
	for (size_t i = 0; i < token.len; i++)
		if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
			return false;
	return token.len > 0 && token.len <= LIMIT_TOKEN_CHARS;
}

enum notar_code
bearer_header(const char *scheme, struct span token, struct secret *out, struct notar_error *err)
{
	size_t len = strlen(scheme);

	if (!fits_header(token))
		return notar_fail(err, NOTAR_E_AUTH, "a token that cannot stand in a header");
	NOTAR_TRY(secret_alloc(len + 1 + token.len, out, err));
	memcpy(out->ptr, scheme, len);
	out->ptr[len] = ' ';
	memcpy(out->ptr + len + 1, token.ptr, token.len);
	return NOTAR_OK;
}

enum notar_code
bearer_check_url(const char *url, struct notar_error *err)
{
	NOTAR_AUTO_OF(url) parsed = { 0 };

	NOTAR_TRY(url_parse(span_str(url), &parsed, err));
	if (parsed.secure || url_is_loopback(&parsed))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_CONFIG, "http://%s: a token is sent by https only",
			  parsed.host);
}

static enum notar_code
take(struct span body, const char *name, struct secret *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_TOKEN_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_OF(secret) room = { 0 };
	struct span top;

	NOTAR_TRY(pull_check(body, limits, "token service's answer", &top, err));
	struct span value =
		pull_kind(top) == PULL_OBJECT ? pull_member(top, name) : (struct span){ 0 };

	if (pull_kind(value) != PULL_STRING)
		return notar_fail(err, NOTAR_E_FORMAT, "token service's answer.%s: not a string",
				  name);
	NOTAR_TRY(secret_alloc(pull_string_room(value) + 1, &room, err));
	return secret_copy(span_of(room.ptr, pull_string(value, room.ptr)), out, err);
}

enum notar_code
bearer_take(struct http_response *response, const char *name, struct secret *out,
	    struct notar_error *err)
{
	enum notar_code code = take(buf_span(&response->body), name, out, err);

	if (response->body.ptr != NULL)
		explicit_bzero(response->body.ptr, response->body.len);
	return code;
}

void
bearer_join(const char *base, const char *path, struct buf *out)
{
	struct span text = span_str(base);

	if (text.len > 0 && text.ptr[text.len - 1] == '/')
		text.len--;
	buf_append_span(out, text);
	buf_append_str(out, path);
}

int64_t
bearer_deadline_ms(int64_t deadline_ms, int64_t ms)
{
	int64_t own_ms = clock_deadline_ms(ms);

	return deadline_ms != 0 && deadline_ms < own_ms ? deadline_ms : own_ms;
}
