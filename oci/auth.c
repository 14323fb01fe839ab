/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/auth.h"

#include "base/clock.h"
#include "base/codec.h"
#include "oci/auth_internal.h"

void
auth_free(struct auth *auth)
{
	if (auth == NULL)
		return;
	credentials_release(&auth->credentials);
	secret_release(&auth->value);
	url_release(&auth->registry);
	free(auth->host);
	free(auth->scope);
	free(auth->asked);
	free(auth);
}

static enum notar_code
make_scope(struct auth *auth, const struct auth_options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) scope = { 0 };

	if (options->repository != NULL)
		buf_printf(&scope, "repository:%s:%s", options->repository,
			   options->writing ? "pull,push" : "pull");
	auth->host = strdup(options->host);
	auth->scope = buf_take_cstr(&scope);
	if (auth->host == NULL || auth->scope == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for credentials");
	return NOTAR_OK;
}

/* A failure here matters only to a registry that insists on credentials: it is kept. */
static enum notar_code
look_up(struct auth *auth, const struct auth_options *options, struct notar_error *err)
{
	if (options->password != NULL)
		return credentials_set(span_str(options->username), span_str(options->password),
				       &auth->credentials, err);
	auth->lookup = credentials_find(options->host, options->repository, &auth->credentials,
					&auth->lookup_err);
	if (auth->lookup != NOTAR_E_NOMEM)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for credentials");
}

enum notar_code
auth_new(const struct auth_options *options, struct auth **out, struct notar_error *err)
{
	NOTAR_AUTO(auth) *auth = calloc(1, sizeof(*auth));

	if (auth == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for credentials");
	NOTAR_TRY(url_parse(span_str(options->base), &auth->registry, err));
	NOTAR_TRY(make_scope(auth, options, err));
	NOTAR_TRY(look_up(auth, options, err));
	*out = NOTAR_TAKE(auth);
	return NOTAR_OK;
}

const char *
auth_value(const struct auth *auth)
{
	return (const char *)secret_borrow(&auth->value).ptr;
}

bool
auth_is_waiting(const struct auth *auth)
{
	return !credentials_are_empty(&auth->credentials) && auth->sent == AUTH_NOTHING &&
	       !auth->was_asked;
}

enum notar_code
auth_set_value(struct auth *auth, enum auth_sent kind, struct span text, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) value = { 0 };
	const char *scheme = kind == AUTH_BASIC ? "Basic " : "Bearer ";
	size_t prefix = strlen(scheme);

	NOTAR_TRY(secret_alloc(prefix + text.len, &value, err));
	memcpy(value.ptr, scheme, prefix);
	if (text.len > 0)
		memcpy(value.ptr + prefix, text.ptr, text.len);
	secret_release(&auth->value);
	auth->value = value;
	value = (struct secret){ 0 };
	auth->sent = kind;
	return NOTAR_OK;
}

enum notar_code
auth_basic_value(const struct auth *auth, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) pair = { 0 };
	struct span user = secret_borrow(&auth->credentials.username);
	struct span password = secret_borrow(&auth->credentials.password);

	NOTAR_TRY(secret_alloc(user.len + 1 + password.len, &pair, err));
	memcpy(pair.ptr, user.ptr, user.len);
	pair.ptr[user.len] = ':';
	if (password.len > 0)
		memcpy(pair.ptr + user.len + 1, password.ptr, password.len);
	base64_append(out, secret_borrow(&pair));
	return buf_finish(out, "credentials", err);
}

/* The end of the road: who asked, and what was missing. */
static enum notar_code
refused(const struct auth *auth, struct notar_error *err)
{
	if (!credentials_are_empty(&auth->credentials))
		return notar_fail(err, NOTAR_E_AUTH, "%s refuses the credentials that we have",
				  auth->host);
	if (auth->lookup != NOTAR_OK && auth->lookup != NOTAR_E_NOT_FOUND)
		return notar_fail(err, NOTAR_E_AUTH, "%s asks for credentials: %s", auth->host,
				  auth->lookup_err.msg);
	return notar_fail(err, NOTAR_E_AUTH,
			  "%s asks for credentials and none are stored (see notar login)",
			  auth->host);
}

static enum notar_code
answer_basic(struct auth *auth, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) value = { 0 };

	if (auth->sent == AUTH_BASIC || auth->credentials.username.ptr == NULL)
		return refused(auth, err);
	if (!auth->registry.secure && !url_is_loopback(&auth->registry))
		return notar_fail(err, NOTAR_E_AUTH,
				  "%s asks for a password over plain HTTP: not sent", auth->host);
	enum notar_code code = auth_basic_value(auth, &value, err);
	if (code == NOTAR_OK)
		code = auth_set_value(auth, AUTH_BASIC, buf_span(&value), err);
	if (value.ptr != NULL)
		explicit_bzero(value.ptr, value.len);
	return code;
}

/* A token that was refused is final, unless it is old or another scope is asked for now. */
static bool
is_final(const struct auth *auth, const struct challenge *c)
{
	if (auth->sent != AUTH_BEARER)
		return false;
	if (!credentials_are_empty(&auth->credentials) &&
	    auth->credentials.registry_token.ptr != NULL)
		return true;
	if (clock_left_ms(auth->expires_ms) == 0)
		return false;
	return c->scope == NULL || auth->asked == NULL || strstr(auth->asked, c->scope) != NULL;
}

static enum notar_code
answer_bearer(struct auth *auth, struct http_client *http, const struct challenge *c,
	      const struct auth_round *round, struct notar_error *err)
{
	if (is_final(auth, c))
		return refused(auth, err);
	if (auth->credentials.registry_token.ptr != NULL)
		return auth_set_value(auth, AUTH_BEARER,
				      secret_borrow(&auth->credentials.registry_token), err);
	return auth_fetch_token(auth, http, c, round, err);
}

static enum notar_code
read_challenges(const struct http_response *response, struct challenges *list,
		struct notar_error *err)
{
	for (size_t i = 0;; i++) {
		struct span header = http_header_find(response, "WWW-Authenticate", i);
		if (header.ptr == NULL)
			return NOTAR_OK;
		if (challenges_add(header, list, err) != NOTAR_OK)
			return notar_fail(err, NOTAR_E_AUTH,
					  "the registry's challenge cannot be read");
	}
}

enum notar_code
auth_answer(struct auth *auth, struct http_client *http, const struct http_response *challenge,
	    int64_t deadline_ms, unsigned *requests, struct notar_error *err)
{
	NOTAR_AUTO_OF(challenges) list = { 0 };
	const struct auth_round round = { deadline_ms, challenge->peer, requests };

	auth->was_asked = true;
	/* Somebody else, whom a redirect led to, has no claim on our credentials. */
	if (challenge->url.host == NULL || !url_same_origin(&challenge->url, &auth->registry))
		return notar_fail(err, NOTAR_E_AUTH, "%s sent us to %s, which asks for credentials",
				  auth->host,
				  challenge->url.host == NULL ? "nobody" : challenge->url.host);
	NOTAR_TRY(read_challenges(challenge, &list, err));
	const struct challenge *c = challenges_pick(&list);
	if (c == NULL)
		return notar_fail(err, NOTAR_E_AUTH,
				  "%s asks for credentials in no way that we know", auth->host);
	if (c->scheme == CHALLENGE_BASIC)
		return answer_basic(auth, err);
	return answer_bearer(auth, http, c, &round, err);
}
