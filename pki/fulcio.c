/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/fulcio.h"

#include "base/utf8.h"
#include "keys/der.h"
#include "pki/extension.h"

#define UTF8_STRING ((enum der_tag)0x0c)
/* GeneralName (RFC 5280 section 4.2.1.6) */
#define OTHER_NAME ((enum der_tag)0xa0)
#define RFC822_NAME ((enum der_tag)0x81)
#define URI ((enum der_tag)0x86)

#define ISSUER_V1 1
#define RAW_LAST 6  /* up to here a value is its text, without any DER */
#define USERNAME 7  /* a kind of name, and no extension */
#define ISSUER_V2 8 /* from here on a value is a UTF8String */

/* 1.3.6.1.4.1.57264.1 */
#define ARC 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01
static const uint8_t arc[] = { ARC };

/* fulcio:docs/oid-info.md. Policies name both issuers as "issuer": they have to agree. */
static const char *const names[FULCIO_EXTENSIONS] = {
	[ISSUER_V1] = "issuer",
	[2] = "githubWorkflowTrigger",
	[3] = "githubWorkflowSHA",
	[4] = "githubWorkflowName",
	[5] = "githubWorkflowRepository",
	[6] = "githubWorkflowRef",
	[ISSUER_V2] = "issuer",
	[9] = "buildSignerURI",
	[10] = "buildSignerDigest",
	[11] = "runnerEnvironment",
	[12] = "sourceRepositoryURI",
	[13] = "sourceRepositoryDigest",
	[14] = "sourceRepositoryRef",
	[15] = "sourceRepositoryIdentifier",
	[16] = "sourceRepositoryOwnerURI",
	[17] = "sourceRepositoryOwnerIdentifier",
	[18] = "buildConfigURI",
	[19] = "buildConfigDigest",
	[20] = "buildTrigger",
	[21] = "runInvocationURI",
	[22] = "sourceRepositoryVisibilityAtSigning",
	[23] = "deploymentEnvironment",
	[24] = "tokenSubject",
};

const char *
fulcio_extension_name(size_t n)
{
	return n < FULCIO_EXTENSIONS ? names[n] : NULL;
}

/* From the end, so that "issuer" is the one that is not deprecated. */
size_t
fulcio_extension_of(struct span name)
{
	for (size_t n = FULCIO_EXTENSIONS - 1; n > 0; n--)
		if (names[n] != NULL && span_is(name, names[n]))
			return n;
	return 0;
}

static bool
is_text(struct span text)
{
	uint32_t code = 0;

	while (text.len > 0) {
		size_t len = utf8_next(text, &code);

		if (len == 0 || code == 0)
			return false;
		text = span_from(text, len);
	}
	return true;
}

/* An IA5String. */
static bool
is_ascii(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == 0 || text.ptr[i] >= 0x80)
			return false;
	return true;
}

static enum notar_code
read_text(size_t n, struct span value, struct span *out, struct notar_error *err)
{
	struct span text = value;

	if (n > RAW_LAST) {
		struct reader r = { .rest = value };

		text = der_take(&r, UTF8_STRING);
		if (der_finish(&r, "no UTF8String", err) != NOTAR_OK)
			return notar_context(err, "%s", names[n]);
	}
	if (!is_text(text))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not UTF-8, or with a NUL", names[n]);
	*out = text;
	return NOTAR_OK;
}

/* N of 1.3.6.1.4.1.57264.1.N; 0 for all that is not known. */
static size_t
number_of(struct span oid)
{
	if (oid.len != sizeof(arc) + 1 || memcmp(oid.ptr, arc, sizeof(arc)) != 0)
		return 0;
	size_t n = oid.ptr[sizeof(arc)];

	return fulcio_extension_name(n) != NULL ? n : 0;
}

static enum notar_code
read_texts(const struct extensions *all, struct fulcio_identity *out, struct notar_error *err)
{
	for (size_t i = 0; i < all->count; i++) {
		size_t n = number_of(all->at[i].oid);

		if (n != 0)
			NOTAR_TRY(read_text(n, all->at[i].value, &out->extensions[n], err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_issuer(struct fulcio_identity *out, struct notar_error *err)
{
	struct span old = out->extensions[ISSUER_V1], new = out->extensions[ISSUER_V2];

	if (old.ptr != NULL && new.ptr != NULL && !span_equal(old, new))
		return notar_fail(err, NOTAR_E_FORMAT, "its two issuers (1 and 8) differ");
	out->issuer = new.ptr != NULL ? new : old;
	if (out->issuer.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "no issuer (1 or 8)");
	return NOTAR_OK;
}

/* OtherName: a type and, in [0], a UTF8String. */
static enum notar_code
read_username(struct reader *r, struct span *out, struct notar_error *err)
{
	static const uint8_t username[] = { ARC, USERNAME };
	struct reader parts = der_enter(r, OTHER_NAME);
	struct span type = der_take(&parts, DER_OID);
	struct reader value = der_enter(&parts, DER_CONTEXT_0);

	*out = der_take(&value, UTF8_STRING);
	NOTAR_TRY(der_finish(&value, "otherName", err));
	NOTAR_TRY(der_finish(&parts, "otherName", err));
	if (!span_equal(type, span_of(username, sizeof(username))))
		return notar_fail(err, NOTAR_E_FORMAT, "an otherName that is no user name");
	return NOTAR_OK;
}

static enum notar_code
read_general_name(struct reader *r, struct fulcio_identity *out, struct notar_error *err)
{
	bool is_good;

	if (der_next_is(r, OTHER_NAME)) {
		out->kind = FULCIO_SAN_USERNAME;
		NOTAR_TRY(read_username(r, &out->san, err));
		is_good = is_text(out->san);
	} else {
		bool is_uri = der_next_is(r, URI);

		out->kind = is_uri ? FULCIO_SAN_URI : FULCIO_SAN_EMAIL;
		out->san = der_take(r, is_uri ? URI : RFC822_NAME);
		is_good = is_ascii(out->san);
	}
	NOTAR_TRY(der_finish(r, "not exactly one URI, address or user name", err));
	if (!is_good || out->san.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "empty, with a NUL, or no text");
	return NOTAR_OK;
}

/* Critical, as there is no subject beside it: so that nobody is tempted to read another name. */
static enum notar_code
read_san(const struct extensions *all, struct fulcio_identity *out, struct notar_error *err)
{
	static const uint8_t oid[] = { 0x55, 0x1d, 17 };
	const struct extension *found = extensions_find(all, span_of(oid, sizeof(oid)));

	if (found == NULL || !found->is_critical)
		return notar_fail(err, NOTAR_E_FORMAT, "no critical subjectAltName");
	struct reader r = { .rest = found->value };
	struct reader list = der_enter(&r, DER_SEQUENCE);

	NOTAR_TRY(der_finish(&r, "subjectAltName", err));
	if (read_general_name(&list, out, err) != NOTAR_OK)
		return notar_context(err, "subjectAltName");
	return NOTAR_OK;
}

enum notar_code
fulcio_identity_read(const struct cert *leaf, struct fulcio_identity *out, struct notar_error *err)
{
	struct fulcio_identity made = { 0 };
	struct extensions all;

	NOTAR_TRY(extensions_read(leaf, &all, err));
	NOTAR_TRY(read_san(&all, &made, err));
	NOTAR_TRY(read_texts(&all, &made, err));
	NOTAR_TRY(read_issuer(&made, err));
	*out = made;
	return NOTAR_OK;
}
