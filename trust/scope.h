/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_SCOPE_H
#define TRUST_SCOPE_H

#include "trust/policy.h"

/*
 * Which rule of a policy covers a repository. Rules are kept sorted by scope, so that a policy
 * of ten thousand rules costs a question a few comparisons a path component.
 */

/* "host/path", "host/path" followed by a slash and a star, or "*"; no spaces. */
bool scope_is_valid(struct span scope);

/* Sorts the policy's rules into policy->by_scope. *twice: the first scope that stands twice, or
 * NULL. False: no memory. */
bool scope_index(struct policy *policy, const char **twice);

#endif
