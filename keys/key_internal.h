/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_KEY_INTERNAL_H
#define KEYS_KEY_INTERNAL_H

#include "keys/evp.h"

/* What a struct key is, for keys/ only. Written once while loading, then only read. */

#define KEY_DESCRIPTION_BYTES 16

struct key {
	const struct alg *alg;
	char description[KEY_DESCRIPTION_BYTES];
	unsigned rsa_bits; /* 0 for other kinds */
	uint8_t id[KEY_ID_BYTES];
	struct buf spki;
	uint8_t ed25519[32];    /* the point, for Ed25519 */
	EVP_PKEY_CTX *verifier; /* others: ready but for the message; copied by each use */
	struct secret pkcs8;    /* empty for a public key */
};

/* From parsed numbers. NOTAR_E_KEY when they are no key, or do not belong together. */
NOTAR_MUST_USE enum notar_code
key_of_public(const struct public_numbers *numbers, struct key **out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
key_of_private(const struct private_numbers *numbers, struct key **out, struct notar_error *err);

#endif
