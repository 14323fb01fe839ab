/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key_internal.h"

#include <sodium.h>

/* The public half of a private one; point holds what numbers borrows. */
static enum notar_code
public_half(const struct private_numbers *private, uint8_t point[ALG_POINT_MAX],
	    struct public_numbers *out, struct notar_error *err)
{
	const struct alg *alg = private->alg;
	*out = (struct public_numbers){ .alg = alg };

	if (alg->kind == KEY_RSA) {
		NOTAR_TRY(evp_check_factors(private, err));
		out->n = private->rsa[RSA_N];
		out->e = private->rsa[RSA_E];
		return NOTAR_OK;
	}
	if (alg->kind == KEY_ED25519) {
		uint8_t expanded[crypto_sign_SECRETKEYBYTES];
		(void)crypto_sign_seed_keypair(point, expanded, private->scalar.ptr);
		sodium_memzero(expanded, sizeof(expanded));
		out->point = span_of(point, alg->size);
		return NOTAR_OK;
	}
	NOTAR_TRY(evp_point_of_scalar(alg, private->scalar, point, err));
	out->point = span_of(point, 1 + 2 * alg->size);
	return NOTAR_OK;
}

static enum notar_code
mismatch(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_KEY, "the key's private and public halves do not match");
}

/* One signature, which key_sign checks, proves what no comparison of numbers did (RSA's d). */
static enum notar_code
prove(const struct key *key, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) sig = { 0 };
	enum notar_code code = key_sign(key, span_str("notar"), SIG_DER, &sig, err);

	return code == NOTAR_OK || code == NOTAR_E_NOMEM ? code : mismatch(err);
}

enum notar_code
key_of_private(const struct private_numbers *numbers, struct key **out, struct notar_error *err)
{
	NOTAR_AUTO(key) *key = NULL;
	struct public_numbers public;
	uint8_t point[ALG_POINT_MAX];

	NOTAR_TRY(public_half(numbers, point, &public, err));
	if (numbers->point.len > 0 && !span_equal(numbers->point, public.point))
		return mismatch(err);
	NOTAR_TRY(key_of_public(&public, &key, err));
	NOTAR_TRY(pkcs8_encode(numbers, public.point, &key->pkcs8, err));
	NOTAR_TRY(prove(key, err));
	*out = NOTAR_TAKE(key);
	return NOTAR_OK;
}

enum notar_code
key_load_pkcs8(const struct secret *der, struct key **out, struct notar_error *err)
{
	struct private_numbers numbers;

	NOTAR_TRY(pkcs8_parse(secret_borrow(der), &numbers, err));
	return key_of_private(&numbers, out, err);
}
