/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/evp.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

/* OSSL_PARAM wants integers in the machine's own byte order, ours are big-endian. */
static OSSL_PARAM
number_param(const char *name, struct span number, uint8_t **scratch)
{
	uint8_t *at = *scratch;

	*scratch += number.len;
	for (size_t i = 0; i < number.len; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		at[i] = number.ptr[number.len - 1 - i];
#else
		at[i] = number.ptr[i];
#endif
	}
	return OSSL_PARAM_construct_BN(name, at, number.len);
}

static OSSL_PARAM
text_param(const char *name, const char *text)
{
	/* OpenSSL takes both constant and writable text through one pointer; it only reads. */
	union {
		const char *constant;
		char *plain;
	} value = { .constant = text };
	return OSSL_PARAM_construct_utf8_string(name, value.plain, 0);
}

static OSSL_PARAM
bytes_param(const char *name, struct span bytes)
{
	union {
		const uint8_t *constant;
		void *plain;
	} value = { .constant = bytes.ptr };
	return OSSL_PARAM_construct_octet_string(name, value.plain, bytes.len);
}

static enum notar_code
from_params(const char *type, int selection, OSSL_PARAM *params, EVP_PKEY **out,
	    struct notar_error *err)
{
	ossl_start();
	EVP_PKEY *pkey = NULL;
	NOTAR_AUTO_PTR(evp_pkey_ctx, EVP_PKEY_CTX) *ctx =
		EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL lacks a key type");
	if (EVP_PKEY_fromdata(ctx, &pkey, selection, params) != 1 || pkey == NULL) {
		EVP_PKEY_free(pkey);
		return ossl_fail(err, NOTAR_E_KEY, "a key whose numbers make no valid key");
	}
	*out = pkey;
	return NOTAR_OK;
}

static enum notar_code
public_rsa(const struct public_numbers *numbers, EVP_PKEY **out, struct notar_error *err)
{
	uint8_t scratch[4096 / 8 + sizeof(uint64_t)];
	uint8_t *at = scratch;

	/* The same bounds that make the scratch space large enough. */
	NOTAR_TRY(rsa_check_public(numbers->n, numbers->e, err));
	OSSL_PARAM params[] = {
		number_param(OSSL_PKEY_PARAM_RSA_N, numbers->n, &at),
		number_param(OSSL_PKEY_PARAM_RSA_E, numbers->e, &at),
		OSSL_PARAM_construct_end(),
	};
	return from_params("RSA", EVP_PKEY_PUBLIC_KEY, params, out, err);
}

enum notar_code
evp_public(const struct public_numbers *numbers, EVP_PKEY **out, struct notar_error *err)
{
	if (numbers->alg->kind == KEY_RSA)
		return public_rsa(numbers, out, err);

	OSSL_PARAM params[] = {
		text_param(OSSL_PKEY_PARAM_GROUP_NAME, numbers->alg->group),
		bytes_param(OSSL_PKEY_PARAM_PUB_KEY, numbers->point),
		OSSL_PARAM_construct_end(),
	};
	enum notar_code code = from_params("EC", EVP_PKEY_PUBLIC_KEY, params, out, err);
	if (code == NOTAR_E_KEY)
		return notar_fail(err, code, "a public key that is no point of the curve %s",
				  numbers->alg->group);
	return code;
}

static enum notar_code
private_ec(const struct private_numbers *numbers, EVP_PKEY **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) scratch = { 0 };

	NOTAR_TRY(secret_alloc(numbers->scalar.len, &scratch, err));
	uint8_t *at = scratch.ptr;
	OSSL_PARAM params[] = {
		text_param(OSSL_PKEY_PARAM_GROUP_NAME, numbers->alg->group),
		number_param(OSSL_PKEY_PARAM_PRIV_KEY, numbers->scalar, &at),
		OSSL_PARAM_construct_end(),
	};
	return from_params("EC", EVP_PKEY_KEYPAIR, params, out, err);
}

static enum notar_code
private_rsa(const struct private_numbers *numbers, EVP_PKEY **out, struct notar_error *err)
{
	static const char *const names[RSA_NUMBERS] = {
		[RSA_N] = OSSL_PKEY_PARAM_RSA_N,
		[RSA_E] = OSSL_PKEY_PARAM_RSA_E,
		[RSA_D] = OSSL_PKEY_PARAM_RSA_D,
		[RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
		[RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
		[RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
		[RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
		[RSA_QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	NOTAR_AUTO_OF(secret) scratch = { 0 };
	OSSL_PARAM params[RSA_NUMBERS + 1];
	size_t room = 0;

	for (size_t i = 0; i < RSA_NUMBERS; i++)
		room += numbers->rsa[i].len; /* each at most the modulus's 512 bytes */
	NOTAR_TRY(secret_alloc(room, &scratch, err));
	uint8_t *at = scratch.ptr;
	for (size_t i = 0; i < RSA_NUMBERS; i++)
		params[i] = number_param(names[i], numbers->rsa[i], &at);
	params[RSA_NUMBERS] = OSSL_PARAM_construct_end();
	return from_params("RSA", EVP_PKEY_KEYPAIR, params, out, err);
}

enum notar_code
evp_private(const struct private_numbers *numbers, EVP_PKEY **out, struct notar_error *err)
{
	if (numbers->alg->kind == KEY_RSA)
		return private_rsa(numbers, out, err);
	return private_ec(numbers, out, err);
}

static BIGNUM *
secret_number(struct span bytes)
{
	BIGNUM *number = BN_secure_new();

	if (number != NULL && BN_bin2bn(bytes.ptr, (int)bytes.len, number) == NULL) {
		BN_clear_free(number);
		return NULL;
	}
	return number;
}

enum notar_code
evp_point_of_scalar(const struct alg *alg, struct span scalar, uint8_t out[ALG_POINT_MAX],
		    struct notar_error *err)
{
	ossl_start();
	NOTAR_AUTO_PTR(ec_group, EC_GROUP) *group = EC_GROUP_new_by_curve_name(alg->nid);
	NOTAR_AUTO_PTR(bn_ctx, BN_CTX) *bn = BN_CTX_secure_new();
	NOTAR_AUTO_PTR(bignum, BIGNUM) *d = secret_number(scalar);
	NOTAR_AUTO_PTR(ec_point, EC_POINT) *point = group == NULL ? NULL : EC_POINT_new(group);
	size_t want = 1 + 2 * alg->size;

	if (bn == NULL || d == NULL || point == NULL)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for an EC key");
	BN_set_flags(d, BN_FLG_CONSTTIME);
	if (BN_is_zero(d) || BN_cmp(d, EC_GROUP_get0_order(group)) >= 0)
		return notar_fail(err, NOTAR_E_KEY, "an EC private key outside its curve's order");
	if (EC_POINT_mul(group, point, d, NULL, NULL, bn) != 1 ||
	    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, want, bn) != want)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot multiply a point");
	return NOTAR_OK;
}

/* want == d mod (prime - 1); 1, 0, or -1 when OpenSSL failed. */
static int
exponent_fits(const BIGNUM *d, const BIGNUM *prime, const BIGNUM *want, BN_CTX *bn)
{
	NOTAR_AUTO_PTR(bignum, BIGNUM) *order = BN_secure_new();
	NOTAR_AUTO_PTR(bignum, BIGNUM) *rest = BN_secure_new();

	if (order == NULL || rest == NULL || BN_sub(order, prime, BN_value_one()) != 1)
		return -1;
	BN_set_flags(order, BN_FLG_CONSTTIME);
	if (BN_is_zero(order) || BN_mod(rest, d, order, bn) != 1)
		return BN_is_zero(order) ? 0 : -1;
	return BN_cmp(rest, want) == 0;
}

static int
factors_fit(BIGNUM *const number[RSA_NUMBERS], BN_CTX *bn)
{
	NOTAR_AUTO_PTR(bignum, BIGNUM) *product = BN_secure_new();

	if (product == NULL || BN_mul(product, number[RSA_P], number[RSA_Q], bn) != 1)
		return -1;
	if (BN_cmp(product, number[RSA_N]) != 0)
		return 0;
	int fits = exponent_fits(number[RSA_D], number[RSA_P], number[RSA_DP], bn);
	if (fits != 1)
		return fits;
	return exponent_fits(number[RSA_D], number[RSA_Q], number[RSA_DQ], bn);
}

enum notar_code
evp_check_factors(const struct private_numbers *numbers, struct notar_error *err)
{
	ossl_start();
	NOTAR_AUTO_PTR(bn_ctx, BN_CTX) *bn = BN_CTX_secure_new();
	BIGNUM *number[RSA_NUMBERS];
	int fits = bn == NULL ? -1 : 1;

	for (size_t i = 0; i < RSA_NUMBERS; i++) {
		number[i] = secret_number(numbers->rsa[i]);
		if (number[i] == NULL)
			fits = -1;
	}
	if (fits == 1)
		fits = factors_fit(number, bn);
	for (size_t i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(number[i]);
	if (fits < 0)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory for an RSA key");
	if (fits == 0)
		return notar_fail(err, NOTAR_E_KEY,
				  "an RSA private key whose numbers do not belong together");
	return NOTAR_OK;
}

bool
evp_set_scheme(EVP_PKEY_CTX *ctx, const struct alg *alg, const EVP_MD *md)
{
	if (alg->kind == KEY_RSA && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) <= 0)
		return false;
	return md != NULL && EVP_PKEY_CTX_set_signature_md(ctx, md) > 0;
}

bool
evp_pss_hash(unsigned rsa_bits, enum ossl_hash *out)
{
	switch (rsa_bits) {
	case 2048:
		*out = OSSL_SHA256;
		return true;
	case 3072:
		*out = OSSL_SHA384;
		return true;
	case 4096:
		*out = OSSL_SHA512;
		return true;
	}
	return false;
}

bool
evp_set_pss(EVP_PKEY_CTX *ctx, const EVP_MD *md, int salt)
{
	return md != NULL && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_signature_md(ctx, md) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt) > 0;
}

enum notar_code
evp_hash_of(const EVP_MD *md, struct span message, struct evp_hash *out, struct notar_error *err)
{
	if (md == NULL ||
	    EVP_Digest(message.ptr, message.len, out->bytes, &out->len, md, NULL) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot hash");
	return NOTAR_OK;
}
