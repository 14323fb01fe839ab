/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/notation_statement.h"

#include "base/fact.h"
#include "base/limits.h"
#include "trust/notation_scope.h"

/* specs/notary-project.md section 12. */

#define LIST_MAX LIMIT_POLICY_RULES

const char *const notation_check_names[NOTATION_CHECKS] = { "authenticity", "authenticTimestamp",
							    "expiry", "revocation" };
const char *const notation_store_types[X509_ANCHORS] = { "ca", "signingAuthority", "tsa" };

static const char *const action_words[] = { "enforce", "log", "skip" };

static const struct level {
	const char *name;
	enum x509_action actions[NOTATION_CHECKS];
} levels[] = {
	{ "strict", { X509_ENFORCE, X509_ENFORCE, X509_ENFORCE, X509_ENFORCE } },
	{ "permissive", { X509_ENFORCE, X509_LOG, X509_LOG, X509_LOG } },
	{ "audit", { X509_LOG, X509_LOG, X509_LOG, X509_LOG } },
	{ "skip", { X509_SKIP, X509_SKIP, X509_SKIP, X509_SKIP } },
};

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((uint8_t)*text >= 0x80)
			return false;
	return true;
}

enum notar_code
notation_check_members(const struct json *at, const char *const *names, size_t count,
		       struct notar_error *err)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	NOTAR_TRY(json_as_object(at, err));
	while (json_next_member(at, &cursor, &name, &value)) {
		/* Letters that fold into ASCII ones are among them. */
		if (!is_ascii(name))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: a member's name is not ASCII",
					  at->path);
		for (size_t i = 0; i < count; i++)
			if (strcasecmp(name, names[i]) == 0 && strcmp(name, names[i]) != 0)
				return notar_fail(err, NOTAR_E_FORMAT, "%s: must be written \"%s\"",
						  value.path, names[i]);
	}
	return NOTAR_OK;
}

/* An absent list is an empty one. */
static enum notar_code
read_list(const struct json *at, const char *member, struct json *out, size_t *count,
	  struct notar_error *err)
{
	*count = 0;
	NOTAR_TRY(json_optional(at, member, out, err));
	return out->value == NULL ? NOTAR_OK : json_as_array(out, LIST_MAX, count, err);
}

static enum notar_code
read_override(const char *name, const struct json *value, struct notation_statement *out,
	      struct notar_error *err)
{
	struct span word;
	size_t check = 0, action = 0;

	while (check < NOTATION_CHECKS && strcmp(name, notation_check_names[check]) != 0)
		check++;
	if (check == NOTATION_CHECKS)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: only authenticity, authenticTimestamp, expiry and "
				  "revocation can be overridden",
				  value->path);
	NOTAR_TRY(json_as_string(value, &word, err));
	while (action < NOTAR_COUNT(action_words) && !span_is(word, action_words[action]))
		action++;
	if (action == NOTAR_COUNT(action_words))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not enforce, log or skip", value->path);
	if (action == X509_SKIP && check != NOTATION_REVOCATION)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: only revocation can be skipped",
				  value->path);
	out->actions[check] = (enum x509_action)action;
	return NOTAR_OK;
}

static enum notar_code
read_overrides(const struct json *verification, struct notation_statement *out,
	       struct notar_error *err)
{
	struct json override, value;
	void *cursor = NULL;
	const char *name;

	NOTAR_TRY(json_optional(verification, "override", &override, err));
	if (override.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_object(&override, err));
	while (json_next_member(&override, &cursor, &name, &value)) {
		if (out->skip)
			return notar_fail(err, NOTAR_E_FORMAT,
					  "%s: level skip cannot be overridden", override.path);
		NOTAR_TRY(read_override(name, &value, out, err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_timestamp_rule(const struct json *verification, bool *after_expiry, struct notar_error *err)
{
	struct span word;

	NOTAR_TRY(json_optional_string(verification, "verifyTimestamp", &word, err));
	*after_expiry = span_is(word, "afterCertExpiry");
	if (word.ptr == NULL || *after_expiry || span_is(word, "always"))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_FORMAT,
			  "%s.verifyTimestamp: neither \"always\" nor \"afterCertExpiry\"",
			  verification->path);
}

static enum notar_code
read_verification(const struct json *at, struct notation_statement *out, struct notar_error *err)
{
	static const char *const names[] = { "level", "override", "verifyTimestamp" };
	struct json verification;
	struct span word;
	size_t level = 0;

	NOTAR_TRY(json_member(at, "signatureVerification", &verification, err));
	NOTAR_TRY(notation_check_members(&verification, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(&verification, "level", &word, err));
	while (level < NOTAR_COUNT(levels) && !span_is(word, levels[level].name))
		level++;
	if (level == NOTAR_COUNT(levels))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s.level: not strict, permissive, audit or skip",
				  verification.path);
	memcpy(out->actions, levels[level].actions, sizeof(out->actions));
	out->skip = out->actions[NOTATION_AUTHENTICITY] == X509_SKIP;
	NOTAR_TRY(read_overrides(&verification, out, err));
	return read_timestamp_rule(&verification, &out->after_expiry, err);
}

enum notar_code
notation_store_parse(const struct json *at, enum x509_anchor_kind *kind, struct span *name,
		     struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	size_t colon = span_find(text, ':');

	*name = span_from(text, colon + 1);
	if (colon == text.len || !notation_store_name_is_valid(*name))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: not TYPE:NAME with a name of letters, digits, '_', '.' and "
				  "'-'",
				  at->path);
	for (size_t i = 0; i < X509_ANCHORS; i++)
		if (span_is(span_of(text.ptr, colon), notation_store_types[i])) {
			*kind = (enum x509_anchor_kind)i;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT,
			  "%s: not a store of type ca, signingAuthority or tsa", at->path);
}

static enum notar_code
read_stores(struct notation_statement *out, struct notar_error *err)
{
	bool has_anchor = false;

	for (size_t i = 0; i < out->store_count; i++) {
		struct json one = json_item(&out->stores, i);
		enum x509_anchor_kind kind = X509_ANCHOR_TSA;
		struct span name;

		NOTAR_TRY(notation_store_parse(&one, &kind, &name, err));
		has_anchor = has_anchor || kind != X509_ANCHOR_TSA;
	}
	if (!has_anchor)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "trustStores: no store of type ca or signingAuthority");
	return NOTAR_OK;
}

bool
notation_identity_is_ours(struct span identity)
{
	return span_is(identity, "*") || span_starts_with(identity, "x509.subject:");
}

static enum notar_code
check_identity(const struct json *at, size_t count, bool *is_ours, struct notar_error *err)
{
	NOTAR_AUTO(distinguished_name) *name = NULL;
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	*is_ours = notation_identity_is_ours(text);
	if (span_is(text, "*"))
		return count == 1 ? NOTAR_OK :
				    notar_fail(err, NOTAR_E_FORMAT, "%s: \"*\" must stand alone",
					       at->path);
	size_t colon = span_find(text, ':');

	if (colon == text.len || colon + 1 == text.len)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not PREFIX:VALUE", at->path);
	if (*is_ours &&
	    distinguished_name_parse(span_from(text, colon + 1), &name, err) != NOTAR_OK)
		return notar_context(err, "%s", at->path);
	return NOTAR_OK;
}

static enum notar_code
read_identities(struct notation_statement *out, struct notar_error *err)
{
	size_t ours = 0;

	for (size_t i = 0; i < out->identity_count; i++) {
		struct json one = json_item(&out->identities, i);
		bool is_ours = false;

		NOTAR_TRY(check_identity(&one, out->identity_count, &is_ours, err));
		ours += is_ours ? 1 : 0;
	}
	if (ours == 0 && out->plugin_count == 0)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "trustedIdentities: all of them are for plugins, and no "
				  "verificationPlugins "
				  "may be run: no \"*\" and no \"x509.subject: ...\"");
	return NOTAR_OK;
}

/* notation runs whichever plugin an envelope names. notar runs those that stand here. */
static enum notar_code
read_plugins(const struct json *at, struct notation_statement *out, struct notar_error *err)
{
	NOTAR_TRY(read_list(at, "verificationPlugins", &out->plugins, &out->plugin_count, err));
	if (out->skip && out->plugin_count > 0)
		return notar_fail(err, NOTAR_E_FORMAT, "level skip with verificationPlugins");
	for (size_t i = 0; i < out->plugin_count; i++) {
		struct json one = json_item(&out->plugins, i);
		struct span name;

		NOTAR_TRY(json_as_string(&one, &name, err));
		if (!fact_is_plugin_name(name))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: not a plugin's name", one.path);
	}
	return NOTAR_OK;
}

/* Who is trusted: required, unless nobody has to be. */
static enum notar_code
read_trust(const struct json *at, struct notation_statement *out, struct notar_error *err)
{
	NOTAR_TRY(read_list(at, "trustStores", &out->stores, &out->store_count, err));
	NOTAR_TRY(read_list(at, "trustedIdentities", &out->identities, &out->identity_count, err));
	NOTAR_TRY(read_plugins(at, out, err));
	if (out->skip && (out->store_count > 0 || out->identity_count > 0))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "level skip with trustStores or trustedIdentities");
	if (out->skip)
		return NOTAR_OK;
	if (out->store_count == 0 || out->identity_count == 0)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "trustStores and trustedIdentities are required, unless the "
				  "level is skip");
	NOTAR_TRY(read_stores(out, err));
	return read_identities(out, err);
}

static enum notar_code
read_scopes(const struct json *at, struct notation_statement *out, struct notar_error *err)
{
	NOTAR_TRY(read_list(at, "registryScopes", &out->scopes, &out->scope_count, err));
	if (out->scope_count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "registryScopes: none");
	for (size_t i = 0; i < out->scope_count; i++) {
		struct json one = json_item(&out->scopes, i);
		struct span scope;

		NOTAR_TRY(json_as_string(&one, &scope, err));
		if (!span_is(scope, "*") && !notation_scope_is_valid(scope))
			return notar_fail(
				err, NOTAR_E_FORMAT,
				"%s: neither \"*\" nor \"host/path\" without scheme, tag, "
				"digest or star",
				one.path);
		if (!span_is(scope, "*"))
			continue;
		if (out->scope_count > 1)
			return notar_fail(err, NOTAR_E_FORMAT, "%s: \"*\" must stand alone",
					  one.path);
		if (out->skip)
			return notar_fail(err, NOTAR_E_FORMAT, "%s: level skip for everything",
					  one.path);
	}
	return NOTAR_OK;
}

static enum notar_code
read_global(const struct json *at, struct notation_statement *out, struct notar_error *err)
{
	NOTAR_TRY(json_optional_bool(at, "globalPolicy", false, &out->is_global, err));
	if (out->is_global && out->skip)
		return notar_fail(err, NOTAR_E_FORMAT, "level skip for the global policy");
	if (span_find(out->name, '*') != out->name.len ||
	    span_find(out->name, ' ') != out->name.len || out->name.ptr[out->name.len - 1] == '/')
		return notar_fail(err, NOTAR_E_FORMAT,
				  "name: with a space or star, or a slash at its end");
	return NOTAR_OK;
}

static enum notar_code
read_body(const struct json *at, enum notation_kind kind, struct notation_statement *out,
	  struct notar_error *err)
{
	NOTAR_TRY(read_verification(at, out, err));
	NOTAR_TRY(read_trust(at, out, err));
	return kind == NOTATION_OCI ? read_scopes(at, out, err) : read_global(at, out, err);
}

enum notar_code
notation_statement_read(const struct json *at, enum notation_kind kind,
			struct notation_statement *out, struct notar_error *err)
{
	static const char *const names[] = { "name",
					     "registryScopes",
					     "globalPolicy",
					     "trustStores",
					     "trustedIdentities",
					     "signatureVerification",
					     "verificationPlugins" };

	*out = (struct notation_statement){ 0 };
	NOTAR_TRY(notation_check_members(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "name", &out->name, err));
	if (out->name.len == 0 || span_is(out->name, "*"))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.name: not a statement's name", at->path);
	if (read_body(at, kind, out, err) != NOTAR_OK)
		return notar_context(err, "statement \"%.*s\"",
				     (int)(out->name.len < 60 ? out->name.len : 60),
				     (const char *)out->name.ptr);
	return NOTAR_OK;
}
