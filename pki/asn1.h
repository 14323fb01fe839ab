/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_ASN1_H
#define PKI_ASN1_H

#include <openssl/x509v3.h>

#include "base/buf.h"

#include "keys/ossl.h"

/* Cleanup types of OpenSSL's X.509 parts, and times. */

NOTAR_AUTO_FOREIGN(x509, X509, X509_free)
NOTAR_AUTO_FOREIGN(asn1_bits, ASN1_BIT_STRING, ASN1_BIT_STRING_free)
NOTAR_AUTO_FOREIGN(basic_constraints, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
NOTAR_AUTO_FOREIGN(extended_key_usage, EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)

/* Seconds since 1970, in 64 bits: dates after 2049 and the year 9999 are usual. False: no time. */
bool asn1_time_seconds(const ASN1_TIME *time, int64_t *out);

/* Whether a signature's hash, inside RSASSA-PSS too, is SHA-256, -384 or -512; or it is Ed25519,
 * which hashes for itself. */
bool asn1_is_strong_signature(const X509_ALGOR *algorithm);

#endif
