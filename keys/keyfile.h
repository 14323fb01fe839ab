/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_KEYFILE_H
#define KEYS_KEYFILE_H

#include "keys/key.h"

/*
 * Private keys at rest. Read: cosign's encrypted files ("ENCRYPTED SIGSTORE PRIVATE KEY" and
 * the older "ENCRYPTED COSIGN PRIVATE KEY": scrypt + secretbox, specs/sigstore.md section 3.1),
 * PKCS#8 "PRIVATE KEY" and "ENCRYPTED PRIVATE KEY", SEC1 "EC PRIVATE KEY", PKCS#1
 * "RSA PRIVATE KEY" (unencrypted). Written: cosign's form, or PKCS#8 plain or encrypted.
 */

enum keyfile_form {
	KEYFILE_SIGSTORE = 1, /* what cosign writes today */
	KEYFILE_PKCS8,
	KEYFILE_PKCS8_ENCRYPTED, /* PBES2: scrypt or PBKDF2-HMAC-SHA256, AES-256-CBC */
	KEYFILE_SEC1,
	KEYFILE_PKCS1,
};

/* Where a passphrase comes from. Called only when the file is encrypted, at most once. */
struct passphrase_source {
	enum notar_code (*get)(void *context, struct secret *out, struct notar_error *err);
	void *context;
};

/* Decrypts and loads. NOTAR_E_KEY for a wrong passphrase ("wrong passphrase, or the file is
 * damaged"), NOTAR_E_FORMAT for what is no key file. KDF parameters outside the known sets are
 * refused before any work (memory exhaustion). form may be NULL. Blocks for the KDF. */
NOTAR_MUST_USE enum notar_code
keyfile_decode(const struct secret *file, const struct passphrase_source *passphrase,
	       struct key **out, enum keyfile_form *form, struct notar_error *err);

/* True when the text is one of the private-key PEM labels above; looks at the label only. */
bool keyfile_is_private(struct span text);

/*
 * Writes a key in a form. KEYFILE_SIGSTORE uses N=65536, r=8, p=1 and a fresh salt and nonce;
 * an empty passphrase is valid there. KEYFILE_PKCS8 ignores passphrase. Others: NOTAR_E_USAGE.
 */
NOTAR_MUST_USE enum notar_code
keyfile_encode(const struct key *key, enum keyfile_form form, const struct secret *passphrase,
	       struct secret *out, struct notar_error *err);

/* Loads a private or public key from a file's path: the one door for --key. Private when
 * keyfile_is_private, else public. */
NOTAR_MUST_USE enum notar_code
keyfile_load(const char *path, const struct passphrase_source *passphrase, struct key **out,
	     struct notar_error *err);

#endif
