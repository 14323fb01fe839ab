/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_CHALLENGE_H
#define OCI_CHALLENGE_H

#include "base/span.h"

/* WWW-Authenticate (RFC 9110 section 11.6.1): how a registry wants to be told who we are. */

enum challenge_scheme { CHALLENGE_OTHER, CHALLENGE_BASIC, CHALLENGE_BEARER };

/* Values are unescaped; NULL when absent. */
struct challenge {
	enum challenge_scheme scheme;
	char *realm;
	char *service;
	char *scope;
	char *error;
};

#define CHALLENGES_MOST 8

struct challenges {
	struct challenge items[CHALLENGES_MOST];
	size_t count;
};
void challenges_release(struct challenges *list);

/*
 * Adds the challenges of one header. NOTAR_E_FORMAT for what is not the grammar, has a control
 * character or a parameter twice; NOTAR_E_LIMIT over LIMIT_CHALLENGE_BYTES or CHALLENGES_MOST.
 * After a failure the list holds what came before it.
 */
NOTAR_MUST_USE enum notar_code
challenges_add(struct span header, struct challenges *list, struct notar_error *err);

/* Bearer before Basic; NULL when there is neither. */
const struct challenge *challenges_pick(const struct challenges *list);

#endif
