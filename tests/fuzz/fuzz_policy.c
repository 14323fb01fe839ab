/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A policy that is taken has requirements it can enforce in every rule. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	if (policy_load(span_of(data, size), &policy, &err) != NOTAR_OK) {
		if (policy != NULL || err.msg[0] == '\0')
			abort();
		return 0;
	}
	for (size_t i = 0; i < policy->rule_count; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		if (rule->exempt == (rule->count > 0))
			abort();
		for (size_t k = 0; k < rule->count; k++)
			if (rule->requirements[k].threshold < 1 || rule->requirements[k].count == 0)
				abort();
	}
	(void)policy_rule_for(policy, "registry.example/app");
	return 0;
}
