/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/jws.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"
#include "envelope/notary_header.h"

static const struct json_limits limits = { LIMIT_NOTARY_ENVELOPE_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };

static enum notar_code
read_time(const struct json *at, int64_t *out_s, bool *has, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	if (clock_parse_rfc3339(text, out_s, err) != NOTAR_OK)
		return notar_context(err, "%s", at->path);
	*has = true;
	return NOTAR_OK;
}

static enum notar_code
read_critical(const struct json *at, struct notary_header *h, struct notar_error *err)
{
	NOTAR_TRY(json_as_array(at, NOTARY_ATTRIBUTES_MAX, &h->critical_count, err));
	for (size_t i = 0; i < h->critical_count; i++) {
		struct json one = json_item(at, i);

		NOTAR_TRY(json_as_string(&one, &h->critical[i], err));
	}
	return NOTAR_OK;
}

/* A text that must not be blank: it names something to be found. */
static enum notar_code
read_name(const struct json *at, struct buf *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	if (text.len == 0 || text.ptr[0] == ' ')
		return notar_fail(err, NOTAR_E_FORMAT, "%s: blank", at->path);
	buf_append_span(out, text);
	return buf_finish(out, at->path, err);
}

static enum notar_code
read_algorithm(const struct json *at, struct notary_envelope *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	out->suite = suite_of_jws(text);
	return out->suite != NULL ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_FORMAT, "%s: \"%.*s\" is not allowed", at->path,
				  (int)(text.len < 20 ? text.len : 20), (const char *)text.ptr);
}

static enum notar_code
read_extra(const char *name, const struct json *value, struct notary_envelope *out,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };

	if (out->extra_count == NOTARY_ATTRIBUTES_MAX)
		return notar_fail(err, NOTAR_E_LIMIT, "over %d attributes", NOTARY_ATTRIBUTES_MAX);
	json_put_value(&text, value->value);
	NOTAR_TRY(buf_finish(&text, value->path, err));
	return notary_add_extra(out, span_str(name), buf_span(&text), err);
}

static enum notar_code
read_member(const char *name, const struct json *value, struct notary_header *h,
	    struct notary_envelope *out, struct notar_error *err)
{
	if (strcmp(name, "alg") == 0)
		return read_algorithm(value, out, err);
	if (strcmp(name, "cty") == 0)
		return json_as_string(value, &h->content_type, err);
	if (strcmp(name, "crit") == 0)
		return read_critical(value, h, err);
	if (strcmp(name, NOTARY_SCHEME) == 0)
		return json_as_string(value, &h->scheme, err);
	if (strcmp(name, NOTARY_SIGNING_TIME) == 0)
		return read_time(value, &h->signed_s, &h->has_signed, err);
	if (strcmp(name, NOTARY_AUTHENTIC_TIME) == 0)
		return read_time(value, &h->authentic_s, &h->has_authentic, err);
	if (strcmp(name, NOTARY_EXPIRY) == 0)
		return read_time(value, &h->expires_s, &h->has_expiry, err);
	if (strcmp(name, NOTARY_PLUGIN) == 0)
		return read_name(value, &out->plugin, err);
	if (strcmp(name, NOTARY_PLUGIN_MIN) == 0)
		return read_name(value, &out->plugin_min_version, err);
	return read_extra(name, value, out, err);
}

static enum notar_code
read_protected(const struct json *top, struct notary_envelope *out, struct notar_error *err)
{
	struct notary_header header = { 0 };
	void *cursor = NULL;
	const char *name;
	struct json value;

	NOTAR_TRY(json_as_object(top, err));
	while (json_next_member(top, &cursor, &name, &value))
		NOTAR_TRY(read_member(name, &value, &header, out, err));
	if (out->suite == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "protected.alg: absent");
	return notary_header_finish(&header, out, err);
}

static enum notar_code
read_chain(const struct json *header, struct notary_envelope *out, struct notar_error *err)
{
	struct json list;
	size_t count;

	NOTAR_TRY(json_member(header, "x5c", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_CHAIN_CERTIFICATES, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list.path);
	for (size_t i = 0; i < count; i++) {
		NOTAR_AUTO_OF(buf) der = { .cap = LIMIT_CERTIFICATE_BYTES };
		struct json one = json_item(&list, i);
		struct span text;

		NOTAR_TRY(json_as_string(&one, &text, err));
		NOTAR_TRY(base64_decode(text, &der, one.path, err));
		NOTAR_TRY(
			cert_list_add(&out->chain, buf_span(&der), LIMIT_CHAIN_CERTIFICATES, err));
	}
	return NOTAR_OK;
}

/* A name in both headers could mean either (RFC 7515 section 7.2.1). */
static enum notar_code
check_disjoint(const struct json *header, const struct json *protected, struct notar_error *err)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	while (json_next_member(header, &cursor, &name, &value))
		if (json_has(protected, name))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: in both headers", value.path);
	return NOTAR_OK;
}

static enum notar_code
read_unprotected(const struct json *header, struct notary_envelope *out, struct notar_error *err)
{
	struct span token, agent;

	NOTAR_TRY(read_chain(header, out, err));
	NOTAR_TRY(json_optional_string(header, NOTARY_TIMESTAMP, &token, err));
	out->timestamp.cap = LIMIT_TIMESTAMP_BYTES;
	if (token.ptr != NULL)
		NOTAR_TRY(base64_decode(token, &out->timestamp, "header." NOTARY_TIMESTAMP, err));
	NOTAR_TRY(json_optional_string(header, NOTARY_AGENT, &agent, err));
	buf_append_span(&out->agent, agent);
	return buf_finish(&out->agent, "signing agent", err);
}

static enum notar_code
read_parts(const struct json *top, struct notary_envelope *out, struct notar_error *err)
{
	static const char *const names[] = { "payload", "protected", "header", "signature" };
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct span payload, protected, signature;
	struct json header, inner;

	NOTAR_TRY(json_only(top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(top, "payload", &payload, err));
	NOTAR_TRY(json_member_string(top, "protected", &protected, err));
	NOTAR_TRY(json_member_string(top, "signature", &signature, err));
	NOTAR_TRY(json_member(top, "header", &header, err));
	NOTAR_TRY(json_as_object(&header, err));
	NOTAR_TRY(base64url_decode(payload, &out->payload, "payload", err));
	NOTAR_TRY(base64url_decode(signature, &out->signature, "signature", err));
	NOTAR_TRY(base64url_decode(protected, &text, "protected", err));
	NOTAR_TRY(json_parse(buf_span(&text), limits, "protected", &root, &inner, err));
	NOTAR_TRY(read_protected(&inner, out, err));
	NOTAR_TRY(check_disjoint(&header, &inner, err));
	NOTAR_TRY(read_unprotected(&header, out, err));
	/* The strings as they are carried: nothing is written anew (section 5.3). */
	buf_append_span(&out->to_be_signed, protected);
	buf_append_byte(&out->to_be_signed, '.');
	buf_append_span(&out->to_be_signed, payload);
	return buf_finish(&out->to_be_signed, "signed bytes", err);
}

enum notar_code
jws_parse(struct span bytes, struct notary_envelope *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(notary_envelope) read = { .format = FACT_JWS };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(bytes, limits, "jws", &root, &top, err));
	NOTAR_TRY(read_parts(&top, &read, err));
	if (read.signature.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "signature: empty");
	*out = read;
	read = (struct notary_envelope){ 0 };
	return NOTAR_OK;
}
