/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/timestamp_internal.h"

NOTAR_AUTO_FOREIGN(ts_req, TS_REQ, TS_REQ_free)
NOTAR_AUTO_FOREIGN(ts_status, TS_STATUS_INFO, TS_STATUS_INFO_free)
NOTAR_AUTO_FOREIGN(ts_imprint, TS_MSG_IMPRINT, TS_MSG_IMPRINT_free)
NOTAR_AUTO_FOREIGN(x509_algor, X509_ALGOR, X509_ALGOR_free)
NOTAR_AUTO_FOREIGN(asn1_integer, ASN1_INTEGER, ASN1_INTEGER_free)

static bool
fill_imprint(TS_REQ *req, const struct notar_digest *imprint)
{
	NOTAR_AUTO_PTR(ts_imprint, TS_MSG_IMPRINT) *part = TS_MSG_IMPRINT_new();
	NOTAR_AUTO_PTR(x509_algor, X509_ALGOR) *algorithm = X509_ALGOR_new();
	int nid = imprint->alg == NOTAR_SHA512 ? NID_sha512 : NID_sha256;
	uint8_t bytes[sizeof(imprint->bytes)];
	size_t len = notar_digest_len(imprint->alg);

	memcpy(bytes, imprint->bytes, len);
	return part != NULL && algorithm != NULL &&
	       X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) == 1 &&
	       TS_MSG_IMPRINT_set_algo(part, algorithm) == 1 &&
	       TS_MSG_IMPRINT_set_msg(part, bytes, (int)len) == 1 &&
	       TS_REQ_set_msg_imprint(req, part) == 1;
}

static bool
fill_nonce(TS_REQ *req, const uint8_t nonce[TIMESTAMP_NONCE_BYTES])
{
	NOTAR_AUTO_PTR(bignum, BIGNUM) *number = BN_bin2bn(nonce, TIMESTAMP_NONCE_BYTES, NULL);
	NOTAR_AUTO_PTR(asn1_integer, ASN1_INTEGER) *integer =
		number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);

	return integer != NULL && TS_REQ_set_nonce(req, integer) == 1;
}

enum notar_code
timestamp_request(const struct notar_digest *imprint, const uint8_t nonce[TIMESTAMP_NONCE_BYTES],
		  struct buf *out, struct notar_error *err)
{
	ossl_start();
	NOTAR_AUTO_PTR(ts_req, TS_REQ) *req = TS_REQ_new();
	uint8_t *der = NULL;

	if (imprint->alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_INTERNAL, "a timestamp over no digest");
	if (req == NULL || TS_REQ_set_version(req, 1) != 1 || !fill_imprint(req, imprint) ||
	    !fill_nonce(req, nonce) || TS_REQ_set_cert_req(req, 1) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot make a timestamp request");
	int len = i2d_TS_REQ(req, &der);

	if (len <= 0)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot write a timestamp request");
	buf_append(out, der, (size_t)len);
	OPENSSL_free(der);
	return buf_finish(out, "timestamp request", err);
}

/* What the authority says, for a message: its own words as far as they are plain, and the bits. */
#define SAID_CHARS 120

static void
append_words(const TS_STATUS_INFO *info, struct buf *out)
{
	const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(info);

	if (texts == NULL || sk_ASN1_UTF8STRING_num(texts) <= 0)
		return;
	struct span text = timestamp_string(sk_ASN1_UTF8STRING_value(texts, 0));

	buf_append_str(out, ": \"");
	for (size_t i = 0; i < text.len && i < SAID_CHARS; i++) {
		uint8_t c = text.ptr[i];

		buf_append_byte(out, c >= ' ' && c <= '~' && c != '"' ? c : '?');
	}
	buf_append_str(out, "\"");
}

/* PKIFailureInfo (RFC 3161 section 2.4.2). */
static void
append_failures(const TS_STATUS_INFO *info, struct buf *out)
{
	static const struct {
		int bit;
		const char *name;
	} failures[] = {
		{ TS_INFO_BAD_ALG, "badAlg" },
		{ TS_INFO_BAD_REQUEST, "badRequest" },
		{ TS_INFO_BAD_DATA_FORMAT, "badDataFormat" },
		{ TS_INFO_TIME_NOT_AVAILABLE, "timeNotAvailable" },
		{ TS_INFO_UNACCEPTED_POLICY, "unacceptedPolicy" },
		{ TS_INFO_UNACCEPTED_EXTENSION, "unacceptedExtension" },
		{ TS_INFO_ADD_INFO_NOT_AVAILABLE, "addInfoNotAvailable" },
		{ TS_INFO_SYSTEM_FAILURE, "systemFailure" },
	};
	const ASN1_BIT_STRING *bits = TS_STATUS_INFO_get0_failure_info(info);

	for (size_t i = 0; bits != NULL && i < NOTAR_COUNT(failures); i++)
		if (ASN1_BIT_STRING_get_bit(bits, failures[i].bit))
			buf_printf(out, ", %s", failures[i].name);
}

static enum notar_code
check_status(const TS_STATUS_INFO *info, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) said = { 0 };
	int64_t number = -1;

	if (ASN1_INTEGER_get_int64(&number, TS_STATUS_INFO_get0_status(info)) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer without a status");
	if (number == TS_STATUS_GRANTED || number == TS_STATUS_GRANTED_WITH_MODS)
		return NOTAR_OK;
	append_failures(info, &said);
	append_words(info, &said);
	const char *text = buf_cstr(&said);

	return notar_fail(err, NOTAR_E_NET, "refused, with status %lld%s", (long long)number,
			  text == NULL ? "" : text);
}

static bool
has_nonce(const TS_TST_INFO *info, const uint8_t nonce[TIMESTAMP_NONCE_BYTES])
{
	const ASN1_INTEGER *found = TS_TST_INFO_get_nonce(info);
	NOTAR_AUTO_PTR(bignum, BIGNUM) *number =
		found == NULL ? NULL : ASN1_INTEGER_to_BN(found, NULL);
	uint8_t bytes[TIMESTAMP_NONCE_BYTES];

	return number != NULL && !BN_is_negative(number) &&
	       BN_bn2binpad(number, bytes, sizeof(bytes)) == (int)sizeof(bytes) &&
	       memcmp(bytes, nonce, sizeof(bytes)) == 0;
}

static bool
has_imprint(TS_TST_INFO *info, const struct notar_digest *imprint)
{
	enum ossl_hash hash, want = imprint->alg == NOTAR_SHA512 ? OSSL_SHA512 : OSSL_SHA256;
	struct span bytes;

	return timestamp_imprint(info, &hash, &bytes) && hash == want &&
	       span_equal(bytes, span_of(imprint->bytes, notar_digest_len(imprint->alg)));
}

/* The header of the outer SEQUENCE, whose length may be left open (BER). */
static bool
enter_reply(struct span reply, struct span *parts, bool *is_open)
{
	const uint8_t *at = reply.ptr;
	long len = 0;
	int tag = 0, class = 0;
	int form =
		reply.len == 0 ? 0x80 : ASN1_get_object(&at, &len, &tag, &class, (long)reply.len);

	if ((form & 0x80) != 0 || (form & V_ASN1_CONSTRUCTED) == 0 || tag != V_ASN1_SEQUENCE ||
	    class != V_ASN1_UNIVERSAL)
		return false;
	*is_open = (form & 1) != 0;
	*parts = span_from(reply, (size_t)(at - reply.ptr));
	return *is_open || parts->len == (size_t)len;
}

/* What has to follow the token: nothing, or the end of contents of an open length. */
static bool
is_end(struct span rest, bool is_open)
{
	return is_open ? rest.len == 2 && rest.ptr[0] == 0 && rest.ptr[1] == 0 : rest.len == 0;
}

static enum notar_code
check_token(CMS_ContentInfo *cms, const struct notar_digest *imprint,
	    const uint8_t nonce[TIMESTAMP_NONCE_BYTES], struct notar_error *err)
{
	NOTAR_AUTO_PTR(tst_info, TS_TST_INFO) *info = NULL;

	NOTAR_TRY(timestamp_info(timestamp_content(cms), &info, err));
	if (!has_nonce(info, nonce))
		return ossl_fail(err, NOTAR_E_FORMAT, "the answer is to another nonce");
	if (!has_imprint(info, imprint))
		return ossl_fail(err, NOTAR_E_DIGEST, "the answer is about other bytes");
	return NOTAR_OK;
}

/* Not by d2i_TS_RESP: its PKCS #7 cannot read signers named by their key's identifier. */
enum notar_code
timestamp_unwrap(struct span reply, CMS_ContentInfo **out, struct span *token,
		 struct notar_error *err)
{
	NOTAR_AUTO_PTR(ts_status, TS_STATUS_INFO) *status = NULL;
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms = NULL;
	struct span parts = { 0 };
	bool is_open = false;
	size_t used = 0;

	ossl_start();
	if (reply.len > LIMIT_TIMESTAMP_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "an answer of over %u bytes",
				  LIMIT_TIMESTAMP_BYTES);
	if (!enter_reply(reply, &parts, &is_open) || parts.len == 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer that is no TimeStampResp");
	const uint8_t *at = parts.ptr;

	status = d2i_TS_STATUS_INFO(NULL, &at, (long)parts.len);
	if (status == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer that is no TimeStampResp");
	NOTAR_TRY(check_status(status, err));
	parts = span_from(parts, (size_t)(at - parts.ptr));
	if (is_end(parts, is_open))
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer without a token");
	NOTAR_TRY(timestamp_open(parts, &cms, &used, err));
	if (!is_end(span_from(parts, used), is_open))
		return ossl_fail(err, NOTAR_E_FORMAT, "bytes behind the token");
	*token = span_of(parts.ptr, used);
	*out = NOTAR_TAKE(cms);
	return NOTAR_OK;
}

enum notar_code
timestamp_reply(struct span reply, const struct notar_digest *imprint,
		const uint8_t nonce[TIMESTAMP_NONCE_BYTES], struct span *token,
		struct notar_error *err)
{
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms = NULL;
	struct span inside = { 0 };

	NOTAR_TRY(timestamp_unwrap(reply, &cms, &inside, err));
	NOTAR_TRY(check_token(cms, imprint, nonce, err));
	ossl_forget_errors();
	*token = inside;
	return NOTAR_OK;
}
