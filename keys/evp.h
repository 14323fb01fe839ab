/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_EVP_H
#define KEYS_EVP_H

#include <openssl/rsa.h>

#include "keys/pkcs8.h"

/*
 * From numbers to OpenSSL's keys and back, without its decoders: those cost about 2 ms the
 * first time and 130 us each time after, fromdata 20 us.
 */

/* Checks that the point is on its curve. NOTAR_E_KEY. The caller owns *out. */
NOTAR_MUST_USE enum notar_code
evp_public(const struct public_numbers *numbers, EVP_PKEY **out, struct notar_error *err);

/* ECDSA and RSA only. Free soon: it holds the private numbers outside guarded memory. */
NOTAR_MUST_USE enum notar_code
evp_private(const struct private_numbers *numbers, EVP_PKEY **out, struct notar_error *err);

/* The uncompressed public point of an ECDSA scalar, 1 + 2 * size bytes. NOTAR_E_KEY unless
 * 0 < scalar < order. */
NOTAR_MUST_USE enum notar_code
evp_point_of_scalar(const struct alg *alg, struct span scalar, uint8_t out[ALG_POINT_MAX],
		    struct notar_error *err);

/* NOTAR_E_KEY unless the modulus is the product of the two factors, and the exponent agrees
 * with the two that signing uses (a signature alone would not show it). */
NOTAR_MUST_USE enum notar_code
evp_check_factors(const struct private_numbers *numbers, struct notar_error *err);

/* Sets PKCS#1 v1.5 explicitly for RSA, and the hash. False when OpenSSL refuses. */
bool evp_set_scheme(EVP_PKEY_CTX *ctx, const struct alg *alg, const EVP_MD *md);

/* The hash that RSASSA-PSS takes for a modulus of so many bits; false when there is none. */
bool evp_pss_hash(unsigned rsa_bits, enum ossl_hash *out);
/* Sets RSASSA-PSS with this hash, also in MGF1; salt is one of OpenSSL's RSA_PSS_SALTLEN_…. */
bool evp_set_pss(EVP_PKEY_CTX *ctx, const EVP_MD *md, int salt);

struct evp_hash {
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned len;
};
NOTAR_MUST_USE enum notar_code
evp_hash_of(const EVP_MD *md, struct span message, struct evp_hash *out, struct notar_error *err);

#endif
