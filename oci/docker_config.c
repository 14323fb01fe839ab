/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/docker_config.h"

#include <sodium.h>

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"

#define DOCKER_HUB "docker.io"
#define DOCKER_HUB_KEY "https://index.docker.io/v1/"
#define DOCKER_HUB_INDEX "index.docker.io"

const char *
docker_config_key(const char *host)
{
	return strcmp(host, DOCKER_HUB) == 0 ? DOCKER_HUB_KEY : host;
}

static enum notar_code
parse(struct span document, struct json_t **root, struct json *top, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_DOCKER_CONFIG_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };

	NOTAR_TRY(json_parse(document, limits, "credentials file", root, top, err));
	return json_as_object(top, err);
}

static bool
is_helper_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
		if (!ok)
			return false;
	}
	return name.len <= DOCKER_CONFIG_HELPER_CHARS;
}

static enum notar_code
helper_for_host(const struct json *top, const char *host, struct span *out, struct notar_error *err)
{
	struct json helpers;

	*out = (struct span){ 0 };
	NOTAR_TRY(json_optional(top, "credHelpers", &helpers, err));
	if (helpers.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_optional_string(&helpers, host, out, err));
	if (out->len == 0)
		NOTAR_TRY(json_optional_string(&helpers, docker_config_key(host), out, err));
	return NOTAR_OK;
}

enum notar_code
docker_config_helper(struct span document, const char *host,
		     char out[DOCKER_CONFIG_HELPER_CHARS + 1], struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;
	struct span name;

	NOTAR_TRY(parse(document, &root, &top, err));
	NOTAR_TRY(helper_for_host(&top, host, &name, err));
	if (name.len == 0)
		NOTAR_TRY(json_optional_string(&top, "credsStore", &name, err));
	if (!is_helper_name(name))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "credentials file: not a credential helper's name");
	if (name.len > 0)
		memcpy(out, name.ptr, name.len);
	out[name.len] = '\0';
	return NOTAR_OK;
}

/* "https://H/v1/" and "https://H/x" mean H; "H/ns/repo" keeps its path (podman). */
static struct span
bare_key(const char *key)
{
	struct span text = span_str(key);
	bool had_scheme = true;

	if (span_starts_with(text, "https://"))
		text = span_from(text, 8);
	else if (span_starts_with(text, "http://"))
		text = span_from(text, 7);
	else
		had_scheme = false;
	struct span path = span_from(text, span_find(text, '/'));
	if (had_scheme || span_is(path, "/") || span_is(path, "/v1") || span_is(path, "/v1/") ||
	    span_is(path, "/v2") || span_is(path, "/v2/"))
		text.len -= path.len;
	return text;
}

/* How much of "host/repository" the key covers, in whole components; 0 when it is another's. */
static size_t
covered(struct span key, const char *host, const char *repository)
{
	size_t host_len = strlen(host);

	if (strcmp(host, DOCKER_HUB) == 0 && span_is(key, DOCKER_HUB_INDEX))
		return host_len;
	if (key.len < host_len || memcmp(key.ptr, host, host_len) != 0)
		return 0;
	if (key.len == host_len)
		return host_len;
	struct span path = span_from(key, host_len + 1);
	if (key.ptr[host_len] != '/' || repository == NULL || path.len == 0)
		return 0;
	struct span all = span_str(repository);
	if (path.len > all.len || memcmp(path.ptr, all.ptr, path.len) != 0)
		return 0;
	return path.len == all.len || all.ptr[path.len] == '/' ? key.len : 0;
}

bool
docker_config_is_key_of(const char *key, const char *host)
{
	return covered(bare_key(key), host, NULL) > 0;
}

/* base64("user:password"); old clients padded the password with NULs. */
static enum notar_code
read_auth(struct span auth, struct credentials *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) plain = { .cap = LIMIT_CREDENTIAL_BYTES };
	enum notar_code code = base64_decode(auth, &plain, "credentials file: auth", err);
	struct span text = buf_span(&plain);
	size_t colon = span_find(text, ':');

	while (text.len > colon && text.ptr[text.len - 1] == '\0')
		text.len--;
	if (code == NOTAR_OK && colon >= text.len)
		code = notar_fail(err, NOTAR_E_FORMAT, "credentials file: auth has no colon");
	if (code == NOTAR_OK)
		code = credentials_set(span_of(text.ptr, colon), span_from(text, colon + 1), out,
				       err);
	if (plain.ptr != NULL)
		sodium_memzero(plain.ptr, plain.len);
	return code;
}

static enum notar_code
optional_secret(const struct json *entry, const char *name, struct secret *out,
		struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_optional_string(entry, name, &text, err));
	if (text.len > LIMIT_CREDENTIAL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: too long", entry->path);
	return text.len > 0 ? secret_copy(text, out, err) : NOTAR_OK;
}

static enum notar_code
read_entry(const struct json *entry, struct credentials *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(credentials) found = { 0 };
	struct span auth;

	NOTAR_TRY(json_as_object(entry, err));
	NOTAR_TRY(json_optional_string(entry, "auth", &auth, err));
	if (auth.len > 0) {
		NOTAR_TRY(read_auth(auth, &found, err));
	} else {
		NOTAR_TRY(optional_secret(entry, "username", &found.username, err));
		NOTAR_TRY(optional_secret(entry, "password", &found.password, err));
	}
	if (found.identity_token.ptr == NULL)
		NOTAR_TRY(optional_secret(entry, "identitytoken", &found.identity_token, err));
	NOTAR_TRY(optional_secret(entry, "registrytoken", &found.registry_token, err));
	*out = found;
	found = (struct credentials){ 0 };
	return NOTAR_OK;
}

enum notar_code
docker_config_find(struct span document, const char *host, const char *repository,
		   struct credentials *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(credentials) found = { 0 };
	struct json top, auths, value, best = { 0 };
	size_t best_cover = 0;
	void *cursor = NULL;
	const char *key;

	NOTAR_TRY(parse(document, &root, &top, err));
	NOTAR_TRY(json_optional(&top, "auths", &auths, err));
	if (auths.value != NULL)
		NOTAR_TRY(json_as_object(&auths, err));
	while (auths.value != NULL && json_next_member(&auths, &cursor, &key, &value)) {
		size_t cover = covered(bare_key(key), host, repository);
		if (cover > best_cover) {
			best = value;
			best_cover = cover;
		}
	}
	if (best_cover > 0)
		NOTAR_TRY(read_entry(&best, &found, err));
	if (credentials_are_empty(&found))
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no credentials stored for %s", host);
	*out = found;
	found = (struct credentials){ 0 };
	return NOTAR_OK;
}
