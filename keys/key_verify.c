/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "base/limits.h"
#include "keys/ecdsa.h"
#include "keys/key_internal.h"

static enum notar_code
no_match(const struct key *key, struct notar_error *err)
{
	ossl_forget_errors();
	return notar_fail(err, NOTAR_E_SIGNATURE,
			  "the signature is not by this %s key over this content",
			  key->description);
}

/* sig in OpenSSL's form. The prepared context is copied: threads share the key, and a copy
 * costs a tenth of preparing it anew. */
static enum notar_code
verify_hash(const struct key *key, enum ossl_hash hash, struct span digest, struct span sig,
	    struct notar_error *err)
{
	NOTAR_AUTO_PTR(evp_pkey_ctx, EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_dup(key->verifier);
	if (ctx == NULL)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for a verification");
	if (hash != key->alg->hash && !evp_set_scheme(ctx, key->alg, ossl_hash(hash)))
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot prepare a verification");
	if (EVP_PKEY_verify(ctx, sig.ptr, sig.len, digest.ptr, digest.len) != 1)
		return no_match(key, err);
	return NOTAR_OK;
}

static enum notar_code
verify_evp(const struct key *key, enum ossl_hash hash, struct span message, struct span sig,
	   struct notar_error *err)
{
	struct evp_hash digest;

	NOTAR_TRY(evp_hash_of(ossl_hash(hash), message, &digest, err));
	return verify_hash(key, hash, span_of(digest.bytes, digest.len), sig, err);
}

static enum notar_code
verify_pss(const struct key *key, struct span message, struct span sig, int salt,
	   struct notar_error *err)
{
	struct evp_hash digest;
	enum ossl_hash hash;

	if (!evp_pss_hash(key->rsa_bits, &hash))
		return notar_fail(err, NOTAR_E_KEY, "RSASSA-PSS with a key of %u bits",
				  key->rsa_bits);
	NOTAR_TRY(evp_hash_of(ossl_hash(hash), message, &digest, err));
	NOTAR_AUTO_PTR(evp_pkey_ctx, EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_dup(key->verifier);

	if (ctx == NULL || !evp_set_pss(ctx, ossl_hash(hash), salt))
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot prepare a verification");
	if (EVP_PKEY_verify(ctx, sig.ptr, sig.len, digest.bytes, digest.len) != 1)
		return no_match(key, err);
	return NOTAR_OK;
}

static enum notar_code
verify_rsa(const struct key *key, struct span message, struct span sig, enum sig_form form,
	   struct notar_error *err)
{
	if (form == SIG_DER)
		return verify_evp(key, key->alg->hash, message, sig, err);
	return verify_pss(key, message, sig,
			  form == SIG_RAW ? RSA_PSS_SALTLEN_DIGEST : RSA_PSS_SALTLEN_AUTO, err);
}

static enum notar_code
verify_ecdsa(const struct key *key, enum ossl_hash hash, struct span message, struct span sig,
	     enum sig_form form, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) der = { .cap = LIMIT_SIGNATURE_BYTES };
	uint8_t raw[ECDSA_RAW_MAX];

	switch (form) {
	case SIG_DER:
		NOTAR_TRY(ecdsa_raw_from_der(sig, key->alg->size, raw, err));
		return verify_evp(key, hash, message, sig, err);
	case SIG_RAW:
	case SIG_RAW_ANY_SALT:
		NOTAR_TRY(ecdsa_der_from_raw(sig, key->alg->size, &der, err));
		return verify_evp(key, hash, message, buf_span(&der), err);
	}
	return notar_fail(err, NOTAR_E_INTERNAL, "no such form of signature");
}

static enum notar_code
verify_ed25519(const struct key *key, struct span message, struct span sig, struct notar_error *err)
{
	if (sig.len != crypto_sign_BYTES ||
	    crypto_sign_verify_detached(sig.ptr, message.ptr, message.len, key->ed25519) != 0)
		return no_match(key, err);
	return NOTAR_OK;
}

/* Ed25519ph (RFC 8032 section 5.1), empty context. */
static enum notar_code
verify_ed25519ph(const struct key *key, struct span message, struct span sig,
		 struct notar_error *err)
{
	crypto_sign_state state;

	if (sig.len != crypto_sign_BYTES || crypto_sign_init(&state) != 0 ||
	    crypto_sign_update(&state, message.ptr, message.len) != 0 ||
	    crypto_sign_final_verify(&state, sig.ptr, key->ed25519) != 0)
		return no_match(key, err);
	return NOTAR_OK;
}

enum notar_code
key_verify(const struct key *key, struct span message, struct span sig, enum sig_form form,
	   struct notar_error *err)
{
	if (sig.len == 0 || sig.len > LIMIT_SIGNATURE_BYTES)
		return notar_fail(err, NOTAR_E_SIGNATURE, "a signature of %zu bytes", sig.len);
	switch (key->alg->kind) {
	case KEY_P256:
	case KEY_P384:
	case KEY_P521:
		return verify_ecdsa(key, key->alg->hash, message, sig, form, err);
	case KEY_RSA:
		return verify_rsa(key, message, sig, form, err);
	case KEY_ED25519:
		return verify_ed25519(key, message, sig, err);
	}
	return notar_fail(err, NOTAR_E_INTERNAL, "no such kind of key");
}

/* What older tools wrote. Only asked after the key's own algorithm said no. */
static enum notar_code
verify_older(const struct key *key, struct span message, struct span sig, struct notar_error *err)
{
	switch (key->alg->kind) {
	case KEY_P384:
	case KEY_P521:
		return verify_ecdsa(key, OSSL_SHA256, message, sig, SIG_DER, err);
	case KEY_ED25519:
		return verify_ed25519ph(key, message, sig, err);
	case KEY_P256:
	case KEY_RSA:
		return NOTAR_E_SIGNATURE; /* no other way to write it */
	}
	return notar_fail(err, NOTAR_E_INTERNAL, "no such kind of key");
}

enum notar_code
key_verify_sigstore(const struct key *key, struct span message, struct span sig,
		    struct notar_error *err)
{
	enum notar_code code = key_verify(key, message, sig, SIG_DER, err);

	if (code != NOTAR_E_SIGNATURE || sig.len > LIMIT_SIGNATURE_BYTES)
		return code;
	code = verify_older(key, message, sig, err);
	if (code == NOTAR_OK && err != NULL)
		*err = (struct notar_error){ 0 }; /* the first attempt's words */
	return code;
}

enum notar_code
key_verify_digest(const struct key *key, const struct notar_digest *digest, struct span sig,
		  struct notar_error *err)
{
	enum ossl_hash hash = digest->alg == NOTAR_SHA512 ? OSSL_SHA512 : OSSL_SHA256;
	struct span bytes = { digest->bytes, notar_digest_len(digest->alg) };
	uint8_t raw[ECDSA_RAW_MAX];

	if (digest->alg == NOTAR_DIGEST_NONE || sig.len == 0 || sig.len > LIMIT_SIGNATURE_BYTES)
		return notar_fail(err, NOTAR_E_SIGNATURE, "no digest, or no signature");
	switch (key->alg->kind) {
	case KEY_P256:
	case KEY_P384:
	case KEY_P521:
		NOTAR_TRY(ecdsa_raw_from_der(sig, key->alg->size, raw, err));
		break;
	case KEY_RSA:
		break;
	case KEY_ED25519:
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "an Ed25519 signature is over the file, not over its digest");
	}
	if (hash != key->alg->hash && (key->alg->kind == KEY_P256 || key->alg->kind == KEY_RSA))
		return no_match(key, err);
	return verify_hash(key, hash, bytes, sig, err);
}
