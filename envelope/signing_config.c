/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/signing_config.h"

#include "base/clock.h"
#include "base/json_proto.h"
#include "base/limits.h"

#define MEDIA_TYPE "application/vnd.dev.sigstore.signingconfig.v0.2+json"

static void
services_release(struct signing_services *services)
{
	for (size_t i = 0; i < services->count; i++) {
		free(services->items[i].url);
		free(services->items[i].operator);
	}
	free(services->items);
	*services = (struct signing_services){ 0 };
}

void
signing_config_release(struct signing_config *config)
{
	services_release(&config->authorities);
	services_release(&config->providers);
	services_release(&config->logs);
	services_release(&config->stampers);
}

static enum notar_code
read_time(const struct json *object, const char *name, int64_t *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_optional_string(object, name, &text, err));
	if (text.ptr == NULL)
		return NOTAR_OK;
	if (clock_parse_rfc3339(text, out, err) != NOTAR_OK)
		return notar_context(err, "%s.%s", object->path, name);
	return NOTAR_OK;
}

static enum notar_code
read_validity(const struct json *at, struct signing_service *out, struct notar_error *err)
{
	struct json range;

	NOTAR_TRY(json_proto_optional(at, "validFor", &range, err));
	if (range.value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.validFor: missing", at->path);
	out->from_s = INT64_MAX;
	out->to_s = INT64_MAX;
	NOTAR_TRY(read_time(&range, "start", &out->from_s, err));
	if (out->from_s == INT64_MAX)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.start: missing", range.path);
	return read_time(&range, "end", &out->to_s, err);
}

static bool
is_url(struct span text)
{
	if (!span_starts_with(text, "https://") && !span_starts_with(text, "http://"))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
			return false;
	return text.len <= LIMIT_URL_BYTES;
}

static enum notar_code
read_service(const struct json *at, struct signing_service *out, struct notar_error *err)
{
	struct json version;
	struct span url, operator;

	NOTAR_TRY(json_member_string(at, "url", &url, err));
	if (!is_url(url))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.url: not a URL of a service", at->path);
	NOTAR_TRY(json_proto_optional(at, "majorApiVersion", &version, err));
	if (version.value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.majorApiVersion: missing", at->path);
	NOTAR_TRY(json_as_int(&version, 0, UINT32_MAX, &out->version, err));
	NOTAR_TRY(read_validity(at, out, err));
	NOTAR_TRY(json_optional_string(at, "operator", &operator, err));
	out->url = span_dup(url);
	out->operator= operator.ptr == NULL ? span_dup(span_str("")) : span_dup(operator);
	return out->url != NULL && out->operator!= NULL ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_NOMEM, "no memory for a service");
}

static enum notar_code
read_services(const struct json *top, const char *name, struct signing_services *out,
	      struct notar_error *err)
{
	struct json list;
	size_t count = 0;

	NOTAR_TRY(json_proto_optional(top, name, &list, err));
	if (list.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&list, LIMIT_ROOT_ENTRIES, &count, err));
	out->items = count == 0 ? NULL : calloc(count, sizeof(*out->items));
	if (count > 0 && out->items == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for services");
	for (size_t i = 0; i < count; i++) {
		struct json item = json_item(&list, i);

		out->count++;
		NOTAR_TRY(read_service(&item, &out->items[i], err));
	}
	return NOTAR_OK;
}

/* Enumerations are written by name or by number. */
static enum notar_code
read_selector_value(const struct json *at, enum signing_selector *out, struct notar_error *err)
{
	static const char *const names[] = { "SERVICE_SELECTOR_UNDEFINED", "ALL", "ANY", "EXACT" };
	int64_t number = 0;
	struct span text;

	if (!json_holds_string(at)) {
		NOTAR_TRY(json_as_int(at, SIGNING_NONE, SIGNING_EXACT, &number, err));
		*out = (enum signing_selector)number;
		return NOTAR_OK;
	}
	NOTAR_TRY(json_as_string(at, &text, err));
	for (size_t i = 0; i < NOTAR_COUNT(names); i++)
		if (span_is(text, names[i])) {
			*out = (enum signing_selector)i;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT, "%s: not ALL, ANY or EXACT", at->path);
}

static enum notar_code
read_selector(const struct json *top, const char *name, struct signing_services *out,
	      struct notar_error *err)
{
	struct json at, selector;
	int64_t wanted = 0;

	NOTAR_TRY(json_proto_optional(top, name, &at, err));
	if (at.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_optional(&at, "selector", &selector, err));
	if (selector.value != NULL)
		NOTAR_TRY(read_selector_value(&selector, &out->selector, err));
	NOTAR_TRY(json_optional_int(&at, "count", 0, UINT32_MAX, 0, &wanted, err));
	if (out->selector == SIGNING_EXACT && wanted == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: EXACT without a count", at.path);
	out->wanted = (size_t)wanted;
	return NOTAR_OK;
}

static enum notar_code
read_config(const struct json *top, struct signing_config *out, struct notar_error *err)
{
	struct json type;
	struct span text;

	NOTAR_TRY(json_proto_optional(top, "mediaType", &type, err));
	if (type.value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.mediaType: missing", top->path);
	NOTAR_TRY(json_as_string(&type, &text, err));
	if (!span_is(text, MEDIA_TYPE))
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "signing config: another mediaType than " MEDIA_TYPE);
	NOTAR_TRY(read_services(top, "caUrls", &out->authorities, err));
	NOTAR_TRY(read_services(top, "oidcUrls", &out->providers, err));
	NOTAR_TRY(read_services(top, "rekorTlogUrls", &out->logs, err));
	NOTAR_TRY(read_services(top, "tsaUrls", &out->stampers, err));
	NOTAR_TRY(read_selector(top, "rekorTlogConfig", &out->logs, err));
	return read_selector(top, "tsaConfig", &out->stampers, err);
}

enum notar_code
signing_config_parse(struct span bytes, struct signing_config *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_TRUSTED_ROOT_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(signing_config) config = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(bytes, limits, "signing config", &root, &top, err));
	NOTAR_TRY(read_config(&top, &config, err));
	*out = config;
	config = (struct signing_config){ 0 };
	return NOTAR_OK;
}
