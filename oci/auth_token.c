/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/limits.h"
#include "oci/auth_internal.h"
#include "oci/token.h"

#define EARLY_MS 10000
#define CLIENT_ID "notar"

static void
wipe(struct buf *b)
{
	if (b->ptr != NULL)
		explicit_bzero(b->ptr, b->len);
}

/*
 * The realm is the registry's choice, so it gets a secret only where nobody can listen and
 * where the registry itself would get it: https, or a registry on loopback and its own host.
 * Without a secret, it must only not be weaker than the registry (the token comes back).
 */
static enum notar_code
check_realm(const struct auth *auth, const struct url *realm, struct notar_error *err)
{
	bool plain_ok = !auth->registry.secure;

	if (!credentials_are_empty(&auth->credentials))
		plain_ok = plain_ok && url_is_loopback(&auth->registry) &&
			   url_same_host(&auth->registry, realm);
	if (realm->secure || plain_ok)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_AUTH,
			  "%s names a token service at http://%s: nothing is sent there",
			  auth->host, realm->host);
}

static enum notar_code
parse_realm(const struct auth *auth, const struct challenge *c, struct url *out,
	    struct notar_error *err)
{
	struct notar_error why = { 0 };

	if (c->realm == NULL || url_parse(span_str(c->realm), out, &why) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_AUTH, "%s names a token service that is no URL",
				  auth->host);
	return check_realm(auth, out, err);
}

static bool
is_scope(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] <= 0x20 || word.ptr[i] >= 0x7f)
			return false;
	return word.len > 0 && word.len <= 512;
}

/* What we need, and what the registry says that we need; each once. */
static enum notar_code
merge_scopes(const struct auth *auth, const struct challenge *c, char **out,
	     struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) all = { .cap = LIMIT_CHALLENGE_BYTES };
	struct span rest = span_str(c->scope);

	buf_append_str(&all, auth->scope);
	while (rest.len > 0) {
		size_t n = span_find(rest, ' ');
		struct span word = span_of(rest.ptr, n);
		rest = span_from(rest, n + 1);
		if (!is_scope(word) || span_is(word, auth->scope))
			continue;
		if (all.len > 0)
			buf_append_byte(&all, ' ');
		buf_append_span(&all, word);
	}
	*out = buf_take_cstr(&all);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_AUTH, "too many scopes");
}

/* Replaces *at by itself with one more parameter. */
static enum notar_code
add_query(struct url *at, const char *name, struct span value, struct notar_error *err)
{
	struct url longer = { 0 };

	NOTAR_TRY(url_with_query(at, name, value, &longer, err));
	url_release(at);
	*at = longer;
	return NOTAR_OK;
}

static enum notar_code
get_url(struct url *at, const struct challenge *c, const char *scopes, struct notar_error *err)
{
	struct span rest = span_str(scopes);

	if (c->service != NULL)
		NOTAR_TRY(add_query(at, "service", span_str(c->service), err));
	while (rest.len > 0) {
		size_t n = span_find(rest, ' ');
		NOTAR_TRY(add_query(at, "scope", span_of(rest.ptr, n), err));
		rest = span_from(rest, n + 1);
	}
	return add_query(at, "client_id", span_str(CLIENT_ID), err);
}

/* The distribution token specification: user and password as Basic, or nobody. */
static enum notar_code
by_get(struct auth *auth, struct http_client *http, struct url *at, const struct auth_round *round,
       struct http_response *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) value = { 0 };
	struct http_request request = { .method = "GET",
					.url = at->text,
					.cap = LIMIT_TOKEN_BODY_BYTES,
					.deadline_ms = round->deadline_ms,
					.retry = true,
					.reach = round->peer };
	enum notar_code code = NOTAR_OK;

	if (auth->credentials.username.ptr != NULL) {
		buf_append_str(&value, "Basic ");
		code = auth_basic_value(auth, &value, err);
		request.authorization = buf_cstr(&value);
		request.no_redirects = true;
		if (code == NOTAR_OK && request.authorization == NULL)
			code = notar_fail(err, NOTAR_E_NOMEM, "no memory for credentials");
	}
	if (code == NOTAR_OK)
		code = http_client_do(http, &request, out, err);
	wipe(&value);
	return code;
}

static void
form_field(struct buf *form, const char *name, struct span value)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_printf(form, "%s%s=", form->len > 0 ? "&" : "", name);
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.ptr[i];
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c != 0 && strchr("-._~", c) != NULL)) {
			buf_append_byte(form, c);
			continue;
		}
		buf_append_byte(form, '%');
		buf_append_byte(form, (uint8_t)hex[c >> 4]);
		buf_append_byte(form, (uint8_t)hex[c & 15]);
	}
}

/* OAuth 2: a refresh token in a form. */
static enum notar_code
by_post(struct auth *auth, struct http_client *http, const struct url *at,
	const struct challenge *c, const char *scopes, const struct auth_round *round,
	struct http_response *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) form = { .cap = LIMIT_TOKEN_BODY_BYTES };

	form_field(&form, "grant_type", span_str("refresh_token"));
	form_field(&form, "client_id", span_str(CLIENT_ID));
	form_field(&form, "service", span_str(c->service));
	form_field(&form, "scope", span_str(scopes));
	form_field(&form, "refresh_token", secret_borrow(&auth->credentials.identity_token));
	const struct http_request request = {
		.method = "POST",
		.url = at->text,
		.headers = { { "Content-Type", "application/x-www-form-urlencoded" } },
		.body = buf_span(&form),
		.cap = LIMIT_TOKEN_BODY_BYTES,
		.deadline_ms = round->deadline_ms,
		.no_redirects = true,
		.reach = round->peer,
	};
	enum notar_code code = buf_finish(&form, "token request", err);
	if (code == NOTAR_OK)
		code = http_client_do(http, &request, out, err);
	wipe(&form);
	return code;
}

static enum notar_code
check_status(const struct auth *auth, const struct url *realm, int status, struct notar_error *err)
{
	if (status == 200)
		return NOTAR_OK;
	if (status == 429)
		return notar_fail(err, NOTAR_E_THROTTLED, "the token service %s answered 429",
				  realm->host);
	if (status >= 500)
		return notar_fail(err, NOTAR_E_NET, "the token service %s answered %d", realm->host,
				  status);
	return notar_fail(err, NOTAR_E_AUTH, "the token service %s answered %d%s", realm->host,
			  status,
			  credentials_are_empty(&auth->credentials) ?
				  ": no credentials are stored (see notar login)" :
				  "");
}

static enum notar_code
keep_token(struct auth *auth, const struct http_response *response, char **scopes,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(token) token = { 0 };

	if (token_parse(buf_span(&response->body), &token, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_AUTH, "the token service's answer has no token");
	NOTAR_TRY(auth_set_value(auth, AUTH_BEARER, secret_borrow(&token.value), err));
	auth->expires_ms = clock_deadline_ms(token.lifetime_s * 1000 - EARLY_MS);
	free(auth->asked);
	auth->asked = NOTAR_TAKE(*scopes);
	return NOTAR_OK;
}

enum notar_code
auth_fetch_token(struct auth *auth, struct http_client *http, const struct challenge *c,
		 const struct auth_round *round, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	NOTAR_AUTO_OF(url) realm = { 0 };
	NOTAR_AUTO_CHARS *scopes = NULL;
	bool refresh = auth->credentials.identity_token.ptr != NULL;

	NOTAR_TRY(parse_realm(auth, c, &realm, err));
	NOTAR_TRY(merge_scopes(auth, c, &scopes, err));
	if (refresh) {
		NOTAR_TRY(by_post(auth, http, &realm, c, scopes, round, &response, err));
		*round->requests += response.requests;
		refresh = response.status != 404 && response.status != 405;
	}
	if (!refresh) {
		http_response_release(&response);
		NOTAR_TRY(get_url(&realm, c, scopes, err));
		NOTAR_TRY(by_get(auth, http, &realm, round, &response, err));
		*round->requests += response.requests;
	}
	NOTAR_TRY(check_status(auth, &realm, response.status, err));
	enum notar_code code = keep_token(auth, &response, &scopes, err);
	wipe(&response.body);
	return code;
}
