/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key_internal.h"

#include <sodium.h>

static enum notar_code
generate_evp(const struct alg *alg, size_t bits, EVP_PKEY **out, struct notar_error *err)
{
	ossl_start();
	EVP_PKEY *pkey = alg->kind == KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits) :
						EVP_PKEY_Q_keygen(NULL, NULL, "EC", alg->group);
	if (pkey == NULL)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot make a key");
	*out = pkey;
	return NOTAR_OK;
}

/* SEC1 or PKCS#1, written by OpenSSL straight into guarded memory. */
static enum notar_code
encode_evp(const EVP_PKEY *pkey, struct secret *out, struct notar_error *err)
{
	int len = i2d_PrivateKey(pkey, NULL);
	if (len <= 0)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot write a key");
	NOTAR_AUTO_OF(secret) der = { 0 };
	NOTAR_TRY(secret_alloc((size_t)len, &der, err));
	unsigned char *at = der.ptr;
	if (i2d_PrivateKey(pkey, &at) != len)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot write a key");
	*out = der;
	der = (struct secret){ 0 };
	return NOTAR_OK;
}

static enum notar_code
generate_ed25519(const struct alg *alg, struct key **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) seed = { 0 };

	NOTAR_TRY(secret_alloc(alg->size, &seed, err));
	randombytes_buf(seed.ptr, seed.len);
	struct private_numbers numbers = { .alg = alg, .scalar = secret_borrow(&seed) };
	return key_of_private(&numbers, out, err);
}

enum notar_code
key_generate(enum key_kind kind, unsigned rsa_bits_wanted, struct key **out,
	     struct notar_error *err)
{
	const struct alg *alg = alg_of_kind(kind);
	NOTAR_AUTO_PTR(evp_pkey, EVP_PKEY) *pkey = NULL;
	NOTAR_AUTO_OF(secret) der = { 0 };
	struct private_numbers numbers;

	if (alg == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "no such kind of key");
	if (kind == KEY_ED25519)
		return generate_ed25519(alg, out, err);
	if (kind == KEY_RSA && rsa_bits_wanted != 2048 && rsa_bits_wanted != 3072 &&
	    rsa_bits_wanted != 4096)
		return notar_fail(err, NOTAR_E_USAGE,
				  "RSA keys are made with 2048, 3072 or 4096 bits, not %u",
				  rsa_bits_wanted);
	NOTAR_TRY(generate_evp(alg, rsa_bits_wanted, &pkey, err));
	NOTAR_TRY(encode_evp(pkey, &der, err));
	if (kind == KEY_RSA)
		NOTAR_TRY(pkcs1_parse(secret_borrow(&der), &numbers, err));
	else
		NOTAR_TRY(sec1_parse(secret_borrow(&der), &numbers, err));
	return key_of_private(&numbers, out, err);
}
