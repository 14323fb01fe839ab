/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/ocsp.h>

#include "base/limits.h"
#include "pki/asn1.h"
#include "pki/revocation.h"

#define CLOCK_SKEW_S 300

NOTAR_AUTO_FOREIGN(ocsp_request, OCSP_REQUEST, OCSP_REQUEST_free)
NOTAR_AUTO_FOREIGN(ocsp_response, OCSP_RESPONSE, OCSP_RESPONSE_free)
NOTAR_AUTO_FOREIGN(ocsp_basic, OCSP_BASICRESP, OCSP_BASICRESP_free)
NOTAR_AUTO_FOREIGN(ocsp_id, OCSP_CERTID, OCSP_CERTID_free)
NOTAR_AUTO_FOREIGN(x509_known, STACK_OF(X509), sk_X509_free)
NOTAR_AUTO_FOREIGN(x509_store, X509_STORE, X509_STORE_free)
NOTAR_AUTO_FOREIGN(asn1_time, ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)

enum notar_code
ocsp_request(const struct cert *cert, const struct cert *issuer, struct buf *out,
	     struct notar_error *err)
{
	NOTAR_AUTO_PTR(ocsp_request, OCSP_REQUEST) *request = OCSP_REQUEST_new();
	/* SHA-1 names here, and secures nothing; large responders know no other. */
	NOTAR_AUTO_PTR(ocsp_id, OCSP_CERTID) *id =
		OCSP_cert_to_id(EVP_sha1(), cert->x509, issuer->x509);
	uint8_t *der = NULL;

	if (request == NULL || id == NULL || OCSP_request_add0_id(request, id) == NULL)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot make an OCSP request");
	id = NULL; /* the request's now */
	int len = i2d_OCSP_REQUEST(request, &der);

	if (len <= 0)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot write an OCSP request");
	buf_append(out, der, (size_t)len);
	OPENSSL_free(der);
	return buf_finish(out, "OCSP request", err);
}

/* A delegate must be the issuer's own, not some intermediate's. */
static enum notar_code
check_delegate(X509 *signer, const struct cert *issuer, struct notar_error *err)
{
	NOTAR_AUTO(cert) *delegate = NULL;
	uint8_t *der = NULL;
	int len = i2d_X509(signer, &der);

	if (len <= 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "its signer's certificate cannot be written");
	enum notar_code code = cert_parse(span_of(der, (size_t)len), &delegate, err);

	OPENSSL_free(der);
	NOTAR_TRY(code);
	return cert_is_issued_by(delegate, issuer, err);
}

/* Signed by the issuer, or by a certificate that the issuer made for this: nothing else is
 * trusted, whatever else the issuer may be. Nonces let strangers choose bytes of what is signed,
 * so hashes that can be made to collide prove nothing. */
static enum notar_code
check_signer(OCSP_BASICRESP *basic, const struct cert *issuer, int64_t now_s,
	     struct notar_error *err)
{
	NOTAR_AUTO_PTR(x509_store, X509_STORE) *store = X509_STORE_new();
	X509_VERIFY_PARAM *param = store == NULL ? NULL : X509_STORE_get0_param(store);
	NOTAR_AUTO_PTR(x509_known, STACK_OF(X509)) *known = sk_X509_new_null();
	X509 *signer = NULL;

	if (!asn1_is_strong_signature(OCSP_resp_get0_tbs_sigalg(basic)))
		return ossl_fail(err, NOTAR_E_SIGNATURE,
				 "signed with a hash other than SHA-256, -384 or -512");
	if (param == NULL || X509_STORE_add_cert(store, issuer->x509) != 1 ||
	    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) != 1)
		return ossl_fail(err, NOTAR_E_NOMEM, "no memory to check an OCSP answer");
	X509_VERIFY_PARAM_set_time(param, (time_t)now_s);
	/* Answers need not carry the issuer's own certificate. */
	if (known == NULL || sk_X509_push(known, issuer->x509) <= 0 ||
	    OCSP_basic_verify(basic, known, store, 0) != 1 ||
	    OCSP_resp_get0_signer(basic, &signer, known) != 1 || signer == NULL)
		return ossl_fail(err, NOTAR_E_SIGNATURE,
				 "not signed by the issuer or by its delegate");
	return X509_cmp(signer, issuer->x509) == 0 ? NOTAR_OK : check_delegate(signer, issuer, err);
}

static bool
is_known(X509_EXTENSION *extension)
{
	return !X509_EXTENSION_get_critical(extension) ||
	       OBJ_obj2nid(X509_EXTENSION_get_object(extension)) == NID_invalidity_date;
}

/* What is critical and not understood may turn the meaning around (RFC 6960 section 4.4). */
static enum notar_code
check_extensions(OCSP_BASICRESP *basic, OCSP_SINGLERESP *single, struct notar_error *err)
{
	bool known = true;

	for (int i = 0; i < OCSP_BASICRESP_get_ext_count(basic); i++)
		known = known && is_known(OCSP_BASICRESP_get_ext(basic, i));
	for (int i = 0; i < OCSP_SINGLERESP_get_ext_count(single); i++)
		known = known && is_known(OCSP_SINGLERESP_get_ext(single, i));
	return known ? NOTAR_OK :
		       ossl_fail(err, NOTAR_E_UNSUPPORTED,
				 "a critical extension that is not known");
}

/* The one answer, and it is about this certificate. */
static enum notar_code
find_single(OCSP_BASICRESP *basic, const struct cert *cert, const struct cert *issuer,
	    OCSP_SINGLERESP **out, struct notar_error *err)
{
	*out = OCSP_resp_count(basic) == 1 ? OCSP_resp_get0(basic, 0) : NULL;
	if (*out == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "not exactly one answer in it");
	const OCSP_CERTID *said = OCSP_SINGLERESP_get0_id(*out);
	ASN1_OBJECT *hash = NULL;

	(void)OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)(uintptr_t)said);
	const EVP_MD *md = hash == NULL ? NULL : EVP_get_digestbyobj(hash);
	NOTAR_AUTO_PTR(ocsp_id, OCSP_CERTID) *id =
		md == NULL ? NULL : OCSP_cert_to_id(md, cert->x509, issuer->x509);

	if (id == NULL || OCSP_id_cmp(id, said) != 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "the answer is about another certificate");
	return NOTAR_OK;
}

static enum notar_code
read_times(const ASN1_GENERALIZEDTIME *this_update, const ASN1_GENERALIZEDTIME *next_update,
	   int64_t now_s, struct revocation_answer *out, struct notar_error *err)
{
	if (!asn1_time_seconds(this_update, &out->this_update_s) ||
	    !asn1_time_seconds(next_update, &out->next_update_s))
		return ossl_fail(err, NOTAR_E_FORMAT, "no thisUpdate or no nextUpdate");
	if (out->this_update_s > now_s + CLOCK_SKEW_S)
		return notar_fail(err, NOTAR_E_FORMAT, "its thisUpdate is to come");
	if (out->next_update_s < now_s)
		return notar_fail(err, NOTAR_E_FORMAT, "its nextUpdate has passed");
	return NOTAR_OK;
}

static enum notar_code
read_single(OCSP_SINGLERESP *single, int64_t now_s, struct revocation_answer *out,
	    struct notar_error *err)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *this_update = NULL, *next_update = NULL;
	struct revocation_answer answer = { 0 };
	int reason = 0;
	int status = OCSP_single_get0_status(single, &reason, &revoked, &this_update, &next_update);

	NOTAR_TRY(read_times(this_update, next_update, now_s, &answer, err));
	if (status == V_OCSP_CERTSTATUS_GOOD)
		answer.status = REVOCATION_GOOD;
	if (status == V_OCSP_CERTSTATUS_REVOKED) {
		NOTAR_AUTO_PTR(asn1_time, ASN1_GENERALIZEDTIME) *invalid =
			OCSP_SINGLERESP_get1_ext_d2i(single, NID_invalidity_date, NULL, NULL);

		answer.status = REVOCATION_REVOKED;
		(void)asn1_time_seconds(revoked, &answer.revoked_s);
		(void)asn1_time_seconds(invalid, &answer.invalidity_s);
	}
	*out = answer;
	return NOTAR_OK;
}

enum notar_code
ocsp_judge(struct span response, const struct cert *cert, const struct cert *issuer, int64_t now_s,
	   struct revocation_answer *out, struct notar_error *err)
{
	const uint8_t *at = response.ptr;
	OCSP_SINGLERESP *single = NULL;

	ossl_start();
	if (response.len == 0 || response.len > LIMIT_OCSP_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "an OCSP answer of %zu bytes", response.len);
	NOTAR_AUTO_PTR(ocsp_response, OCSP_RESPONSE) *parsed =
		d2i_OCSP_RESPONSE(NULL, &at, (long)response.len);

	if (parsed == NULL || at != response.ptr + response.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "no OCSP answer");
	if (OCSP_response_status(parsed) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		return ossl_fail(err, NOTAR_E_NET, "the responder refused to answer");
	NOTAR_AUTO_PTR(ocsp_basic, OCSP_BASICRESP) *basic = OCSP_response_get1_basic(parsed);

	if (basic == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "no basic OCSP answer");
	NOTAR_TRY(check_signer(basic, issuer, now_s, err));
	NOTAR_TRY(find_single(basic, cert, issuer, &single, err));
	NOTAR_TRY(check_extensions(basic, single, err));
	NOTAR_TRY(read_single(single, now_s, out, err));
	ossl_forget_errors();
	return NOTAR_OK;
}
