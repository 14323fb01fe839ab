/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_FULCIO_H
#define PKI_FULCIO_H

#include "pki/trusted_root.h"

/* Certificates of Fulcio: who they speak of, and what they lead to (specs/sigstore.md sections 4.4
 * and 4.6). Pure. */

enum fulcio_san { FULCIO_SAN_URI = 1, FULCIO_SAN_EMAIL, FULCIO_SAN_USERNAME };

#define FULCIO_EXTENSIONS FACT_EXTENSIONS /* 1.3.6.1.4.1.57264.1.N by N; 0 and 7 stay empty */

/* Texts borrow from the certificate. */
struct fulcio_identity {
	struct span issuer; /* N=8, else N=1; when both are there they agree */
	enum fulcio_san kind;
	struct span san;
	struct span extensions[FULCIO_EXTENSIONS]; /* text; NULL ptr: absent */
};

/* Exactly one GeneralName, of a known kind, without NUL; N=8 and above are DER UTF8Strings that
 * fill their value. No extension stands there twice. NOTAR_E_FORMAT; NOTAR_E_LIMIT for more than
 * EXTENSIONS_MAX of them. */
NOTAR_MUST_USE enum notar_code
fulcio_identity_read(const struct cert *leaf, struct fulcio_identity *out, struct notar_error *err);

/* The document's name of an extension ("sourceRepositoryURI"…), or NULL; and back, 0 for none. */
const char *fulcio_extension_name(size_t n);
size_t fulcio_extension_of(struct span name);

/* What the leaf must be, whoever issued it: no CA, digitalSignature, codeSigning, no critical
 * extension that is not known. NOTAR_E_FORMAT, NOTAR_E_LIMIT as above. */
NOTAR_MUST_USE enum notar_code fulcio_leaf_check(const struct cert *leaf, struct notar_error *err);

/* A path from a leaf to the anchor of one authority, over that authority's certificates only. */
struct fulcio_path {
	const struct cert *issuer; /* of the leaf; borrowed from the authority */
	int64_t from_s, to_s;      /* when every certificate of the path is valid; inclusive */
};

/* Signatures, basicConstraints, path length, keyCertSign and extended key usages; no time is looked
 * at, but of several paths one that is valid at any time is preferred. from_s > to_s: never all at
 * once. NOTAR_E_SIGNATURE when the leaf does not lead there. */
NOTAR_MUST_USE enum notar_code
fulcio_path_find(const struct cert *leaf, const struct root_authority *ca, struct fulcio_path *out,
		 struct notar_error *err);

#endif
