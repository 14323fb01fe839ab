/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/scope.h"

/* A star is allowed as the whole scope, or as its last component. */
bool
scope_is_valid(struct span scope)
{
	size_t star = span_find(scope, '*');

	if (scope.len == 0 || span_find(scope, ' ') != scope.len)
		return false;
	if (star == scope.len)
		return scope.ptr[scope.len - 1] != '/';
	return star == scope.len - 1 && (star == 0 || scope.ptr[star - 1] == '/');
}

static int
compare_rules(const void *a, const void *b)
{
	const struct policy_rule *const *left = a, *const *right = b;

	return strcmp((*left)->scope, (*right)->scope);
}

bool
scope_index(struct policy *policy, const char **twice)
{
	*twice = NULL;
	policy->by_scope = calloc(policy->rule_count + 1, sizeof(struct policy_rule *));
	if (policy->by_scope == NULL)
		return false;
	for (size_t i = 0; i < policy->rule_count; i++)
		policy->by_scope[i] = &policy->rules[i];
	qsort(policy->by_scope, policy->rule_count, sizeof(struct policy_rule *), compare_rules);
	for (size_t i = 1; i < policy->rule_count && *twice == NULL; i++)
		if (strcmp(policy->by_scope[i - 1]->scope, policy->by_scope[i]->scope) == 0)
			*twice = policy->by_scope[i]->scope;
	return true;
}

/* The first `len` bytes of a repository's name, and then a star. */
struct wanted {
	const char *name;
	size_t len;
	bool star;
};

static int
compare_wanted(const struct wanted *wanted, const char *scope)
{
	int order = strncmp(wanted->name, scope, wanted->len);

	return order != 0 ? order : strcmp(wanted->star ? "*" : "", scope + wanted->len);
}

static const struct policy_rule *
find(const struct policy *policy, const struct wanted *wanted)
{
	size_t low = 0, high = policy->rule_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_wanted(wanted, policy->by_scope[middle]->scope);

		if (order == 0)
			return policy->by_scope[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct policy_rule *
policy_rule_for(const struct policy *policy, const char *repository)
{
	struct wanted wanted = { repository, strlen(repository), false };
	const struct policy_rule *rule = find(policy, &wanted);

	/* From the longest folder up; something must stand behind its slash. */
	wanted.star = true;
	for (size_t i = wanted.len; rule == NULL && i-- > 0;) {
		if (repository[i] != '/' || repository[i + 1] == '\0')
			continue;
		wanted.len = i + 1;
		rule = find(policy, &wanted);
	}
	wanted.len = 0;
	return rule != NULL ? rule : find(policy, &wanted);
}
