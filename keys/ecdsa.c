/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/ecdsa.h"

#include "keys/der.h"

static struct span
without_zeros(struct span number)
{
	while (number.len > 0 && number.ptr[0] == 0)
		number = span_from(number, 1);
	return number;
}

static bool
is_usable(struct span number, size_t size)
{
	return number.len <= size && without_zeros(number).len > 0;
}

static void
pad(uint8_t *out, size_t size, struct span number)
{
	memset(out, 0, size - number.len);
	memcpy(out + size - number.len, number.ptr, number.len);
}

enum notar_code
ecdsa_raw_from_der(struct span der, size_t size, uint8_t raw[ECDSA_RAW_MAX],
		   struct notar_error *err)
{
	struct reader r = { .rest = der };
	struct reader pair = der_enter(&r, DER_SEQUENCE);
	struct span a = der_take_unsigned(&pair);
	struct span b = der_take_unsigned(&pair);

	if (der_finish(&pair, "signature", NULL) != NOTAR_OK ||
	    der_finish(&r, "signature", NULL) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "an ECDSA signature that is not minimal DER");
	if (!is_usable(a, size) || !is_usable(b, size))
		return notar_fail(err, NOTAR_E_SIGNATURE, "an ECDSA signature out of range");
	pad(raw, size, a);
	pad(raw + size, size, b);
	return NOTAR_OK;
}

enum notar_code
ecdsa_der_from_raw(struct span raw, size_t size, struct buf *der, struct notar_error *err)
{
	if (raw.len != 2 * size)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "an ECDSA signature of %zu bytes, not of %zu", raw.len, 2 * size);
	struct span a = without_zeros(span_of(raw.ptr, size));
	struct span b = without_zeros(span_of(raw.ptr + size, size));
	if (a.len == 0 || b.len == 0)
		return notar_fail(err, NOTAR_E_SIGNATURE, "an ECDSA signature out of range");
	der_put_header(der, DER_SEQUENCE, der_unsigned_size(a) + der_unsigned_size(b));
	der_put_unsigned(der, a);
	der_put_unsigned(der, b);
	return buf_finish(der, "signature", err);
}
