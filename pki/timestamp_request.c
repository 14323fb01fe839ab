/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ts.h>

#include "pki/asn1.h"
#include "pki/timestamp.h"

NOTAR_AUTO_FOREIGN(ts_req, TS_REQ, TS_REQ_free)
NOTAR_AUTO_FOREIGN(ts_resp, TS_RESP, TS_RESP_free)
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

static enum notar_code
check_status(TS_RESP *resp, struct notar_error *err)
{
	TS_STATUS_INFO *info = TS_RESP_get_status_info(resp);
	const ASN1_INTEGER *status = info == NULL ? NULL : TS_STATUS_INFO_get0_status(info);
	int64_t number = -1;

	if (status == NULL || ASN1_INTEGER_get_int64(&number, status) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer without a status");
	if (number != TS_STATUS_GRANTED && number != TS_STATUS_GRANTED_WITH_MODS)
		return notar_fail(err, NOTAR_E_NET, "refused, with status %lld", (long long)number);
	return NOTAR_OK;
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
	TS_MSG_IMPRINT *part = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OCTET_STRING *bytes = part == NULL ? NULL : TS_MSG_IMPRINT_get_msg(part);
	const X509_ALGOR *algorithm = part == NULL ? NULL : TS_MSG_IMPRINT_get_algo(part);
	const ASN1_OBJECT *oid = NULL;

	if (bytes == NULL || algorithm == NULL)
		return false;
	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return OBJ_obj2nid(oid) == (imprint->alg == NOTAR_SHA512 ? NID_sha512 : NID_sha256) &&
	       span_equal(span_of(ASN1_STRING_get0_data(bytes), (size_t)ASN1_STRING_length(bytes)),
			  span_of(imprint->bytes, notar_digest_len(imprint->alg)));
}

/* The contents of a value with a definite length, and what follows it. */
static bool
take_value(struct span *rest, struct span *contents)
{
	const uint8_t *at = rest->ptr;
	long len;
	int tag, class;
	int form = ASN1_get_object(&at, &len, &tag, &class, (long)rest->len);

	if (form & 0x81) /* an error, or an indefinite length */
		return false;
	*contents = span_of(at, (size_t)len);
	*rest = span_from(*rest, (size_t)(at - rest->ptr) + (size_t)len);
	return true;
}

/* The second part of the reply as it stands there. */
static bool
find_token(struct span reply, struct span *token)
{
	struct span parts, status;

	if (reply.len > LONG_MAX || !take_value(&reply, &parts) || reply.len > 0 ||
	    !take_value(&parts, &status))
		return false;
	*token = parts;
	return token->len > 0;
}

enum notar_code
timestamp_reply(struct span reply, const struct notar_digest *imprint,
		const uint8_t nonce[TIMESTAMP_NONCE_BYTES], struct span *token,
		struct notar_error *err)
{
	const uint8_t *at = reply.ptr;

	ossl_start();
	NOTAR_AUTO_PTR(ts_resp, TS_RESP) *resp = d2i_TS_RESP(NULL, &at, (long)reply.len);

	if (resp == NULL || at != reply.ptr + reply.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer that is no TimeStampResp");
	NOTAR_TRY(check_status(resp, err));
	TS_TST_INFO *info = TS_RESP_get_tst_info(resp);

	if (info == NULL || !find_token(reply, token))
		return ossl_fail(err, NOTAR_E_FORMAT, "an answer without a token");
	if (TS_TST_INFO_get_version(info) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "a token of another version than 1");
	if (!has_nonce(info, nonce))
		return ossl_fail(err, NOTAR_E_FORMAT, "the answer is to another nonce");
	if (!has_imprint(info, imprint))
		return ossl_fail(err, NOTAR_E_DIGEST, "the answer is about other bytes");
	ossl_forget_errors();
	return NOTAR_OK;
}
