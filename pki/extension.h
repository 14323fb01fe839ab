/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_EXTENSION_H
#define PKI_EXTENSION_H

#include "pki/cert.h"

/*
 * A certificate's extensions as they stand in its bytes (RFC 5280 section 4.2), for those who have
 * to take one out or who must know that a value has one spelling. Pure; spans borrow from the
 * certificate.
 */

struct extension {
	struct span oid, value; /* contents of the OBJECT IDENTIFIER and of the OCTET STRING */
	struct span whole;      /* with its header */
	bool is_critical;
};

#define EXTENSIONS_MAX 64 /* Fulcio's have some 30 */

struct extensions {
	struct span before; /* contents of the TBSCertificate in front of them */
	struct span all;    /* one behind the other, with headers */
	struct extension at[EXTENSIONS_MAX];
	size_t count;
};

/* Strict: the last part of the TBSCertificate, none twice. No extensions: count 0.
 * NOTAR_E_FORMAT; NOTAR_E_LIMIT for more than EXTENSIONS_MAX. */
NOTAR_MUST_USE enum notar_code
extensions_read(const struct cert *cert, struct extensions *out, struct notar_error *err);

/* The one of this type, or NULL. */
const struct extension *extensions_find(const struct extensions *all, struct span oid);

/* What is known of a certificate's extensions that say what its key is for. */
struct extension_usage {
	bool is_ca;
	uint64_t most_below; /* pathLenConstraint; UINT64_MAX: none */
	bool has_usage;      /* keyUsage is there; its two bits that are of interest: */
	bool is_signer, is_issuer;
	bool has_purposes; /* extendedKeyUsage is there; codeSigning, anyExtendedKeyUsage: */
	bool is_code_signer, is_any_purpose;
};

/* Reads them. NOTAR_E_FORMAT, also for a critical extension other than keyUsage,
 * extendedKeyUsage, basicConstraints and subjectAltName. */
NOTAR_MUST_USE enum notar_code
extension_usage_read(const struct extensions *all, struct extension_usage *out,
		     struct notar_error *err);

#endif
