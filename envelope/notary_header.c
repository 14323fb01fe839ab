/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/notary_header.h"

void
notary_envelope_release(struct notary_envelope *envelope)
{
	buf_release(&envelope->to_be_signed);
	buf_release(&envelope->payload);
	buf_release(&envelope->signature);
	cert_list_release(&envelope->chain);
	buf_release(&envelope->timestamp);
	buf_release(&envelope->agent);
	buf_release(&envelope->plugin);
	buf_release(&envelope->plugin_min_version);
	for (size_t i = 0; i < envelope->extra_count; i++) {
		buf_release(&envelope->extras[i].name);
		buf_release(&envelope->extras[i].value);
	}
	free(envelope->extras);
	*envelope = (struct notary_envelope){ 0 };
}

enum notar_code
notary_add_extra(struct notary_envelope *envelope, struct span name, struct span value,
		 struct notar_error *err)
{
	struct notary_extra *grown =
		realloc(envelope->extras, (envelope->extra_count + 1) * sizeof(*envelope->extras));

	if (grown == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for an attribute");
	envelope->extras = grown;
	struct notary_extra *extra = &envelope->extras[envelope->extra_count++];

	*extra = (struct notary_extra){ 0 };
	buf_append_span(&extra->name, name);
	buf_append_span(&extra->value, value);
	NOTAR_TRY(buf_finish(&extra->name, "attribute", err));
	return buf_finish(&extra->value, "attribute", err);
}

static enum notar_code
read_scheme(const struct notary_header *h, struct notary_envelope *out, struct notar_error *err)
{
	if (span_is(h->scheme, "notary.x509"))
		out->scheme = NOTARY_X509;
	else if (span_is(h->scheme, "notary.x509.signingAuthority"))
		out->scheme = NOTARY_X509_AUTHORITY;
	else
		return notar_fail(err, NOTAR_E_FORMAT, "signingScheme: \"%.*s\" is none",
				  (int)(h->scheme.len < 60 ? h->scheme.len : 60),
				  (const char *)h->scheme.ptr);
	return NOTAR_OK;
}

/* A time belongs to its scheme; the other's is refused (section 6.1). */
static enum notar_code
read_times(const struct notary_header *h, struct notary_envelope *out, struct notar_error *err)
{
	bool by_authority = out->scheme == NOTARY_X509_AUTHORITY;

	if (by_authority ? h->has_signed : h->has_authentic)
		return notar_fail(err, NOTAR_E_FORMAT, "a time of the other signing scheme");
	if (by_authority ? !h->has_authentic : !h->has_signed)
		return notar_fail(err, NOTAR_E_FORMAT, "signing time not present");
	out->signed_s = by_authority ? h->authentic_s : h->signed_s;
	if (h->has_expiry && h->expires_s <= out->signed_s)
		return notar_fail(err, NOTAR_E_FORMAT, "expiry is not after the signing time");
	if (h->has_expiry && h->expires_s <= 0) /* 0 would read as "never" */
		return notar_fail(err, NOTAR_E_FORMAT, "expiry is before 1970");
	out->expires_s = h->has_expiry ? h->expires_s : 0;
	return NOTAR_OK;
}

static bool
is_listed(const struct notary_header *h, struct span name)
{
	for (size_t i = 0; i < h->critical_count; i++)
		if (span_equal(h->critical[i], name))
			return true;
	return false;
}

/* What may stand in crit: attributes of ours that are there, and extensions that are. */
static bool
may_be_critical(const struct notary_header *h, struct notary_envelope *envelope, struct span name)
{
	if (span_is(name, NOTARY_SCHEME))
		return true;
	if (span_is(name, NOTARY_AUTHENTIC_TIME))
		return h->has_authentic;
	if (span_is(name, NOTARY_EXPIRY))
		return h->has_expiry;
	if (span_is(name, NOTARY_PLUGIN))
		return envelope->plugin.len > 0;
	if (span_is(name, NOTARY_PLUGIN_MIN))
		return envelope->plugin_min_version.len > 0;
	for (size_t i = 0; i < envelope->extra_count; i++)
		if (span_equal(buf_span(&envelope->extras[i].name), name)) {
			envelope->extras[i].critical = true;
			return true;
		}
	return false;
}

static enum notar_code
check_listed(const struct notary_header *h, const char *name, bool needed, struct notar_error *err)
{
	if (!needed || is_listed(h, span_str(name)))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_FORMAT, "crit: %s is not listed", name);
}

static enum notar_code
check_critical(const struct notary_header *h, struct notary_envelope *envelope,
	       struct notar_error *err)
{
	if (h->critical_count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "crit: absent or empty");
	for (size_t i = 0; i < h->critical_count; i++) {
		struct span name = h->critical[i];
		int shown = (int)(name.len < 80 ? name.len : 80);

		for (size_t k = 0; k < i; k++)
			if (span_equal(name, h->critical[k]))
				return notar_fail(err, NOTAR_E_FORMAT, "crit: \"%.*s\" twice",
						  shown, (const char *)name.ptr);
		if (!may_be_critical(h, envelope, name))
			return notar_fail(err, NOTAR_E_FORMAT,
					  "crit: \"%.*s\" is absent, or may not be listed", shown,
					  (const char *)name.ptr);
	}
	NOTAR_TRY(check_listed(h, NOTARY_SCHEME, true, err));
	NOTAR_TRY(check_listed(h, NOTARY_AUTHENTIC_TIME, h->has_authentic, err));
	NOTAR_TRY(check_listed(h, NOTARY_EXPIRY, h->has_expiry, err));
	NOTAR_TRY(check_listed(h, NOTARY_PLUGIN, envelope->plugin.len > 0, err));
	return check_listed(h, NOTARY_PLUGIN_MIN, envelope->plugin_min_version.len > 0, err);
}

enum notar_code
notary_header_finish(const struct notary_header *h, struct notary_envelope *envelope,
		     struct notar_error *err)
{
	if (!span_is(h->content_type, NOTARY_PAYLOAD_TYPE))
		return notar_fail(err, NOTAR_E_FORMAT, "the content type is not that of a payload");
	NOTAR_TRY(read_scheme(h, envelope, err));
	NOTAR_TRY(read_times(h, envelope, err));
	return check_critical(h, envelope, err);
}
