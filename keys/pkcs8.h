/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PKCS8_H
#define KEYS_PKCS8_H

#include "base/secret.h"
#include "keys/spki.h"

/*
 * The DER containers of private keys: PKCS#8 PrivateKeyInfo (RFC 5208), SEC1 ECPrivateKey
 * (RFC 5915), PKCS#1 RSAPrivateKey (RFC 8017 appendix A.1.2). Strict DER; pure. The spans
 * borrow from guarded memory: do not keep them.
 */

enum rsa_number { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QINV, RSA_NUMBERS };

struct private_numbers {
	const struct alg *alg;
	struct span scalar;           /* ECDSA: d, padded; Ed25519: the seed */
	struct span point;            /* ECDSA: the public point when the container has it */
	struct span pkcs1;            /* RSA: the whole RSAPrivateKey */
	struct span rsa[RSA_NUMBERS]; /* its numbers, without leading zeros */
};

NOTAR_MUST_USE enum notar_code
pkcs8_parse(struct span der, struct private_numbers *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
sec1_parse(struct span der, struct private_numbers *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
pkcs1_parse(struct span der, struct private_numbers *out, struct notar_error *err);

/*
 * The PKCS#8 form, one spelling a key: no attributes; ECPrivateKey with the public point and
 * without parameters, as Go and so cosign writes it. point is the public point for ECDSA,
 * and ignored otherwise.
 */
NOTAR_MUST_USE enum notar_code
pkcs8_encode(const struct private_numbers *numbers, struct span point, struct secret *out,
	     struct notar_error *err);

#endif
