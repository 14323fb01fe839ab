/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "trust/scope.h"

#define POLICY_MAX_AGE_S (90LL * 24 * 3600)

static void
strings_free(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

static void
rule_clear(struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->count; i++) {
		strings_free(rule->requirements[i].signers, rule->requirements[i].count);
		free(rule->requirements[i].predicate_type);
	}
	free(rule->requirements);
	free(rule->name);
	free(rule->scope);
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	for (size_t i = 0; i < policy->signer_count; i++) {
		for (size_t k = 0; k < policy->signers[i].count; k++)
			key_free(policy->signers[i].keys[k]);
		free(policy->signers[i].keys);
		policy_x509_free(policy->signers[i].x509);
		policy_keyless_free(policy->signers[i].keyless);
		free(policy->signers[i].name);
	}
	for (size_t i = 0; i < policy->rule_count; i++)
		rule_clear(&policy->rules[i]);
	free(policy->signers);
	policy_roots_release(&policy->roots);
	free(policy->by_scope);
	free(policy->rules);
	free(policy);
}

static enum notar_code
dup_text(struct span text, char **out, struct notar_error *err)
{
	*out = span_dup(text);
	return *out != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
}

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
}

static enum notar_code
read_keys(const struct json *keys, struct policy_signer *out, struct notar_error *err)
{
	size_t count;

	NOTAR_TRY(json_as_array(keys, LIMIT_KEYRING, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", keys->path);
	out->keys = calloc(count, sizeof(struct key *));
	if (out->keys == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(keys, i);
		struct span pem;

		NOTAR_TRY(json_as_string(&one, &pem, err));
		if (key_load_public(pem, &out->keys[i], err) != NOTAR_OK)
			return notar_context(err, "%s", one.path);
		out->count++;
	}
	return NOTAR_OK;
}

static enum notar_code
read_signer(const char *name, const struct json *at, const struct policy_roots *roots,
	    struct policy_signer *out, struct notar_error *err)
{
	static const char *const names[] = { "keys", "x509", "identities", "trustedRoot",
					     "thresholds" };
	struct json keys, x509;

	if (name[0] == '\0' || strcmp(name, "*") == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a signer's name", at->path);
	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_optional(at, "keys", &keys, err));
	NOTAR_TRY(json_optional(at, "x509", &x509, err));
	if (keys.value == NULL && x509.value == NULL && !json_has(at, "identities"))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: neither keys nor x509 nor identities",
				  at->path);
	NOTAR_TRY(dup_text(span_str(name), &out->name, err));
	if (keys.value != NULL)
		NOTAR_TRY(read_keys(&keys, out, err));
	if (x509.value != NULL)
		NOTAR_TRY(policy_x509_read(&x509, &out->x509, err));
	return policy_keyless_read(at, out->count > 0, roots, &out->keyless, err);
}

static enum notar_code
read_signers(const struct json *top, struct policy *policy, struct notar_error *err)
{
	struct json signers, value;
	void *cursor = NULL;
	const char *name;
	size_t count = 0;

	NOTAR_TRY(json_optional(top, "signers", &signers, err));
	if (signers.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_object(&signers, err));
	while (json_next_member(&signers, &cursor, &name, &value))
		count++;
	if (count > LIMIT_KEYRING)
		return notar_fail(err, NOTAR_E_LIMIT, "signers: over %d", LIMIT_KEYRING);
	policy->signers = calloc(count + 1, sizeof(*policy->signers));
	if (policy->signers == NULL)
		return no_memory(err);
	for (cursor = NULL; json_next_member(&signers, &cursor, &name, &value);)
		NOTAR_TRY(read_signer(name, &value, &policy->roots,
				      &policy->signers[policy->signer_count++], err));
	return NOTAR_OK;
}

static enum notar_code
read_names(const struct json *list, struct policy_requirement *out, struct notar_error *err)
{
	size_t count;

	NOTAR_TRY(json_as_array(list, LIMIT_KEYRING, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list->path);
	out->signers = calloc(count, sizeof(char *));
	if (out->signers == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(list, i);
		struct span name;

		NOTAR_TRY(json_as_string(&one, &name, err));
		for (size_t k = 0; k < i; k++)
			if (span_is(name, out->signers[k]))
				return notar_fail(err, NOTAR_E_FORMAT, "%s: named twice", one.path);
		NOTAR_TRY(dup_text(name, &out->signers[i], err));
		out->count++;
		out->any_signer = out->any_signer || span_is(name, "*");
	}
	return NOTAR_OK;
}

static enum notar_code
read_requirement(const struct json *at, struct policy_requirement *out, struct notar_error *err)
{
	static const char *const names[] = { "signers", "threshold", "predicateType" };
	struct json signers;
	struct span type;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member(at, "signers", &signers, err));
	NOTAR_TRY(read_names(&signers, out, err));
	NOTAR_TRY(json_optional_int(at, "threshold", 1, LIMIT_KEYRING, 1, &out->threshold, err));
	if (!out->any_signer && out->threshold > (int64_t)out->count)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: threshold is more than the signers it names", at->path);
	NOTAR_TRY(json_optional_string(at, "predicateType", &type, err));
	if (span_is(type, POLICY_ANY_TYPE))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.predicateType: a type must be named",
				  at->path);
	return type.ptr == NULL ? NOTAR_OK : dup_text(type, &out->predicate_type, err);
}

static enum notar_code
read_requirements(const struct json *rule, struct policy_rule *out, struct notar_error *err)
{
	struct json require, item;
	struct span text;
	size_t count = 1;

	NOTAR_TRY(json_member(rule, "require", &require, err));
	if (json_holds_string(&require)) {
		NOTAR_TRY(json_as_string(&require, &text, err));
		out->exempt = span_is(text, "none");
		return out->exempt ? NOTAR_OK :
				     notar_fail(err, NOTAR_E_FORMAT,
						"%s: neither \"none\" nor "
						"requirements",
						require.path);
	}
	bool is_list = json_holds_array(&require);

	if (is_list)
		NOTAR_TRY(json_as_array(&require, LIMIT_KEYRING, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty; say \"none\"", require.path);
	out->requirements = calloc(count, sizeof(*out->requirements));
	if (out->requirements == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		item = is_list ? json_item(&require, i) : require;
		NOTAR_TRY(read_requirement(&item, &out->requirements[out->count++], err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_action(const struct json *rule, enum policy_action *out, struct notar_error *err)
{
	static const char *const names[] = { "enforce", "warn", "audit" };
	struct span text;

	NOTAR_TRY(json_optional_string(rule, "action", &text, err));
	if (text.ptr == NULL)
		return NOTAR_OK;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++)
		if (span_is(text, names[i])) {
			*out = (enum policy_action)i;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT, "%s.action: not enforce, warn or audit", rule->path);
}

/* "on_undetermined" and "max_age", of the document or of one rule; absent: what the fallback
 * says. */
static enum notar_code
read_outage(const struct json *at, const struct policy_outage *fallback, struct policy_outage *out,
	    struct notar_error *err)
{
	struct span word, age;

	NOTAR_TRY(json_optional_string(at, "on_undetermined", &word, err));
	NOTAR_TRY(json_optional_string(at, "max_age", &age, err));
	*out = *fallback;
	if (word.ptr == NULL && age.ptr == NULL)
		return NOTAR_OK;
	*out = (struct policy_outage){ 0 };
	if (span_is(word, "deny") && age.ptr == NULL)
		return NOTAR_OK;
	if (!span_is(word, "last_known_good") || age.ptr == NULL)
		return notar_fail(
			err, NOTAR_E_FORMAT,
			"%s.on_undetermined: not \"deny\", nor \"last_known_good\" with a "
			"max_age",
			at->path);
	if (clock_parse_duration(age, &out->last_known_good_s, err) != NOTAR_OK)
		return notar_context(err, "%s.max_age", at->path);
	if (out->last_known_good_s < 1 || out->last_known_good_s > POLICY_MAX_AGE_S)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.max_age: not within 1s and 90d",
				  at->path);
	return NOTAR_OK;
}

static enum notar_code
read_rule(const struct json *at, const struct policy_outage *outage, struct policy_rule *out,
	  struct notar_error *err)
{
	static const char *const names[] = { "name",    "scope",           "action",
					     "require", "on_undetermined", "max_age" };
	struct span scope, name;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "scope", &scope, err));
	if (!scope_is_valid(scope))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s.scope: not \"host/path\", \"host/path/*\" or \"*\"",
				  at->path);
	NOTAR_TRY(dup_text(scope, &out->scope, err));
	NOTAR_TRY(json_optional_string(at, "name", &name, err));
	NOTAR_TRY(dup_text(name.ptr != NULL ? name : scope, &out->name, err));
	NOTAR_TRY(read_action(at, &out->action, err));
	NOTAR_TRY(read_outage(at, outage, &out->outage, err));
	return read_requirements(at, out, err);
}

static enum notar_code
index_rules(struct policy *policy, const char *path, struct notar_error *err)
{
	const char *twice;

	if (!scope_index(policy, &twice))
		return no_memory(err);
	if (twice != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: the scope %.200s stands twice", path,
				  twice);
	return NOTAR_OK;
}

static enum notar_code
read_rules(const struct json *top, struct policy *policy, struct notar_error *err)
{
	const struct policy_outage deny = { 0 };
	struct policy_outage outage;
	struct json rules;
	size_t count;

	NOTAR_TRY(read_outage(top, &deny, &outage, err));
	NOTAR_TRY(json_member(top, "rules", &rules, err));
	NOTAR_TRY(json_as_array(&rules, LIMIT_POLICY_RULES, &count, err));
	policy->rules = calloc(count + 1, sizeof(*policy->rules));
	if (policy->rules == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&rules, i);
		struct policy_rule *rule = &policy->rules[policy->rule_count++];

		NOTAR_TRY(read_rule(&one, &outage, rule, err));
	}
	return index_rules(policy, rules.path, err);
}

static enum notar_code
read_document(struct span document, struct policy *policy, struct notar_error *err)
{
	static const char *const names[] = { "version",         "signers", "rules",
					     "on_undetermined", "max_age", "trustedRoots" };
	const struct json_limits limits = { LIMIT_POLICY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, roots;
	int64_t version;

	NOTAR_TRY(json_parse(document, limits, "policy", &root, &top, err));
	NOTAR_TRY(json_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_int(&top, "version", 1, 1, &version, err));
	NOTAR_TRY(json_optional(&top, "trustedRoots", &roots, err));
	if (roots.value != NULL)
		NOTAR_TRY(policy_roots_read(&roots, &policy->roots, err));
	NOTAR_TRY(read_signers(&top, policy, err));
	return read_rules(&top, policy, err);
}

enum notar_code
policy_load(struct span document, struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO(policy) *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		return no_memory(err);
	enum notar_code code = read_document(document, policy, err);

	/* Whatever was wrong with the text, it is the operator's document that is wrong. */
	if (code != NOTAR_OK && code != NOTAR_E_NOMEM) {
		if (err != NULL)
			err->code = NOTAR_E_CONFIG;
		return NOTAR_E_CONFIG;
	}
	if (code == NOTAR_OK)
		*out = NOTAR_TAKE(policy);
	return code;
}

bool
policy_wants_attestations(const struct policy *policy, const char *repository)
{
	const struct policy_rule *rule =
		policy == NULL ? NULL : policy_rule_for(policy, repository);

	for (size_t i = 0; rule != NULL && i < rule->count; i++)
		if (rule->requirements[i].predicate_type != NULL)
			return true;
	return false;
}
