/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SPKI_H
#define KEYS_SPKI_H

#include "keys/alg.h"

/*
 * SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in its one accepted spelling: strict DER,
 * named curves, uncompressed points. Pure: whether a point lies on its curve is asked by
 * whoever makes a usable key of it.
 */

/* A public key's numbers, borrowed. */
struct public_numbers {
	const struct alg *alg;
	struct span point; /* ECDSA: 04 || x || y; Ed25519: 32 bytes */
	struct span n;     /* RSA: modulus and exponent without leading zeros */
	struct span e;
};

NOTAR_MUST_USE enum notar_code
spki_parse(struct span der, struct public_numbers *out, struct notar_error *err);
/* Appends the DER form. */
void spki_append(struct buf *out, const struct public_numbers *numbers);

size_t rsa_bits(struct span n);
/* Size, and what makes n and e unfit at sight. NOTAR_E_KEY. */
NOTAR_MUST_USE enum notar_code
rsa_check_public(struct span n, struct span e, struct notar_error *err);

#endif
