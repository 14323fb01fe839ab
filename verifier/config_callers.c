/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/config_callers.h"

#include <stdlib.h>

#include "base/codec.h"

#define NAME_CHARS 60
#define MOST_RATE 1000000
#define MOST_CONNECTIONS 1000000

void
config_callers_release(struct config_callers *callers)
{
	for (size_t i = 0; i < callers->count; i++) {
		free(callers->named[i].name);
		free(callers->named[i].certificate);
	}
}

static enum notar_code
dup_text(struct span text, char **out, struct notar_error *err)
{
	*out = span_dup(text);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

/* A list of "ask" and "read"; absent leaves *out alone. */
static enum notar_code
read_rights(const struct json *object, const char *name, unsigned *out, struct notar_error *err)
{
	struct json list;
	unsigned rights = 0;
	size_t count;

	NOTAR_TRY(json_optional(object, name, &list, err));
	if (list.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&list, 2, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i);
		struct span word;

		NOTAR_TRY(json_as_string(&one, &word, err));
		unsigned right = span_is(word, "ask")  ? CONFIG_ASK :
				 span_is(word, "read") ? CONFIG_READ :
							 0;

		if (right == 0 || (rights & right) != 0)
			return notar_fail(err, NOTAR_E_FORMAT,
					  "%s: not \"ask\" or \"read\", or twice", one.path);
		rights |= right;
	}
	*out = rights;
	return NOTAR_OK;
}

static enum notar_code
read_caps(const struct json *at, const struct config_caps *fallback, struct config_caps *out,
	  struct notar_error *err)
{
	NOTAR_TRY(json_optional_int(at, "rate", 0, MOST_RATE, fallback->rate, &out->rate, err));
	return json_optional_int(at, "connections", 0, MOST_CONNECTIONS, fallback->connections,
				 &out->connections, err);
}

static enum notar_code
read_proof(const struct json *at, struct config_caller *out, struct notar_error *err)
{
	struct span hash, certificate;
	struct json uid;

	NOTAR_TRY(json_optional_string(at, "token_sha256", &hash, err));
	NOTAR_TRY(json_optional_string(at, "certificate", &certificate, err));
	NOTAR_TRY(json_optional(at, "uid", &uid, err));
	out->uid = -1;
	if ((hash.ptr != NULL) + (certificate.ptr != NULL) + (uid.value != NULL) != 1)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: just one of token_sha256, certificate and uid", at->path);
	if (uid.value != NULL)
		return json_as_int(&uid, 0, UINT32_MAX - 1, &out->uid, err);
	if (certificate.ptr != NULL && certificate.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.certificate: empty", at->path);
	if (certificate.ptr != NULL)
		return dup_text(certificate, &out->certificate, err);
	out->by_token = true;
	if (hex_decode(hash, out->token_sha256, sizeof(out->token_sha256), "token_sha256", err) !=
	    NOTAR_OK)
		return notar_context(err, "%s", at->path);
	return NOTAR_OK;
}

static enum notar_code
read_named(const struct json *at, const struct config_caps *fallback, struct config_caller *out,
	   struct notar_error *err)
{
	static const char *const names[] = { "name",   "token_sha256", "certificate", "uid",
					     "rights", "rate",         "connections" };
	struct span name;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "name", &name, err));
	if (name.len == 0 || name.len > NAME_CHARS || span_is(name, "anonymous") ||
	    span_is(name, "unix"))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.name: empty, over %d bytes, or taken",
				  at->path, NAME_CHARS);
	NOTAR_TRY(dup_text(name, &out->name, err));
	NOTAR_TRY(read_proof(at, out, err));
	out->rights = CONFIG_ASK;
	NOTAR_TRY(read_rights(at, "rights", &out->rights, err));
	return read_caps(at, fallback, &out->caps, err);
}

static enum notar_code
check_distinct(const struct config_callers *callers, const struct json *at, struct notar_error *err)
{
	const struct config_caller *last = &callers->named[callers->count - 1];

	for (size_t i = 0; i + 1 < callers->count; i++)
		if (strcmp(callers->named[i].name, last->name) == 0)
			return notar_fail(err, NOTAR_E_FORMAT, "%s.name: named twice", at->path);
	return NOTAR_OK;
}

enum notar_code
config_callers_read(const struct json *at, struct config_callers *out, struct notar_error *err)
{
	static const char *const names[] = { "anonymous", "unix", "rate", "connections", "named" };
	const struct config_caps none = { 0 };
	struct json list;
	size_t count;

	out->anonymous = CONFIG_ASK;
	out->local = CONFIG_ASK | CONFIG_READ;
	if (at->value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(read_rights(at, "anonymous", &out->anonymous, err));
	NOTAR_TRY(read_rights(at, "unix", &out->local, err));
	NOTAR_TRY(read_caps(at, &none, &out->caps, err));
	NOTAR_TRY(json_optional(at, "named", &list, err));
	if (list.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&list, CONFIG_CALLERS, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i);

		out->count++;
		NOTAR_TRY(read_named(&one, &out->caps, &out->named[i], err));
		NOTAR_TRY(check_distinct(out, &one, err));
	}
	return NOTAR_OK;
}
