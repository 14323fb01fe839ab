/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/extension.h"

#include "keys/der.h"

#define BOOLEAN ((enum der_tag)0x01)
#define UNIQUE_ID_1 ((enum der_tag)0x81)
#define UNIQUE_ID_2 ((enum der_tag)0x82)
#define CONTEXT_3 ((enum der_tag)0xa3)

/* DER writes a BOOLEAN with a default only where it is the other one: TRUE. */
static bool
take_true(struct reader *r)
{
	if (!der_next_is(r, BOOLEAN))
		return false;
	struct span value = der_take(r, BOOLEAN);

	if (value.len != 1 || value.ptr[0] != 0xff)
		r->failed = true;
	return true;
}

static enum notar_code
read_one(struct reader *r, struct extensions *out, struct notar_error *err)
{
	struct span before = r->rest;
	struct reader parts = der_enter(r, DER_SEQUENCE);
	struct extension one = { .oid = der_take(&parts, DER_OID) };

	one.is_critical = take_true(&parts);
	one.value = der_take(&parts, DER_OCTET_STRING);
	NOTAR_TRY(der_finish(&parts, "an extension of a certificate", err));
	one.whole = span_of(before.ptr, before.len - r->rest.len);
	if (out->count == EXTENSIONS_MAX)
		return notar_fail(err, NOTAR_E_LIMIT, "over %d extensions in a certificate",
				  EXTENSIONS_MAX);
	if (extensions_find(out, one.oid) != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "an extension twice in a certificate");
	out->at[out->count++] = one;
	return NOTAR_OK;
}

/* cert_parse has read as far as the key; what follows it is all optional. */
static enum notar_code
find_all(const struct cert *cert, struct extensions *out, struct notar_error *err)
{
	struct reader r = { .rest = buf_span(&cert->der) };
	struct reader outer = der_enter(&r, DER_SEQUENCE);
	struct span tbs = der_take(&outer, DER_SEQUENCE);
	struct reader rest = { .failed = outer.failed };

	if (!rest.failed)
		rest.rest = span_from(tbs, (size_t)(cert->spki.ptr + cert->spki.len - tbs.ptr));
	if (der_next_is(&rest, UNIQUE_ID_1))
		(void)der_take(&rest, UNIQUE_ID_1);
	if (der_next_is(&rest, UNIQUE_ID_2))
		(void)der_take(&rest, UNIQUE_ID_2);
	out->before = span_of(tbs.ptr, tbs.len - rest.rest.len);
	if (rest.rest.len == 0 && !rest.failed)
		return NOTAR_OK;
	struct reader tagged = der_enter(&rest, CONTEXT_3);

	out->all = der_take(&tagged, DER_SEQUENCE);
	NOTAR_TRY(der_finish(&tagged, "extensions of a certificate", err));
	return der_finish(&rest, "a certificate", err);
}

enum notar_code
extensions_read(const struct cert *cert, struct extensions *out, struct notar_error *err)
{
	*out = (struct extensions){ 0 };
	NOTAR_TRY(find_all(cert, out, err));
	struct reader r = { .rest = out->all };

	if (r.rest.len > 0 && X509_get_version(cert->x509) != X509_VERSION_3)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "extensions in a certificate that is not of version 3");
	while (r.rest.len > 0)
		NOTAR_TRY(read_one(&r, out, err));
	return NOTAR_OK;
}

const struct extension *
extensions_find(const struct extensions *all, struct span oid)
{
	for (size_t i = 0; i < all->count; i++)
		if (span_equal(all->at[i].oid, oid))
			return &all->at[i];
	return NULL;
}

static enum notar_code
read_constraints(struct span value, struct extension_usage *out, struct notar_error *err)
{
	struct reader r = { .rest = value };
	struct reader parts = der_enter(&r, DER_SEQUENCE);

	out->is_ca = take_true(&parts);
	if (der_next_is(&parts, DER_INTEGER))
		out->most_below = der_take_number(&parts, UINT64_MAX);
	NOTAR_TRY(der_finish(&parts, "basicConstraints", err));
	return der_finish(&r, "basicConstraints", err);
}

/* Bits are counted from the first byte's highest one. */
static enum notar_code
read_usage(struct span value, struct extension_usage *out, struct notar_error *err)
{
	struct reader r = { .rest = value };
	struct span bits = der_take(&r, DER_BIT_STRING);

	NOTAR_TRY(der_finish(&r, "keyUsage", err));
	if (bits.len < 2 || bits.len > 3 || bits.ptr[0] > 7)
		return notar_fail(err, NOTAR_E_FORMAT, "keyUsage: no bits, or too many");
	out->has_usage = true;
	out->is_signer = (bits.ptr[1] & 0x80) != 0;
	out->is_issuer = (bits.ptr[1] & 0x04) != 0;
	return NOTAR_OK;
}

static enum notar_code
read_purposes(struct span value, struct extension_usage *out, struct notar_error *err)
{
	static const uint8_t code_signing[] = { 0x2b, 6, 1, 5, 5, 7, 3, 3 };
	static const uint8_t any[] = { 0x55, 0x1d, 0x25, 0 };
	struct reader r = { .rest = value };
	struct reader list = der_enter(&r, DER_SEQUENCE);

	NOTAR_TRY(der_finish(&r, "extendedKeyUsage", err));
	while (list.rest.len > 0 && !list.failed) {
		struct span oid = der_take(&list, DER_OID);

		if (span_equal(oid, span_of(code_signing, sizeof(code_signing))))
			out->is_code_signer = true;
		if (span_equal(oid, span_of(any, sizeof(any))))
			out->is_any_purpose = true;
	}
	out->has_purposes = true;
	return der_finish(&list, "extendedKeyUsage", err);
}

enum notar_code
extension_usage_read(const struct extensions *all, struct extension_usage *out,
		     struct notar_error *err)
{
	/* 2.5.29.N */
	static const struct {
		uint8_t oid[3];
		enum notar_code (*read)(struct span, struct extension_usage *,
					struct notar_error *);
	} known[] = {
		{ { 0x55, 0x1d, 15 }, read_usage },
		{ { 0x55, 0x1d, 17 }, NULL }, /* fulcio_identity_read's */
		{ { 0x55, 0x1d, 19 }, read_constraints },
		{ { 0x55, 0x1d, 37 }, read_purposes },
	};
	size_t critical = 0;

	*out = (struct extension_usage){ .most_below = UINT64_MAX };
	for (size_t i = 0; i < all->count; i++)
		critical += all->at[i].is_critical;
	for (size_t i = 0; i < NOTAR_COUNT(known); i++) {
		const struct extension *found =
			extensions_find(all, span_of(known[i].oid, sizeof(known[i].oid)));

		if (found == NULL)
			continue;
		critical -= found->is_critical;
		if (known[i].read != NULL)
			NOTAR_TRY(known[i].read(found->value, out, err));
	}
	if (critical > 0)
		return notar_fail(err, NOTAR_E_FORMAT, "a critical extension that is not known");
	return NOTAR_OK;
}
