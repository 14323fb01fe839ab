/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/config.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "verifier/config_callers.h"

enum member_kind { MEMBER_TEXT, MEMBER_CHOICE, MEMBER_INT, MEMBER_TIME, MEMBER_BOOL };

/*
 * The schema: object ("" is the document), member, kind, where it goes, bounds (times in
 * seconds), what stands when it is absent, and the allowed words of a choice.
 */
static const struct member {
	const char *object, *name;
	enum member_kind kind;
	size_t offset;
	int64_t min, max;
	const char *fallback; /* as the document would write it; NULL: absent */
	const char *choices;  /* separated by spaces */
} schema[] = {
#define AT(member) offsetof(struct config, member)
	{ "", "probes", MEMBER_TEXT, AT(probes), 0, 0, NULL, NULL },
	{ "", "policy", MEMBER_TEXT, AT(policy), 0, 0, NULL, NULL },
	{ "tls", "certificate", MEMBER_TEXT, AT(tls_certificate), 0, 0, NULL, NULL },
	{ "tls", "key", MEMBER_TEXT, AT(tls_key), 0, 0, NULL, NULL },
	{ "tls", "client_ca", MEMBER_TEXT, AT(tls_client_ca), 0, 0, NULL, NULL },
	{ "tls", "require_client_certificate", MEMBER_BOOL, AT(tls_require_client), 0, 0, NULL,
	  NULL },
	{ "tls", "minimum", MEMBER_CHOICE, AT(tls_minimum), 0, 0, "1.2", "1.2 1.3" },
	{ "log", "level", MEMBER_CHOICE, AT(log_level), 0, 0, "info", "error warning info debug" },
	{ "log", "format", MEMBER_CHOICE, AT(log_format), 0, 0, "auto", "auto json text" },
	{ "", "loops", MEMBER_INT, AT(loops), 0, 64, "0", NULL },
	{ "", "workers", MEMBER_INT, AT(workers), 1, 256, "8", NULL },
	{ "", "queue", MEMBER_INT, AT(queue), 1, 1000000, "4096", NULL },
	{ "", "listing_ttl", MEMBER_TIME, AT(listing_ttl_s), 0, 31536000, "1h", NULL },
	{ "", "negative_ttl", MEMBER_TIME, AT(negative_ttl_s), 0, 3600, "15s", NULL },
	{ "", "fetch_timeout", MEMBER_TIME, AT(fetch_timeout_s), 1, 300, "30s", NULL },
	{ "", "drain", MEMBER_TIME, AT(drain_s), 0, 300, "0s", NULL },
	{ "store", "quota_bytes", MEMBER_INT, AT(quota_bytes), 1 << 20, INT64_MAX, "4294967296",
	  NULL },
	{ "", "recheck_unchanged", MEMBER_BOOL, AT(recheck_unchanged), 0, 0, NULL, NULL },
	{ "", "connections", MEMBER_INT, AT(connections), 16, 1000000, "1024", NULL },
	{ "", "pin", MEMBER_CHOICE, AT(pin), 0, 0, "all", "all pods" },
	{ "", "pin_style", MEMBER_CHOICE, AT(pin_style), 0, 0, "keep-tag", "keep-tag digest-only" },
	{ "gate", "registry", MEMBER_TEXT, AT(gate_registry), 0, 0, NULL, NULL },
	{ "", "confinement", MEMBER_CHOICE, AT(confinement), 0, 0, "auto", "auto require off" },
	{ "gate", "headers", MEMBER_CHOICE, AT(gate_headers), 0, 0, "original",
	  "original forwarded" },
	{ "audit", "file", MEMBER_TEXT, AT(audit_file), 0, 0, NULL, NULL },
	{ "audit", "max_bytes", MEMBER_INT, AT(audit_max_bytes), 1 << 16, INT64_MAX, "134217728",
	  NULL },
	{ "revocation", "offline", MEMBER_BOOL, AT(revocation_offline), 0, 0, NULL, NULL },
	{ "revocation", "allow_private", MEMBER_BOOL, AT(revocation_private), 0, 0, NULL, NULL },
#undef AT
};

/* Members that hold lists or objects, by object. */
static const struct {
	const char *object, *name;
} nested[] = {
	{ "", "listen" },     { "", "tls" },     { "", "log" },
	{ "", "store" },      { "", "gate" },    { "", "audit" },
	{ "", "revocation" }, { "", "callers" }, { "", "registries" },
};

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < NOTAR_COUNT(schema); i++)
		if (schema[i].kind == MEMBER_TEXT || schema[i].kind == MEMBER_CHOICE)
			free(*(char **)(void *)((char *)config + schema[i].offset));
	for (size_t i = 0; i < CONFIG_LISTENERS; i++)
		free(config->listen[i]);
	for (size_t i = 0; i < config->registry_count; i++) {
		free(config->registries[i].host);
		free(config->registries[i].ca_file);
		free(config->registries[i].layout);
		free(config->registries[i].upstream);
	}
	config_callers_release(&config->callers);
	free(config);
}

static enum notar_code
dup_text(struct span text, char **out, struct notar_error *err)
{
	*out = span_dup(text);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

static bool
is_choice(const char *choices, struct span word)
{
	for (const char *at = choices; *at != '\0';) {
		size_t len = strcspn(at, " ");

		if (word.len == len && memcmp(word.ptr, at, len) == 0)
			return true;
		at += len + (at[len] == ' ' ? 1 : 0);
	}
	return false;
}

static enum notar_code
take_text(const struct member *m, const struct json *at, char **out, struct notar_error *err)
{
	struct span text = span_str(m->fallback);

	if (at->value != NULL)
		NOTAR_TRY(json_as_string(at, &text, err));
	else if (m->fallback == NULL)
		return NOTAR_OK;
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", at->path);
	if (m->kind == MEMBER_CHOICE && !is_choice(m->choices, text))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: none of: %s", at->path, m->choices);
	return dup_text(text, out, err);
}

static enum notar_code
take_time(const struct member *m, const struct json *at, int64_t *out, struct notar_error *err)
{
	struct span text = span_str(m->fallback);

	if (at->value != NULL)
		NOTAR_TRY(json_as_string(at, &text, err));
	if (clock_parse_duration(text, out, err) != NOTAR_OK)
		return notar_context(err, "%s", at->path);
	if (*out < m->min || *out > m->max)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not within %llds and %llds", at->path,
				  (long long)m->min, (long long)m->max);
	return NOTAR_OK;
}

static enum notar_code
take(const struct member *m, const struct json *at, struct config *config, struct notar_error *err)
{
	void *out = (char *)config + m->offset;

	switch (m->kind) {
	case MEMBER_TEXT:
	case MEMBER_CHOICE:
		return take_text(m, at, out, err);
	case MEMBER_TIME:
		return take_time(m, at, out, err);
	case MEMBER_INT:
		if (at->value != NULL)
			return json_as_int(at, m->min, m->max, out, err);
		*(int64_t *)out = strtoll(m->fallback, NULL, 10);
		return NOTAR_OK;
	case MEMBER_BOOL:
		return at->value != NULL ? json_as_bool(at, out, err) : NOTAR_OK;
	}
	return notar_fail(err, NOTAR_E_INTERNAL, "no such kind of member");
}

/* Everything of one object; an object that is absent gives its members' fallbacks. */
static enum notar_code
read_object(const struct json *at, const char *object, struct config *config,
	    struct notar_error *err)
{
	const char *names[NOTAR_COUNT(schema) + NOTAR_COUNT(nested)];
	size_t count = 0;

	for (size_t i = 0; i < NOTAR_COUNT(schema); i++)
		if (strcmp(schema[i].object, object) == 0)
			names[count++] = schema[i].name;
	for (size_t i = 0; i < NOTAR_COUNT(nested); i++)
		if (strcmp(nested[i].object, object) == 0)
			names[count++] = nested[i].name;
	if (at->value != NULL)
		NOTAR_TRY(json_only(at, names, count, err));
	for (size_t i = 0; i < NOTAR_COUNT(schema); i++) {
		struct json value = { 0 };

		if (strcmp(schema[i].object, object) != 0)
			continue;
		if (at->value != NULL)
			NOTAR_TRY(json_optional(at, schema[i].name, &value, err));
		NOTAR_TRY(take(&schema[i], &value, config, err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_listen(const struct json *top, struct config *config, struct notar_error *err)
{
	struct json list;
	size_t count;

	NOTAR_TRY(json_member(top, "listen", &list, err));
	NOTAR_TRY(json_as_array(&list, CONFIG_LISTENERS, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list.path);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i);
		struct span text;

		NOTAR_TRY(json_as_string(&one, &text, err));
		if (text.len == 0)
			return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", one.path);
		NOTAR_TRY(dup_text(text, &config->listen[i], err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_registry(const char *host, const struct json *at, struct config_registry *out,
	      struct notar_error *err)
{
	static const char *const names[] = { "ca_file", "layout", "plain_http", "upstream" };
	struct span ca_file, layout, upstream;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_optional_bool(at, "plain_http", false, &out->plain_http, err));
	NOTAR_TRY(json_optional_string(at, "ca_file", &ca_file, err));
	NOTAR_TRY(json_optional_string(at, "layout", &layout, err));
	NOTAR_TRY(json_optional_string(at, "upstream", &upstream, err));
	if (upstream.ptr != NULL && layout.ptr != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: both a layout and an upstream",
				  at->path);
	if (upstream.ptr != NULL && (upstream.len == 0 || upstream.len >= 256))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.upstream: not a host", at->path);
	if (upstream.ptr != NULL)
		NOTAR_TRY(dup_text(upstream, &out->upstream, err));
	if (ca_file.ptr != NULL)
		NOTAR_TRY(dup_text(ca_file, &out->ca_file, err));
	if (layout.ptr != NULL && (layout.len == 0 || layout.ptr[0] != '/'))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.layout: not an absolute path", at->path);
	if (layout.ptr != NULL)
		NOTAR_TRY(dup_text(layout, &out->layout, err));
	return dup_text(span_str(host), &out->host, err);
}

static enum notar_code
read_registries(const struct json *top, struct config *config, struct notar_error *err)
{
	struct json all, one;
	void *cursor = NULL;
	const char *host;

	NOTAR_TRY(json_optional(top, "registries", &all, err));
	if (all.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_object(&all, err));
	while (json_next_member(&all, &cursor, &host, &one)) {
		if (config->registry_count == CONFIG_REGISTRIES)
			return notar_fail(err, NOTAR_E_LIMIT, "%s: over %d", all.path,
					  CONFIG_REGISTRIES);
		NOTAR_TRY(read_registry(host, &one, &config->registries[config->registry_count++],
					err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_document(const struct json *top, struct config *config, struct notar_error *err)
{
	static const char *const objects[] = {
		"tls", "log", "store", "gate", "audit", "revocation"
	};
	struct json callers;

	NOTAR_TRY(read_object(top, "", config, err));
	for (size_t i = 0; i < NOTAR_COUNT(objects); i++) {
		struct json at;

		NOTAR_TRY(json_optional(top, objects[i], &at, err));
		NOTAR_TRY(read_object(&at, objects[i], config, err));
	}
	NOTAR_TRY(read_listen(top, config, err));
	NOTAR_TRY(read_registries(top, config, err));
	NOTAR_TRY(json_optional(top, "callers", &callers, err));
	NOTAR_TRY(config_callers_read(&callers, &config->callers, err));
	if (config->tls_certificate == NULL &&
	    (config->tls_client_ca != NULL || config->tls_require_client))
		return notar_fail(err, NOTAR_E_FORMAT, "tls.client_ca: needs tls.certificate");
	if (config->tls_require_client && config->tls_client_ca == NULL)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "tls.require_client_certificate: needs tls.client_ca");
	if ((config->tls_certificate == NULL) != (config->tls_key == NULL))
		return notar_fail(err, NOTAR_E_FORMAT, "tls: certificate and key go together");
	return NOTAR_OK;
}

enum notar_code
config_load(struct span document, struct config **out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_CONFIG_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO(config) *config = calloc(1, sizeof(*config));
	struct json top;

	if (config == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a configuration");
	if (json_parse(document, limits, "configuration", &root, &top, err) != NOTAR_OK ||
	    read_document(&top, config, err) != NOTAR_OK) {
		if (err->code != NOTAR_E_NOMEM)
			err->code = NOTAR_E_CONFIG;
		return err->code;
	}
	*out = NOTAR_TAKE(config);
	return NOTAR_OK;
}

enum notar_code
config_read(const char *path, struct config **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	NOTAR_TRY(file_read(path, LIMIT_CONFIG_BYTES, &text, err));
	if (config_load(buf_span(&text), out, err) != NOTAR_OK)
		return notar_context(err, "%s", path);
	return NOTAR_OK;
}

const struct config_registry *
config_registry_for(const struct config *config, const char *host)
{
	for (size_t i = 0; i < config->registry_count; i++)
		if (strcmp(config->registries[i].host, host) == 0)
			return &config->registries[i];
	return NULL;
}
