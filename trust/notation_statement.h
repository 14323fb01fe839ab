/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_NOTATION_STATEMENT_H
#define TRUST_NOTATION_STATEMENT_H

#include "base/json.h"
#include "trust/notation.h"
#include "trust/policy_x509.h"

/* One checked statement of a Notary Project trust policy; everything borrows from the document. */
enum notation_check {
	NOTATION_AUTHENTICITY,
	NOTATION_TIMESTAMP,
	NOTATION_EXPIRY,
	NOTATION_REVOCATION,
	NOTATION_CHECKS
};

struct notation_statement {
	struct span name;
	bool skip;      /* level skip: no stores, no identities, actions mean nothing */
	bool is_global; /* blobs only */
	bool after_expiry;
	enum x509_action actions[NOTATION_CHECKS];
	struct json stores, identities, scopes; /* arrays; scopes: OCI only */
	struct json plugins;                    /* array of names; notation knows no such member */
	size_t store_count, identity_count, scope_count, plugin_count;
};

/* The member names of the actions, as both documents spell them. */
extern const char *const notation_check_names[NOTATION_CHECKS];
/* "ca", "signingAuthority", "tsa": a trust store's type, and the member of notar-policy(5). */
extern const char *const notation_store_types[X509_ANCHORS];

/* Everything that can be seen in one statement alone. The message opens with its name. */
NOTAR_MUST_USE enum notar_code
notation_statement_read(const struct json *at, enum notation_kind kind,
			struct notation_statement *out, struct notar_error *err);

/* "ca:name" into its parts; NOTAR_E_FORMAT. */
NOTAR_MUST_USE enum notar_code
notation_store_parse(const struct json *at, enum x509_anchor_kind *kind, struct span *name,
		     struct notar_error *err);

/* Identities that notar compares with certificates; others are for plugins. */
bool notation_identity_is_ours(struct span identity);

/* NOTAR_E_FORMAT for a member that differs from one of names only in the case of its letters:
 * some readers take it, others do not. Members of other names are ignored. */
NOTAR_MUST_USE enum notar_code
notation_check_members(const struct json *at, const char *const *names, size_t count,
		       struct notar_error *err);

#endif
