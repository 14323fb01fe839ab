/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/identity_claims.h"

#include <sodium.h>

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"

#define PARTS 3
#define AUDIENCES 16

void
identity_claims_release(struct identity_claims *claims)
{
	buf_release(&claims->issuer);
	buf_release(&claims->subject);
	buf_release(&claims->email);
}

struct span
identity_claims_name(const struct identity_claims *claims)
{
	return buf_span(claims->email.len > 0 ? &claims->email : &claims->subject);
}

/* Never more parts than there have to be, whatever the number of dots (GHSA-f83f-xpx7-ffpw). */
static enum notar_code
split(struct span token, struct span parts[PARTS], struct notar_error *err)
{
	if (token.len > LIMIT_TOKEN_CHARS)
		return notar_fail(err, NOTAR_E_LIMIT, "identity token: over %u bytes",
				  LIMIT_TOKEN_CHARS);
	for (size_t i = 0; i < PARTS; i++) {
		size_t end = span_find(token, '.');
		bool is_last = i == PARTS - 1;

		if (end == 0 || (end == token.len) != is_last)
			return notar_fail(err, NOTAR_E_FORMAT,
					  "identity token: not three parts with dots between");
		parts[i] = span_of(token.ptr, end);
		token = span_from(token, end + 1);
	}
	return NOTAR_OK;
}

static enum notar_code
copy(const struct json *top, const char *name, bool is_required, struct buf *out,
     struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_optional_string(top, name, &text, err));
	if (text.len == 0 && is_required)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: missing", top->path, name);
	buf_append_span(out, text);
	return buf_finish(out, name, err);
}

static enum notar_code
check_audience(const struct json *top, const char *audience, struct notar_error *err)
{
	struct json at, item;
	struct span text;
	size_t count = 1;

	NOTAR_TRY(json_member(top, "aud", &at, err));
	bool is_list = json_holds_array(&at);

	if (is_list)
		NOTAR_TRY(json_as_array(&at, AUDIENCES, &count, err));
	for (size_t i = 0; i < count; i++) {
		item = is_list ? json_item(&at, i) : at;
		NOTAR_TRY(json_as_string(&item, &text, err));
		if (audience == NULL || span_is(text, audience))
			return NOTAR_OK;
	}
	return notar_fail(err, NOTAR_E_AUTH, "identity token: not meant for \"%s\" (aud)",
			  audience == NULL ? "" : audience);
}

static enum notar_code
read_claims(struct span text, const char *audience, int64_t now_s, struct identity_claims *out,
	    struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_TOKEN_CHARS, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(text, limits, "identity token", &root, &top, err));
	NOTAR_TRY(copy(&top, "iss", true, &out->issuer, err));
	NOTAR_TRY(copy(&top, "sub", true, &out->subject, err));
	NOTAR_TRY(copy(&top, "email", false, &out->email, err));
	NOTAR_TRY(json_member_int(&top, "exp", 0, INT64_MAX, &out->expires_s, err));
	if (out->expires_s <= now_s)
		return notar_fail(err, NOTAR_E_AUTH, "identity token: expired %lld s ago",
				  (long long)(now_s - out->expires_s));
	return check_audience(&top, audience, err);
}

enum notar_code
identity_claims_read(struct span token, const char *audience, int64_t now_s,
		     struct identity_claims *out, struct notar_error *err)
{
	static const char *const what[PARTS] = { "identity token's header", "identity token's body",
						 "identity token's signature" };
	struct buf decoded[PARTS] = { 0 };
	NOTAR_AUTO_OF(identity_claims) claims = { 0 };
	struct span parts[PARTS];
	enum notar_code code = split(token, parts, err);

	for (size_t i = 0; i < PARTS && code == NOTAR_OK; i++)
		code = base64url_decode(parts[i], &decoded[i], what[i], err);
	if (code == NOTAR_OK)
		code = read_claims(buf_span(&decoded[1]), audience, now_s, &claims, err);
	/* Its parts are as good as the token. */
	for (size_t i = 0; i < PARTS; i++) {
		if (decoded[i].ptr != NULL)
			sodium_memzero(decoded[i].ptr, decoded[i].len);
		buf_release(&decoded[i]);
	}
	if (code != NOTAR_OK)
		return code;
	*out = claims;
	claims = (struct identity_claims){ 0 };
	return NOTAR_OK;
}
