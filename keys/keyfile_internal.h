/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_KEYFILE_INTERNAL_H
#define KEYS_KEYFILE_INTERNAL_H

#include "keys/keyfile.h"

/* The two encrypted containers, for keyfile.c. Both check every parameter before the
 * passphrase is asked for and before any work is done with it. */

/* Asks once, and bounds the answer. */
NOTAR_MUST_USE enum notar_code keyfile_passphrase(const struct passphrase_source *source,
						  struct secret *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code keyfile_wrong_passphrase(struct notar_error *err);

/* cosign's container: body is the JSON inside the PEM block. out is PKCS#8 DER. */
NOTAR_MUST_USE enum notar_code
sigstore_box_open(struct span body, const struct passphrase_source *passphrase, struct secret *out,
		  struct notar_error *err);
/* Appends the JSON. */
NOTAR_MUST_USE enum notar_code
sigstore_box_seal(const struct secret *pkcs8, const struct secret *passphrase, struct buf *out,
		  struct notar_error *err);

/* PKCS#8 EncryptedPrivateKeyInfo with PBES2 (RFC 8018 section 6.2, RFC 7914 section 7). */
NOTAR_MUST_USE enum notar_code
pbes2_open(struct span der, const struct passphrase_source *passphrase, struct secret *out,
	   struct notar_error *err);
/* Appends the DER: scrypt with N=16384, r=8, p=4, which OpenSSL's default memory cap can
 * read and which costs what cosign's N=65536 does; AES-256-CBC. */
NOTAR_MUST_USE enum notar_code
pbes2_seal(const struct secret *pkcs8, const struct secret *passphrase, struct buf *out,
	   struct notar_error *err);

#endif
