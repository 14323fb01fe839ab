/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_ECDSA_H
#define KEYS_ECDSA_H

#include "base/buf.h"
#include "keys/alg.h"

/*
 * The two spellings of an ECDSA signature. Strict: minimal DER with nothing behind it, raw of
 * exactly twice the size, and 0 in neither number. Malformed is NOTAR_E_SIGNATURE, as a
 * mismatch is. Pure.
 */
#define ECDSA_RAW_MAX (2 * ALG_SIZE_MAX)

/* size is that of a number (struct alg). Fills 2 * size bytes of raw. */
NOTAR_MUST_USE enum notar_code
ecdsa_raw_from_der(struct span der, size_t size, uint8_t raw[ECDSA_RAW_MAX],
		   struct notar_error *err);
NOTAR_MUST_USE enum notar_code
ecdsa_der_from_raw(struct span raw, size_t size, struct buf *der, struct notar_error *err);

#endif
