/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_NOTATION_H
#define TRUST_NOTATION_H

#include "base/buf.h"

/*
 * The Notary Project's trust policy documents (trustpolicy.json, OCI and blob;
 * specs/notary-project.md section 12), translated into notar-policy(5): a statement becomes a
 * signer with "x509" and a rule for each scope, level skip a rule that requires nothing. So
 * there is one engine, one stored form, and `notar policy check` shows what was understood. Pure.
 */
enum notation_kind { NOTATION_OCI, NOTATION_BLOB };

/* Appends the PEM of every certificate of a trust store ("ca", "name") to out. */
typedef enum notar_code notation_store_call(void *context, const char *type, const char *name,
					    struct buf *pem, struct notar_error *err);

/* True for a document that has "trustPolicies" at its top, whatever else is wrong with it. */
bool notation_is_document(struct span document);

/* Appends the policy. NOTAR_E_CONFIG names the statement and the rule of the specification that
 * it breaks. For blobs a statement's scope is its name, and the global one's is "*". */
NOTAR_MUST_USE enum notar_code
notation_translate(struct span document, enum notation_kind kind, notation_store_call *store,
		   void *context, struct buf *out, struct notar_error *err);

#endif
