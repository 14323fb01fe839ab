/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_MERKLE_H
#define PKI_MERKLE_H

#include "base/span.h"
#include "notar/error.h"

/* Inclusion proofs (RFC 6962 section 2.1.1; specs/sigstore.md section 4.8). Pure. */

#define MERKLE_HASH_BYTES 32

void merkle_leaf(struct span body, uint8_t out[MERKLE_HASH_BYTES]);

/* hashes: `count` times MERKLE_HASH_BYTES, leaf to root. NOTAR_E_SIGNATURE unless the leaf at
 * index is in the tree of that size with that root. */
NOTAR_MUST_USE enum notar_code
merkle_check(const uint8_t leaf[MERKLE_HASH_BYTES], uint64_t index, uint64_t size,
	     struct span hashes, const uint8_t root[MERKLE_HASH_BYTES], struct notar_error *err);

#endif
