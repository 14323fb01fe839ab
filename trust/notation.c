/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/notation.h"

#include "base/limits.h"
#include "trust/notation_statement.h"
#include "trust/policy.h"

static const struct json_limits limits = { LIMIT_POLICY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
static const char *const top_names[] = { "version", "trustPolicies" };

struct translation {
	enum notation_kind kind;
	notation_store_call *store;
	void *context;
	struct notation_statement *statements;
	size_t count;
};

static void
translation_release(struct translation *t)
{
	free(t->statements);
}

bool
notation_is_document(struct span document)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, policies;

	return json_parse(document, limits, "policy", &root, &top, NULL) == NOTAR_OK &&
	       json_optional(&top, "trustPolicies", &policies, NULL) == NOTAR_OK &&
	       policies.value != NULL;
}

/* --- what can be seen of all statements together --- */

static enum notar_code
check_against_earlier(const struct translation *t, const struct notation_statement *s,
		      const char *path, struct notar_error *err)
{
	for (const struct notation_statement *other = t->statements; other < s; other++) {
		if (span_equal(other->name, s->name))
			return notar_fail(err, NOTAR_E_FORMAT, "%s.name: stands twice", path);
		if (other->is_global && s->is_global)
			return notar_fail(err, NOTAR_E_FORMAT, "%s: a second global policy", path);
	}
	return NOTAR_OK;
}

static enum notar_code
read_statements(const struct json *top, struct translation *t, struct notar_error *err)
{
	struct json list;
	struct span version;
	size_t count;

	NOTAR_TRY(notation_check_members(top, top_names, NOTAR_COUNT(top_names), err));
	NOTAR_TRY(json_member_string(top, "version", &version, err));
	if (!span_is(version, "1.0"))
		return notar_fail(err, NOTAR_E_FORMAT, "version: not \"1.0\"");
	NOTAR_TRY(json_member(top, "trustPolicies", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_KEYRING, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "trustPolicies: no statement");
	t->statements = calloc(count, sizeof(*t->statements));
	if (t->statements == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&list, i);
		struct notation_statement *s = &t->statements[t->count++];

		NOTAR_TRY(notation_statement_read(&one, t->kind, s, err));
		NOTAR_TRY(check_against_earlier(t, s, one.path, err));
	}
	return NOTAR_OK;
}

/* --- writing --- */

/* A store that is listed again is loaded once. */
static bool
is_listed_before(const struct notation_statement *s, size_t i)
{
	struct json item = json_item(&s->stores, i), other;
	struct span text, earlier;

	if (json_as_string(&item, &text, NULL) != NOTAR_OK)
		return false;
	for (size_t k = 0; k < i; k++) {
		other = json_item(&s->stores, k);
		if (json_as_string(&other, &earlier, NULL) == NOTAR_OK && span_equal(text, earlier))
			return true;
	}
	return false;
}

static enum notar_code
write_store(const struct translation *t, enum x509_anchor_kind kind, struct span name,
	    struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) pem = { .cap = LIMIT_POLICY_BYTES };
	NOTAR_AUTO_CHARS *text = span_dup(name);

	if (text == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	NOTAR_TRY(t->store(t->context, notation_store_types[kind], text, &pem, err));
	NOTAR_TRY(buf_finish(&pem, "trust store", err));
	json_put_span(out, buf_span(&pem));
	return NOTAR_OK;
}

static enum notar_code
write_stores(const struct translation *t, const struct notation_statement *s,
	     enum x509_anchor_kind wanted, struct buf *out, struct notar_error *err)
{
	bool opened = false;

	for (size_t i = 0; i < s->store_count; i++) {
		struct json one = json_item(&s->stores, i);
		enum x509_anchor_kind kind = X509_ANCHOR_CA;
		struct span name;

		NOTAR_TRY(notation_store_parse(&one, &kind, &name, err));
		if (kind != wanted || is_listed_before(s, i))
			continue;
		if (!opened) {
			json_name(out, notation_store_types[wanted]);
			json_begin_array(out);
		}
		opened = true;
		NOTAR_TRY(write_store(t, kind, name, out, err));
	}
	if (opened)
		json_end_array(out);
	return NOTAR_OK;
}

/* What only a plugin understands is left out where none may be run. */
static enum notar_code
write_identities(const struct notation_statement *s, struct buf *out, struct notar_error *err)
{
	json_name(out, "identities");
	json_begin_array(out);
	for (size_t i = 0; i < s->identity_count; i++) {
		struct json one = json_item(&s->identities, i);
		struct span text;

		NOTAR_TRY(json_as_string(&one, &text, err));
		if (s->plugin_count > 0 || notation_identity_is_ours(text))
			json_put_span(out, text);
	}
	json_end_array(out);
	return NOTAR_OK;
}

static enum notar_code
write_plugins(const struct notation_statement *s, struct buf *out, struct notar_error *err)
{
	if (s->plugin_count == 0)
		return NOTAR_OK;
	json_name(out, "plugins");
	json_begin_array(out);
	for (size_t i = 0; i < s->plugin_count; i++) {
		struct json one = json_item(&s->plugins, i);
		struct span name;

		NOTAR_TRY(json_as_string(&one, &name, err));
		json_put_span(out, name);
	}
	json_end_array(out);
	return NOTAR_OK;
}

static enum notar_code
write_signer(const struct translation *t, const struct notation_statement *s, struct buf *out,
	     struct notar_error *err)
{
	static const char *const actions[] = { "enforce", "log", "skip" };
	NOTAR_AUTO_CHARS *name = span_dup(s->name);

	if (name == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	json_name(out, name);
	json_begin_object(out);
	json_name(out, "x509");
	json_begin_object(out);
	for (size_t i = 0; i < X509_ANCHORS; i++)
		if (write_stores(t, s, (enum x509_anchor_kind)i, out, err) != NOTAR_OK)
			return notar_context(err, "statement \"%.60s\"", name);
	NOTAR_TRY(write_identities(s, out, err));
	NOTAR_TRY(write_plugins(s, out, err));
	for (size_t i = 0; i < NOTATION_CHECKS; i++)
		json_pair_str(out, notation_check_names[i], actions[s->actions[i]]);
	json_pair_str(out, "verifyTimestamp", s->after_expiry ? "afterCertExpiry" : "always");
	json_end_object(out);
	json_end_object(out);
	return NOTAR_OK;
}

static void
write_rule(const struct notation_statement *s, struct span scope, struct buf *out)
{
	json_begin_object(out);
	json_pair_span(out, "name", s->name);
	json_pair_span(out, "scope", scope);
	json_name(out, "require");
	if (s->skip) {
		json_put_str(out, "none");
	} else {
		json_begin_object(out);
		json_name(out, "signers");
		json_begin_array(out);
		json_put_span(out, s->name);
		json_end_array(out);
		json_end_object(out);
	}
	json_end_object(out);
}

static enum notar_code
write_rules(const struct translation *t, const struct notation_statement *s, struct buf *out,
	    struct notar_error *err)
{
	for (size_t i = 0; i < s->scope_count; i++) {
		struct json one = json_item(&s->scopes, i);
		struct span scope;

		NOTAR_TRY(json_as_string(&one, &scope, err));
		write_rule(s, scope, out);
	}
	if (t->kind == NOTATION_BLOB)
		write_rule(s, s->name, out);
	if (s->is_global)
		write_rule(s, span_str("*"), out);
	return NOTAR_OK;
}

static enum notar_code
write_policy(const struct translation *t, struct buf *out, struct notar_error *err)
{
	json_begin_object(out);
	json_pair_int(out, "version", 1);
	json_name(out, "signers");
	json_begin_object(out);
	for (size_t i = 0; i < t->count; i++)
		if (!t->statements[i].skip)
			NOTAR_TRY(write_signer(t, &t->statements[i], out, err));
	json_end_object(out);
	json_name(out, "rules");
	json_begin_array(out);
	for (size_t i = 0; i < t->count; i++)
		NOTAR_TRY(write_rules(t, &t->statements[i], out, err));
	json_end_array(out);
	json_end_object(out);
	return buf_finish(out, "the policy with the certificates of its trust stores", err);
}

/* Scopes that stand twice, and identities that overlap, are found by the policy's own reader. */
static enum notar_code
translate(struct span document, struct translation *t, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO(policy) *policy = NULL;
	struct json top;

	NOTAR_TRY(json_parse(document, limits, "trust policy", &root, &top, err));
	NOTAR_TRY(read_statements(&top, t, err));
	NOTAR_TRY(write_policy(t, out, err));
	return policy_load(buf_span(out), &policy, err);
}

enum notar_code
notation_translate(struct span document, enum notation_kind kind, notation_store_call *store,
		   void *context, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(translation) t = { .kind = kind, .store = store, .context = context };
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_POLICY_BYTES };
	enum notar_code code = translate(document, &t, &text, err);

	if (code == NOTAR_OK)
		buf_append_span(out, buf_span(&text));
	if (code == NOTAR_OK || code == NOTAR_E_NOMEM)
		return code;
	if (err != NULL)
		err->code = NOTAR_E_CONFIG;
	return NOTAR_E_CONFIG;
}
