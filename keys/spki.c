/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/spki.h"

#include <inttypes.h>

#include "keys/der.h"

#define RSA_BITS_MIN 2048U
#define RSA_BITS_MAX 4096U
#define RSA_EXPONENT_MIN 65537U
#define POINT_UNCOMPRESSED 0x04

size_t
rsa_bits(struct span n)
{
	size_t bits = n.len * 8;
	if (n.len == 0)
		return 0;
	for (unsigned mask = 0x80; mask != 0 && (n.ptr[0] & mask) == 0; mask >>= 1)
		bits--;
	return bits;
}

enum notar_code
rsa_check_public(struct span n, struct span e, struct notar_error *err)
{
	size_t bits = rsa_bits(n);
	struct reader r = { .rest = e };

	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
		return notar_fail(err, NOTAR_E_KEY,
				  "an RSA key of %zu bits: 2048 to 4096 are supported", bits);
	if (e.len == 0 || e.len > 8)
		return notar_fail(err, NOTAR_E_KEY, "an RSA exponent of more than 64 bits");
	uint64_t exponent = reader_be(&r, e.len);
	if (exponent < RSA_EXPONENT_MIN || exponent % 2 == 0)
		return notar_fail(err, NOTAR_E_KEY,
				  "an RSA exponent of %" PRIu64 ": odd and at least 65537 it "
				  "must be",
				  exponent);
	if (n.ptr[n.len - 1] % 2 == 0)
		return notar_fail(err, NOTAR_E_KEY, "an even RSA modulus");
	return NOTAR_OK;
}

static enum notar_code
parse_rsa(struct span bits, struct public_numbers *out, struct notar_error *err)
{
	struct reader r = { .rest = bits };
	struct reader key = der_enter(&r, DER_SEQUENCE);

	out->n = der_take_unsigned(&key);
	out->e = der_take_unsigned(&key);
	NOTAR_TRY(der_finish(&key, "RSA public key", err));
	NOTAR_TRY(der_finish(&r, "RSA public key", err));
	return rsa_check_public(out->n, out->e, err);
}

static enum notar_code
parse_point(struct span bits, struct public_numbers *out, struct notar_error *err)
{
	bool is_ec = out->alg->group != NULL;
	size_t want = is_ec ? 1 + 2 * out->alg->size : out->alg->size;

	if (is_ec && bits.len == 1 + out->alg->size && (bits.ptr[0] | 1) == 0x03)
		return notar_fail(err, NOTAR_E_KEY,
				  "an EC key with a compressed point: write it uncompressed");
	if (bits.len != want)
		return notar_fail(err, NOTAR_E_FORMAT, "%s public key of %zu bytes, not of %zu",
				  out->alg->name, bits.len, want);
	if (is_ec && bits.ptr[0] != POINT_UNCOMPRESSED)
		return notar_fail(err, NOTAR_E_FORMAT, "malformed EC point");
	out->point = bits;
	return NOTAR_OK;
}

enum notar_code
spki_parse(struct span der, struct public_numbers *out, struct notar_error *err)
{
	struct public_numbers numbers = { 0 };
	struct reader r = { .rest = der };
	struct reader info = der_enter(&r, DER_SEQUENCE);
	struct span algorithm = der_take(&info, DER_SEQUENCE);
	struct span bits = der_take_bits(&info);

	NOTAR_TRY(der_finish(&info, "public key", err));
	NOTAR_TRY(der_finish(&r, "public key", err));
	NOTAR_TRY(alg_find(algorithm, &numbers.alg, err));
	if (numbers.alg->kind == KEY_RSA)
		NOTAR_TRY(parse_rsa(bits, &numbers, err));
	else
		NOTAR_TRY(parse_point(bits, &numbers, err));
	*out = numbers;
	return NOTAR_OK;
}

static void
append_rsa(struct buf *out, struct span n, struct span e)
{
	size_t key = der_unsigned_size(n) + der_unsigned_size(e);

	der_put_header(out, DER_BIT_STRING, 1 + der_size(key));
	buf_append_byte(out, 0); /* no unused bits */
	der_put_header(out, DER_SEQUENCE, key);
	der_put_unsigned(out, n);
	der_put_unsigned(out, e);
}

static size_t
bits_size(const struct public_numbers *numbers)
{
	if (numbers->alg->kind != KEY_RSA)
		return der_size(1 + numbers->point.len);
	return der_size(1 +
			der_size(der_unsigned_size(numbers->n) + der_unsigned_size(numbers->e)));
}

void
spki_append(struct buf *out, const struct public_numbers *numbers)
{
	struct span algorithm = numbers->alg->algorithm;

	der_put_header(out, DER_SEQUENCE, der_size(algorithm.len) + bits_size(numbers));
	der_put(out, DER_SEQUENCE, algorithm);
	if (numbers->alg->kind == KEY_RSA) {
		append_rsa(out, numbers->n, numbers->e);
		return;
	}
	der_put_header(out, DER_BIT_STRING, 1 + numbers->point.len);
	buf_append_byte(out, 0);
	buf_append_span(out, numbers->point);
}
