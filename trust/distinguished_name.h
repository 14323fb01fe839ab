/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_DISTINGUISHED_NAME_H
#define TRUST_DISTINGUISHED_NAME_H

#include "base/span.h"

#include "base/own.h"

/* "x509.subject" identities (specs/notary-project.md section 13). Pure. */
struct distinguished_name;
void distinguished_name_free(struct distinguished_name *name);
NOTAR_AUTO_DEFINE(distinguished_name)

/* The text behind "x509.subject:". NOTAR_E_FORMAT. */
NOTAR_MUST_USE enum notar_code
distinguished_name_parse(struct span text, struct distinguished_name **out,
			 struct notar_error *err);

/* Whether every attribute of the one is in the other with the same value: such two in a policy
 * overlap. */
bool distinguished_name_is_part_of(const struct distinguished_name *name,
				   const struct distinguished_name *whole);

/*
 * Whether a certificate's subject, the DER of a Name, has every attribute named, exactly once and
 * with exactly this value. False: why names the first
 * attribute that is missing or differs (for messages; may be NULL).
 */
bool distinguished_name_matches(const struct distinguished_name *name, struct span subject_der,
				char why[160]);

#endif
