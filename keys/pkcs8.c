/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/pkcs8.h"

#include "keys/der.h"
#include "keys/guarded.h"

static const uint8_t version_0[] = { DER_INTEGER, 1, 0 };
static const uint8_t version_1[] = { DER_INTEGER, 1, 1 };

/* [0] holds the curve; PKCS#8 names it outside already, and both must agree. */
static enum notar_code
take_curve(struct reader *r, struct private_numbers *numbers, struct notar_error *err)
{
	const struct alg *inner = NULL;

	if (der_next_is(r, DER_CONTEXT_0)) {
		struct span oid = der_take(r, DER_CONTEXT_0);
		if (!r->failed)
			NOTAR_TRY(alg_find_curve(oid, &inner, err));
	}
	if (r->failed)
		return NOTAR_OK; /* the reader's finish tells */
	if (numbers->alg == NULL)
		numbers->alg = inner;
	if (numbers->alg == NULL)
		return notar_fail(err, NOTAR_E_KEY, "EC private key does not name its curve");
	if (inner != NULL && inner != numbers->alg)
		return notar_fail(err, NOTAR_E_KEY, "EC private key names two curves");
	return NOTAR_OK;
}

static enum notar_code
parse_sec1(struct span der, struct private_numbers *numbers, struct notar_error *err)
{
	struct reader r = { .rest = der };
	struct reader key = der_enter(&r, DER_SEQUENCE);
	struct reader tagged = { 0 };

	if (der_take_number(&key, 1) != 1)
		key.failed = true;
	numbers->scalar = der_take(&key, DER_OCTET_STRING);
	NOTAR_TRY(take_curve(&key, numbers, err));
	if (der_next_is(&key, DER_CONTEXT_1)) {
		tagged = der_enter(&key, DER_CONTEXT_1);
		numbers->point = der_take_bits(&tagged);
	}
	NOTAR_TRY(der_finish(&tagged, "EC private key", err));
	NOTAR_TRY(der_finish(&key, "EC private key", err));
	NOTAR_TRY(der_finish(&r, "EC private key", err));
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a failed reader ended above */
	if (numbers->scalar.len != numbers->alg->size)
		return notar_fail(err, NOTAR_E_FORMAT, "%s private key of %zu bytes, not of %zu",
				  numbers->alg->name, numbers->scalar.len, numbers->alg->size);
	return NOTAR_OK;
}

enum notar_code
sec1_parse(struct span der, struct private_numbers *out, struct notar_error *err)
{
	struct private_numbers numbers = { 0 };

	NOTAR_TRY(parse_sec1(der, &numbers, err));
	*out = numbers;
	return NOTAR_OK;
}

enum notar_code
pkcs1_parse(struct span der, struct private_numbers *out, struct notar_error *err)
{
	struct private_numbers numbers = { .alg = alg_of_kind(KEY_RSA), .pkcs1 = der };
	struct reader r = { .rest = der };
	struct reader key = der_enter(&r, DER_SEQUENCE);

	/* Version 1 would be more than two primes, which nothing here signs with. */
	(void)der_take_number(&key, 0);
	for (size_t i = 0; i < RSA_NUMBERS; i++)
		numbers.rsa[i] = der_take_unsigned(&key);
	NOTAR_TRY(der_finish(&key, "RSA private key", err));
	NOTAR_TRY(der_finish(&r, "RSA private key", err));
	NOTAR_TRY(rsa_check_public(numbers.rsa[RSA_N], numbers.rsa[RSA_E], err));
	for (size_t i = RSA_D; i < RSA_NUMBERS; i++) {
		if (numbers.rsa[i].len > numbers.rsa[RSA_N].len)
			return notar_fail(err, NOTAR_E_KEY,
					  "RSA private key with a number larger than its modulus");
	}
	*out = numbers;
	return NOTAR_OK;
}

static enum notar_code
parse_seed(struct span der, struct private_numbers *numbers, struct notar_error *err)
{
	struct reader r = { .rest = der };

	numbers->scalar = der_take(&r, DER_OCTET_STRING);
	NOTAR_TRY(der_finish(&r, "Ed25519 private key", err));
	if (numbers->scalar.len != numbers->alg->size)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "Ed25519 private key of %zu bytes, not of 32",
				  numbers->scalar.len);
	return NOTAR_OK;
}

enum notar_code
pkcs8_parse(struct span der, struct private_numbers *out, struct notar_error *err)
{
	struct private_numbers numbers = { 0 };
	struct reader r = { .rest = der };
	struct reader info = der_enter(&r, DER_SEQUENCE);

	(void)der_take_number(&info, 0);
	struct span algorithm = der_take(&info, DER_SEQUENCE);
	struct span inner = der_take(&info, DER_OCTET_STRING);
	if (der_next_is(&info, DER_CONTEXT_0))
		(void)der_take(&info, DER_CONTEXT_0); /* attributes say nothing to us */
	NOTAR_TRY(der_finish(&info, "private key", err));
	NOTAR_TRY(der_finish(&r, "private key", err));
	NOTAR_TRY(alg_find(algorithm, &numbers.alg, err));
	if (numbers.alg->kind == KEY_RSA)
		NOTAR_TRY(pkcs1_parse(inner, &numbers, err));
	else if (numbers.alg->kind == KEY_ED25519)
		NOTAR_TRY(parse_seed(inner, &numbers, err));
	else
		NOTAR_TRY(parse_sec1(inner, &numbers, err));
	*out = numbers;
	return NOTAR_OK;
}

/* What the PrivateKeyInfo's OCTET STRING holds: its size, then its bytes. */
static size_t
sec1_contents(const struct private_numbers *numbers, struct span point)
{
	return sizeof(version_1) + der_size(numbers->scalar.len) +
	       der_size(der_size(1 + point.len));
}

static size_t
inner_size(const struct private_numbers *numbers, struct span point)
{
	if (numbers->alg->kind == KEY_RSA)
		return numbers->pkcs1.len;
	if (numbers->alg->kind == KEY_ED25519)
		return der_size(numbers->scalar.len);
	return der_size(sec1_contents(numbers, point));
}

static void
put_inner(struct buf *out, const struct private_numbers *numbers, struct span point)
{
	if (numbers->alg->kind == KEY_RSA) {
		buf_append_span(out, numbers->pkcs1);
		return;
	}
	if (numbers->alg->kind == KEY_ED25519) {
		der_put(out, DER_OCTET_STRING, numbers->scalar);
		return;
	}
	der_put_header(out, DER_SEQUENCE, sec1_contents(numbers, point));
	buf_append(out, version_1, sizeof(version_1));
	der_put(out, DER_OCTET_STRING, numbers->scalar);
	der_put_header(out, DER_CONTEXT_1, der_size(1 + point.len));
	der_put_header(out, DER_BIT_STRING, 1 + point.len);
	buf_append_byte(out, 0); /* no unused bits */
	buf_append_span(out, point);
}

enum notar_code
pkcs8_encode(const struct private_numbers *numbers, struct span point, struct secret *out,
	     struct notar_error *err)
{
	struct span algorithm = numbers->alg->algorithm;
	size_t inner = inner_size(numbers, point);
	size_t info = sizeof(version_0) + der_size(algorithm.len) + der_size(inner);
	NOTAR_AUTO_OF(guarded) der = { 0 };

	NOTAR_TRY(guarded_alloc(der_size(info), &der, err));
	der_put_header(&der.buf, DER_SEQUENCE, info);
	buf_append(&der.buf, version_0, sizeof(version_0));
	der_put(&der.buf, DER_SEQUENCE, algorithm);
	der_put_header(&der.buf, DER_OCTET_STRING, inner);
	put_inner(&der.buf, numbers, point);
	return guarded_copy(&der, "private key", out, err);
}
