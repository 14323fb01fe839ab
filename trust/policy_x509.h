/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_POLICY_X509_H
#define TRUST_POLICY_X509_H

#include "base/json.h"
#include "pki/cert.h"
#include "trust/distinguished_name.h"

/*
 * A signer that is known by certificates: the member "x509" of a signer in notar-policy(5), and
 * what a statement of a Notary Project trust policy becomes (trust/notation.h).
 *
 *   "x509": {"ca": ["-----BEGIN CERTIFICATE-----…"], "signingAuthority": […], "tsa": […],
 *            "identities": ["*"] or ["x509.subject: C=…,ST=…,O=…", "arn:aws:signer:…"],
 *            "authenticity": "enforce", "authenticTimestamp": "enforce", "expiry": "enforce",
 *            "revocation": "enforce"|"log"|"skip",
 *            "verifyTimestamp": "always"|"afterCertExpiry", "plugins": ["name"]}
 *
 * ca or signingAuthority, and identities, must be there; actions default to enforce (strict).
 * Integrity is always enforced. Identities of other kinds than "x509.subject" are a plugin's to
 * understand, and stand only where plugins do.
 */
enum x509_action { X509_ENFORCE = 0, X509_LOG, X509_SKIP };
enum x509_anchor_kind { X509_ANCHOR_CA = 0, X509_ANCHOR_AUTHORITY, X509_ANCHOR_TSA, X509_ANCHORS };

struct policy_x509 {
	struct cert_list anchors[X509_ANCHORS];
	bool any_identity; /* "*" */
	struct distinguished_name **identities;
	size_t identity_count;
	char **identity_texts; /* all of them as they were written: what plugins are told */
	size_t identity_text_count;
	enum x509_action authenticity, timestamp, expiry, revocation;
	bool timestamp_after_expiry; /* "afterCertExpiry" */
	char **plugins; /* verification plugins that may be run for this signer; usually none */
	size_t plugin_count;
};
void policy_x509_free(struct policy_x509 *x509);
NOTAR_AUTO_DEFINE(policy_x509)

/* Whether a certificate may stand in a store of this kind: a CA or self-signed; for tsa both. */
NOTAR_MUST_USE enum notar_code
policy_x509_check_anchor(const struct cert *cert, enum x509_anchor_kind kind,
			 struct notar_error *err);

NOTAR_MUST_USE enum notar_code
policy_x509_read(const struct json *at, struct policy_x509 **out, struct notar_error *err);

#endif
