/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy.h"
#include "trust/scope.h"

/* Policies that no document says: of the options of a command line, for every repository. */

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
}

static enum notar_code
index_rule(struct policy *policy, struct notar_error *err)
{
	const char *twice;

	return scope_index(policy, &twice) ? NOTAR_OK : no_memory(err);
}

/* The one rule, with room for the names of so many signers. */
static bool
fill_rule(struct policy_rule *rule, const char *name, size_t count, int64_t threshold,
	  const char *type)
{
	rule->name = strdup(name);
	rule->scope = strdup("*");
	rule->requirements = calloc(1, sizeof(*rule->requirements));
	if (rule->name == NULL || rule->scope == NULL || rule->requirements == NULL)
		return false;
	struct policy_requirement *r = rule->requirements;

	rule->count = 1;
	r->threshold = threshold;
	r->predicate_type = type == NULL ? NULL : strdup(type);
	r->signers = calloc(count + 1, sizeof(char *));
	return r->signers != NULL && (type == NULL || r->predicate_type != NULL);
}

/* Gives a signer its name, and the rule that. */
static bool
name_signer(struct policy_signer *signer, const char *name, struct policy_requirement *r)
{
	signer->name = strdup(name);
	r->signers[r->count] = strdup(name);
	if (r->signers[r->count] == NULL)
		return false;
	r->count++;
	return signer->name != NULL;
}

static bool
fill_key_policy(struct policy *policy, size_t count, int64_t threshold, const char *type)
{
	char id[KEY_ID_TEXT_BYTES];

	if (!fill_rule(policy->rules, "keys", count, threshold, type))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!name_signer(&policy->signers[i],
				 key_id_text(key_id(policy->signers[i].keys[0]), id),
				 policy->rules->requirements))
			return false;
	return true;
}

enum notar_code
policy_of_keys(struct key **keys, size_t count, int64_t threshold, const char *predicate_type,
	       struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO(policy) *policy = calloc(1, sizeof(*policy));
	bool ok = policy != NULL;

	if (ok) {
		policy->signers = calloc(count + 1, sizeof(*policy->signers));
		policy->rules = calloc(1, sizeof(*policy->rules));
		ok = policy->signers != NULL && policy->rules != NULL;
	}
	for (size_t i = 0; i < count; i++) {
		struct key **slot = ok ? calloc(1, sizeof(struct key *)) : NULL;

		ok = slot != NULL;
		if (!ok) {
			key_free(keys[i]);
			continue;
		}
		slot[0] = keys[i];
		policy->signers[policy->signer_count++] =
			(struct policy_signer){ .keys = slot, .count = 1 };
	}
	if (!ok)
		return no_memory(err);
	policy->rule_count = 1;
	if (!fill_key_policy(policy, count, threshold, predicate_type))
		return no_memory(err);
	NOTAR_TRY(index_rule(policy, err));
	*out = NOTAR_TAKE(policy);
	return NOTAR_OK;
}

/* Gives the policy its only root; NULL, and the root freed, when memory ran out. */
static const struct trusted_root *
add_root(struct policy *policy, struct trusted_root *root)
{
	struct policy_root *items =
		realloc(policy->roots.items, (policy->roots.count + 1) * sizeof(*items));
	char *name = strdup("trusted root");

	if (items != NULL)
		policy->roots.items = items;
	if (items == NULL || name == NULL) {
		free(name);
		trusted_root_free(root);
		return NULL;
	}
	items[policy->roots.count++] = (struct policy_root){ name, root };
	return root;
}

enum notar_code
policy_of_identities(const struct keyless_words *words, struct trusted_root *root,
		     const char *predicate_type, struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO(policy) *policy = calloc(1, sizeof(*policy));

	if (policy == NULL)
		trusted_root_free(root);
	if (policy == NULL || add_root(policy, root) == NULL)
		return no_memory(err);
	policy->signers = calloc(1, sizeof(*policy->signers));
	policy->rules = calloc(1, sizeof(*policy->rules));
	if (policy->signers == NULL || policy->rules == NULL)
		return no_memory(err);
	policy->signer_count = 1;
	policy->rule_count = 1;
	if (!fill_rule(policy->rules, "identity", 1, 1, predicate_type) ||
	    !name_signer(policy->signers, "identity", policy->rules->requirements))
		return no_memory(err);
	NOTAR_TRY(policy_keyless_of_words(words, root, &policy->signers->keyless, err));
	NOTAR_TRY(index_rule(policy, err));
	*out = NOTAR_TAKE(policy);
	return NOTAR_OK;
}

enum notar_code
policy_demand_log(struct policy *policy, struct trusted_root *root, struct notar_error *err)
{
	if (add_root(policy, root) == NULL)
		return no_memory(err);
	for (size_t i = 0; i < policy->signer_count; i++) {
		struct policy_signer *signer = &policy->signers[i];

		if (signer->count > 0 && signer->keyless == NULL)
			NOTAR_TRY(policy_keyless_of_log(root, &signer->keyless, err));
	}
	return NOTAR_OK;
}
