/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_CACHE_H
#define PKI_CERT_CACHE_H

#include "pki/cert.h"

/*
 * Certificates that were parsed lately, by the SHA-256 of their bytes: intermediates and roots come
 * back with every signature, and OpenSSL takes longer to parse one than to check a signature.
 *
 * What is kept follows from the bytes alone, so a hit and a miss mean the same. A fixed number of
 * places, so strangers' certificates can displace others but not add up. Thread-safe.
 */

/* The caller's own reference, or NULL. */
struct cert *cert_cache_get(const uint8_t thumbprint[FACT_ID_BYTES]);

/* Keeps a reference of its own. */
void cert_cache_put(struct cert *cert);

/* Whether that issuer's key is known to have made cert's signature, with a hash that counts. */
bool cert_cache_is_link(const struct cert *cert, const struct cert *issuer);
void cert_cache_put_link(struct cert *cert, const struct cert *issuer);

#endif
