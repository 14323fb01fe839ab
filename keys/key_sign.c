/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "base/limits.h"
#include "keys/ecdsa.h"
#include "keys/key_internal.h"

static enum notar_code
sign_ed25519(const struct private_numbers *numbers, struct span message, struct buf *sig,
	     struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) expanded = { 0 };
	uint8_t public[crypto_sign_PUBLICKEYBYTES];
	uint8_t out[crypto_sign_BYTES];

	NOTAR_TRY(secret_alloc(crypto_sign_SECRETKEYBYTES, &expanded, err));
	(void)crypto_sign_seed_keypair(public, expanded.ptr, numbers->scalar.ptr);
	(void)crypto_sign_detached(out, NULL, message.ptr, message.len, expanded.ptr);
	buf_append(sig, out, sizeof(out));
	return buf_finish(sig, "signature", err);
}

/* PSS for what is no ECDSA and wants SIG_RAW. */
static bool
set_scheme(EVP_PKEY_CTX *ctx, const struct alg *alg, const EVP_MD *md, bool pss)
{
	return pss ? evp_set_pss(ctx, md, RSA_PSS_SALTLEN_DIGEST) : evp_set_scheme(ctx, alg, md);
}

/* As OpenSSL writes it: DER for ECDSA. */
static enum notar_code
sign_evp(const struct private_numbers *numbers, struct span message, enum ossl_hash hash, bool pss,
	 struct buf *sig, struct notar_error *err)
{
	const EVP_MD *md = ossl_hash(hash);
	NOTAR_AUTO_PTR(evp_pkey, EVP_PKEY) *pkey = NULL;
	struct evp_hash digest;
	uint8_t out[LIMIT_SIGNATURE_BYTES];
	size_t len = sizeof(out);

	NOTAR_TRY(evp_hash_of(md, message, &digest, err));
	NOTAR_TRY(evp_private(numbers, &pkey, err));
	NOTAR_AUTO_PTR(evp_pkey_ctx, EVP_PKEY_CTX) *ctx =
		EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (ctx == NULL || EVP_PKEY_sign_init(ctx) != 1 ||
	    !set_scheme(ctx, numbers->alg, md, pss) ||
	    EVP_PKEY_sign(ctx, out, &len, digest.bytes, digest.len) != 1)
		return ossl_fail(err, NOTAR_E_KEY, "OpenSSL cannot sign with this key");
	buf_append(sig, out, len);
	return buf_finish(sig, "signature", err);
}

static enum notar_code
sign_numbers(const struct private_numbers *numbers, struct span message, enum sig_form form,
	     struct buf *sig, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) der = { .cap = LIMIT_SIGNATURE_BYTES };
	uint8_t raw[ECDSA_RAW_MAX];

	if (numbers->alg->kind == KEY_ED25519)
		return sign_ed25519(numbers, message, sig, err);
	enum ossl_hash hash = numbers->alg->hash;
	bool is_rsa = numbers->alg->kind == KEY_RSA;

	if (form != SIG_DER && is_rsa &&
	    !evp_pss_hash((unsigned)rsa_bits(numbers->rsa[RSA_N]), &hash))
		return notar_fail(err, NOTAR_E_KEY,
				  "RSASSA-PSS needs an RSA key of 2048, 3072 or 4096 bits");
	if (form == SIG_DER || is_rsa)
		return sign_evp(numbers, message, hash, form != SIG_DER, sig, err);
	NOTAR_TRY(sign_evp(numbers, message, hash, false, &der, err));
	NOTAR_TRY(ecdsa_raw_from_der(buf_span(&der), numbers->alg->size, raw, err));
	buf_append(sig, raw, 2 * numbers->alg->size);
	return buf_finish(sig, "signature", err);
}

enum notar_code
key_sign(const struct key *key, struct span message, enum sig_form form, struct buf *out,
	 struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) sig = { .cap = LIMIT_SIGNATURE_BYTES };
	struct private_numbers numbers;

	if (!key_is_private(key))
		return notar_fail(err, NOTAR_E_KEY,
				  "this key is only the public half: it cannot "
				  "sign");
	NOTAR_TRY(pkcs8_parse(secret_borrow(&key->pkcs8), &numbers, err));
	NOTAR_TRY(sign_numbers(&numbers, message, form, &sig, err));
	/* A fault of memory or processor while signing can give the key away: never let a
	 * signature out that does not hold. */
	if (key_verify(key, message, buf_span(&sig), form, NULL) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_INTERNAL, "the signature just made does not hold");
	buf_append_span(out, buf_span(&sig));
	return buf_finish(out, "signature", err);
}
