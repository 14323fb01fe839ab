/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_ALG_H
#define KEYS_ALG_H

#include "keys/key.h"
#include "keys/ossl.h"

/*
 * The closed set of key algorithms: one constant row each (specs/sigstore.md section 1.4).
 * An AlgorithmIdentifier has one accepted spelling a row, so a lookup is a comparison.
 */
struct alg {
	enum key_kind kind;
	const char *name;      /* "ECDSA P-256"; RSA adds its size */
	const char *type;      /* OpenSSL's key type; NULL: libsodium does it */
	const char *group;     /* OpenSSL's name of the curve, or NULL */
	int nid;               /* OpenSSL's number of the curve, or 0 */
	enum ossl_hash hash;   /* what it signs */
	size_t size;           /* bytes of a coordinate, a scalar, r or s; 0 for RSA */
	struct span algorithm; /* contents of its AlgorithmIdentifier */
};

#define ALG_SIZE_MAX 66 /* P-521 */
#define ALG_POINT_MAX (1 + 2 * ALG_SIZE_MAX)

const struct alg *alg_of_kind(enum key_kind kind);

/* The row for an AlgorithmIdentifier's contents. NOTAR_E_KEY names what else it is. */
NOTAR_MUST_USE enum notar_code
alg_find(struct span algorithm, const struct alg **out, struct notar_error *err);

/* The row for a curve alone: the value of an OBJECT IDENTIFIER with its header. */
NOTAR_MUST_USE enum notar_code
alg_find_curve(struct span oid, const struct alg **out, struct notar_error *err);

#endif
