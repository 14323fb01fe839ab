/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_KEY_H
#define KEYS_KEY_H

#include "base/buf.h"
#include "base/secret.h"
#include "notar/digest.h"

/*
 * keys/: who signs: keys, their files, their algorithms and where private halves live.
 *
 * One signing or verification key. Immutable after loading, so threads may share it.
 *
 * Kinds: ECDSA P-256, P-384, P-521; RSA 2048 to 4096 bits (exponent 65537 or larger odd,
 * PKCS#1 v1.5 with SHA-256 unless told otherwise); Ed25519. All else is NOTAR_E_KEY. The
 * algorithm always comes from the key, never from a message (style.md, Verifying).
 *
 * The private half is held in guarded memory as PKCS#8 DER between uses.
 */
struct key;

#define KEY_ID_BYTES 32
#define KEY_ID_TEXT_BYTES 65

enum key_kind {
	KEY_P256 = 1,
	KEY_P384,
	KEY_P521,
	KEY_RSA,
	KEY_ED25519,
};

/* How a signature is made and written. Another form is refused, never guessed. Ed25519 has one
 * form. */
enum sig_form {
	SIG_DER, /* Sigstore: ECDSA as minimal DER, RSA as PKCS#1 v1.5 */
	/* JWS and COSE: ECDSA as r||s, each the size of the group order; RSASSA-PSS with SHA-256,
	 * -384, -512 for 2048, 3072, 4096 bits and a salt as long as the hash. */
	SIG_RAW,
	SIG_RAW_ANY_SALT, /* verifying only: the same with a salt of any length (JWS) */
};

void key_free(struct key *key); /* wipes; NULL is allowed */
NOTAR_AUTO_DEFINE(key)

/* A new private key. rsa_bits is 2048, 3072 or 4096 for KEY_RSA and ignored otherwise.
 * Blocks for seconds at most (RSA 4096). */
NOTAR_MUST_USE enum notar_code
key_generate(enum key_kind kind, unsigned rsa_bits, struct key **out, struct notar_error *err);

/* A public key: PEM "PUBLIC KEY" (exactly one block, only white space around it) or the
 * SubjectPublicKeyInfo DER itself, with nothing behind it. */
NOTAR_MUST_USE enum notar_code
key_load_public(struct span in, struct key **out, struct notar_error *err);

/* A private key from unencrypted PKCS#8 PrivateKeyInfo DER. Other containers: keyfile.h. */
NOTAR_MUST_USE enum notar_code
key_load_pkcs8(const struct secret *der, struct key **out, struct notar_error *err);

enum key_kind key_kind_of(const struct key *key);
bool key_is_private(const struct key *key);
/* "ECDSA P-256", "RSA 3072", "Ed25519". Lives as long as the key. */
const char *key_describe(const struct key *key);
/* Bits of an RSA modulus; 0 for other kinds. */
unsigned key_rsa_bits(const struct key *key);
/* SubjectPublicKeyInfo DER, borrowed from the key. */
struct span key_spki(const struct key *key);
/* SHA-256 of it (decision 9): 32 bytes, borrowed from the key. */
const uint8_t *key_id(const struct key *key);
/* Lower-case hex of the id. Returns out. */
const char *key_id_text(const uint8_t id[KEY_ID_BYTES], char out[KEY_ID_TEXT_BYTES]);
NOTAR_MUST_USE enum notar_code
key_id_parse(struct span hex, uint8_t out[KEY_ID_BYTES], struct notar_error *err);
/* Appends the PEM form of the public half. */
void key_public_pem(const struct key *key, struct buf *out);
/* A guarded copy of the PKCS#8 DER. NOTAR_E_KEY when the key is public only. */
NOTAR_MUST_USE enum notar_code
key_pkcs8(const struct key *key, struct secret *out, struct notar_error *err);

/*
 * Signs message with the key's own algorithm: ECDSA with the hash of its curve's size, RSA
 * PKCS#1 v1.5 with SHA-256 (SIG_DER) or PSS (SIG_RAW), pure Ed25519. Appends to out.
 */
NOTAR_MUST_USE enum notar_code
key_sign(const struct key *key, struct span message, enum sig_form form, struct buf *out,
	 struct notar_error *err);

/*
 * Checks a detached signature by the key's own algorithm (as key_sign). NOTAR_OK means valid,
 * and nothing else does; NOTAR_E_SIGNATURE is a mismatch, including a malformed signature.
 *
 * message   the exact signed bytes (for DSSE the pre-authentication encoding)
 * Borrows all inputs. Does not block. Thread-safe on a shared key.
 */
NOTAR_MUST_USE enum notar_code
key_verify(const struct key *key, struct span message, struct span sig, enum sig_form form,
	   struct notar_error *err);

/*
 * The same for what Sigstore's tools have written over time (specs/sigstore.md section 1.4,
 * decision 22): the key's own algorithm, then SHA-256 for the larger curves, then Ed25519ph
 * for Ed25519. SIG_DER only. All of them need this private key, so none widens trust.
 */
NOTAR_MUST_USE enum notar_code key_verify_sigstore(const struct key *key, struct span message,
						   struct span sig, struct notar_error *err);

/*
 * A detached signature over content of which only the digest is at hand, of the algorithm that
 * the signer hashed with. SIG_DER. NOTAR_E_UNSUPPORTED for Ed25519, which signs content itself.
 */
NOTAR_MUST_USE enum notar_code
key_verify_digest(const struct key *key, const struct notar_digest *digest, struct span sig,
		  struct notar_error *err);

#endif
