/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_OSSL_H
#define KEYS_OSSL_H

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/own.h"

/*
 * OpenSSL: cleanup types, the one initialisation, and errors.
 *
 * The library is started without its configuration file: no algorithm of ours comes from
 * there, reading it costs more than a verification, and a file must not be able to change
 * what a signature means.
 */

NOTAR_AUTO_FOREIGN(evp_pkey, EVP_PKEY, EVP_PKEY_free)
NOTAR_AUTO_FOREIGN(evp_pkey_ctx, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
NOTAR_AUTO_FOREIGN(evp_cipher_ctx, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
NOTAR_AUTO_FOREIGN(bignum, BIGNUM, BN_clear_free)
NOTAR_AUTO_FOREIGN(bn_ctx, BN_CTX, BN_CTX_free)
NOTAR_AUTO_FOREIGN(ec_group, EC_GROUP, EC_GROUP_free)
NOTAR_AUTO_FOREIGN(ec_point, EC_POINT, EC_POINT_free)
NOTAR_AUTO_FOREIGN(asn1_object, ASN1_OBJECT, ASN1_OBJECT_free)

enum ossl_hash { OSSL_SHA256, OSSL_SHA384, OSSL_SHA512 };

/* The implementation, fetched once a process and never freed; NULL when OpenSSL has none.
 * Any call here starts the library. Thread-safe. */
const EVP_MD *ossl_hash(enum ossl_hash hash);
/* Starts the library; cheap when it runs. Call before OpenSSL calls that follow no ossl_hash. */
void ossl_start(void);

/* Empties OpenSSL's error queue of this thread, so that no later caller (TLS reads it) takes
 * our error for its own. */
void ossl_forget_errors(void);
/* Fails with code and text, and forgets OpenSSL's errors. */
NOTAR_MUST_USE enum notar_code
ossl_fail(struct notar_error *err, enum notar_code code, const char *text);

#endif
