/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy_x509.h"

#include "base/fact.h"
#include "base/limits.h"

#define IDENTITIES_MAX 1024
#define PLUGINS_MAX 16

void
policy_x509_free(struct policy_x509 *x509)
{
	if (x509 == NULL)
		return;
	for (size_t i = 0; i < X509_ANCHORS; i++)
		cert_list_release(&x509->anchors[i]);
	for (size_t i = 0; i < x509->identity_count; i++)
		distinguished_name_free(x509->identities[i]);
	for (size_t i = 0; i < x509->identity_text_count; i++)
		free(x509->identity_texts[i]);
	for (size_t i = 0; i < x509->plugin_count; i++)
		free(x509->plugins[i]);
	free(x509->identity_texts);
	free(x509->identities);
	free(x509->plugins);
	free(x509);
}

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
}

/* specs/notary-project.md section 11. */
enum notar_code
policy_x509_check_anchor(const struct cert *cert, enum x509_anchor_kind kind,
			 struct notar_error *err)
{
	char name[CERT_NAME_TEXT_BYTES];
	bool is_ca = cert_is_ca(cert);

	if (kind == X509_ANCHOR_TSA && !(is_ca && cert->is_self_signed))
		return notar_fail(err, NOTAR_E_FORMAT, "\"%s\" is not a self-signed CA",
				  cert_name_text(cert, name));
	if (!is_ca && !cert->is_self_signed)
		return notar_fail(err, NOTAR_E_FORMAT, "\"%s\" is neither a CA nor self-signed",
				  cert_name_text(cert, name));
	return NOTAR_OK;
}

static enum notar_code
read_anchors(const struct json *at, enum x509_anchor_kind kind, struct cert_list *out,
	     struct notar_error *err)
{
	static const char *const members[X509_ANCHORS] = { "ca", "signingAuthority", "tsa" };
	struct json list;
	size_t count;

	NOTAR_TRY(json_optional(at, members[kind], &list, err));
	if (list.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&list, LIMIT_TRUST_STORE_CERTIFICATES, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list.path);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i);
		size_t first = out->count;
		struct span pem;

		NOTAR_TRY(json_as_string(&one, &pem, err));
		enum notar_code code =
			cert_list_add_file(out, pem, LIMIT_TRUST_STORE_CERTIFICATES, err);

		for (size_t k = first; code == NOTAR_OK && k < out->count; k++)
			code = policy_x509_check_anchor(out->certs[k], kind, err);
		if (code != NOTAR_OK)
			return notar_context(err, "%s", one.path);
	}
	return NOTAR_OK;
}

static enum notar_code
check_overlap(const struct policy_x509 *x509, const char *path, struct notar_error *err)
{
	const struct distinguished_name *last = x509->identities[x509->identity_count - 1];

	for (size_t i = 0; i + 1 < x509->identity_count; i++)
		if (distinguished_name_is_part_of(last, x509->identities[i]) ||
		    distinguished_name_is_part_of(x509->identities[i], last))
			return notar_fail(err, NOTAR_E_FORMAT,
					  "%s: overlaps with the identity at %zu", path, i);
	return NOTAR_OK;
}

/* "arn:aws:signer:…" and what else a plugin may know. One letter wrong in our own prefix must not
 * make it somebody else's. */
static bool
is_for_plugins(struct span text)
{
	static const char ours[] = "x509.subject:";
	size_t colon = span_find(text, ':');

	return colon > 0 && colon + 1 < text.len &&
	       (text.len < strlen(ours) ||
		strncasecmp((const char *)text.ptr, ours, strlen(ours)) != 0);
}

static enum notar_code
read_identity(const struct json *at, struct policy_x509 *out, struct notar_error *err)
{
	static const char prefix[] = "x509.subject:";
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	out->identity_texts[out->identity_text_count] = span_dup(text);
	if (out->identity_texts[out->identity_text_count] == NULL)
		return no_memory(err);
	out->identity_text_count++;
	if (!span_starts_with(text, prefix) && out->plugin_count > 0 && is_for_plugins(text))
		return NOTAR_OK;
	if (!span_starts_with(text, prefix))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: neither \"*\" nor \"x509.subject: ...\"%s", at->path,
				  out->plugin_count > 0 ? "" : ", and no plugin is named");
	if (distinguished_name_parse(span_from(text, strlen(prefix)),
				     &out->identities[out->identity_count], err) != NOTAR_OK)
		return notar_context(err, "%s", at->path);
	out->identity_count++;
	return check_overlap(out, at->path, err);
}

/* "*" alone. */
static enum notar_code
read_any(const struct json *list, size_t count, struct policy_x509 *out, struct notar_error *err)
{
	const struct json one = json_item(list, 0);
	struct span text;

	if (count != 1)
		return NOTAR_OK;
	NOTAR_TRY(json_as_string(&one, &text, err));
	if (!span_is(text, "*"))
		return NOTAR_OK;
	out->identity_texts[0] = span_dup(text);
	if (out->identity_texts[0] == NULL)
		return no_memory(err);
	out->identity_text_count = 1;
	out->any_identity = true;
	return NOTAR_OK;
}

static enum notar_code
read_identities(const struct json *at, struct policy_x509 *out, struct notar_error *err)
{
	struct json list;
	size_t count;

	NOTAR_TRY(json_member(at, "identities", &list, err));
	NOTAR_TRY(json_as_array(&list, IDENTITIES_MAX, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list.path);
	out->identities = calloc(count, sizeof(struct distinguished_name *));
	out->identity_texts = calloc(count, sizeof(char *));
	if (out->identities == NULL || out->identity_texts == NULL)
		return no_memory(err);
	NOTAR_TRY(read_any(&list, count, out, err));
	for (size_t i = 0; !out->any_identity && i < count; i++) {
		struct json one = json_item(&list, i);

		NOTAR_TRY(read_identity(&one, out, err));
	}
	return NOTAR_OK;
}

/* One of the words, which stand in the order of the enum; the first when it is absent. */
static enum notar_code
read_word(const struct json *at, const char *member, const char *const *words, size_t count,
	  size_t *out, struct notar_error *err)
{
	struct span text;

	*out = 0;
	NOTAR_TRY(json_optional_string(at, member, &text, err));
	if (text.ptr == NULL)
		return NOTAR_OK;
	for (size_t i = 0; i < count; i++)
		if (span_is(text, words[i])) {
			*out = i;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: not one of the words it may be", at->path,
			  member);
}

static enum notar_code
read_action(const struct json *at, const char *member, enum x509_action last, enum x509_action *out,
	    struct notar_error *err)
{
	static const char *const words[] = { "enforce", "log", "skip" };
	size_t found;

	NOTAR_TRY(read_word(at, member, words, (size_t)last + 1, &found, err));
	*out = (enum x509_action)found;
	return NOTAR_OK;
}

static enum notar_code
read_actions(const struct json *at, struct policy_x509 *out, struct notar_error *err)
{
	static const char *const words[] = { "always", "afterCertExpiry" };
	size_t when;

	NOTAR_TRY(read_action(at, "authenticity", X509_LOG, &out->authenticity, err));
	NOTAR_TRY(read_action(at, "authenticTimestamp", X509_LOG, &out->timestamp, err));
	NOTAR_TRY(read_action(at, "expiry", X509_LOG, &out->expiry, err));
	NOTAR_TRY(read_action(at, "revocation", X509_SKIP, &out->revocation, err));
	NOTAR_TRY(read_word(at, "verifyTimestamp", words, NOTAR_COUNT(words), &when, err));
	out->timestamp_after_expiry = when == 1;
	return NOTAR_OK;
}

static enum notar_code
read_plugins(const struct json *at, struct policy_x509 *out, struct notar_error *err)
{
	struct json list;
	size_t count;

	NOTAR_TRY(json_optional(at, "plugins", &list, err));
	if (list.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&list, PLUGINS_MAX, &count, err));
	out->plugins = calloc(count + 1, sizeof(char *));
	if (out->plugins == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i);
		struct span name;

		NOTAR_TRY(json_as_string(&one, &name, err));
		if (!fact_is_plugin_name(name))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: not a plugin's name", one.path);
		out->plugins[i] = span_dup(name);
		if (out->plugins[i] == NULL)
			return no_memory(err);
		out->plugin_count++;
	}
	return NOTAR_OK;
}

enum notar_code
policy_x509_read(const struct json *at, struct policy_x509 **out, struct notar_error *err)
{
	static const char *const names[] = { "ca",         "signingAuthority", "tsa",
					     "identities", "authenticity",     "authenticTimestamp",
					     "expiry",     "revocation",       "verifyTimestamp",
					     "plugins" };
	NOTAR_AUTO(policy_x509) *x509 = calloc(1, sizeof(*x509));

	if (x509 == NULL)
		return no_memory(err);
	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	for (size_t i = 0; i < X509_ANCHORS; i++)
		NOTAR_TRY(read_anchors(at, (enum x509_anchor_kind)i, &x509->anchors[i], err));
	if (x509->anchors[X509_ANCHOR_CA].count == 0 &&
	    x509->anchors[X509_ANCHOR_AUTHORITY].count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: neither ca nor signingAuthority",
				  at->path);
	NOTAR_TRY(read_plugins(at, x509, err));
	NOTAR_TRY(read_identities(at, x509, err));
	NOTAR_TRY(read_actions(at, x509, err));
	*out = NOTAR_TAKE(x509);
	return NOTAR_OK;
}
