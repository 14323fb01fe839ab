/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/cms.h>
#include <openssl/ess.h>
#include <openssl/ts.h>

#include "base/limits.h"
#include "pki/asn1.h"
#include "pki/timestamp.h"

#define BASELINE_POLICY "0.4.0.2023.1.1"

static void
free_certs(STACK_OF(X509) * certs)
{
	sk_X509_pop_free(certs, X509_free);
}

NOTAR_AUTO_FOREIGN(cms, CMS_ContentInfo, CMS_ContentInfo_free)
NOTAR_AUTO_FOREIGN(x509_stack, STACK_OF(X509), free_certs)
NOTAR_AUTO_FOREIGN(x509_view, STACK_OF(X509), sk_X509_free)
NOTAR_AUTO_FOREIGN(ess_v2, ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free)
NOTAR_AUTO_FOREIGN(tst_info, TS_TST_INFO, TS_TST_INFO_free)

void
timestamp_release(struct timestamp *timestamp)
{
	cert_list_release(&timestamp->chain);
	*timestamp = (struct timestamp){ 0 };
}

static bool
is_sha2(int nid)
{
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

static int
nid_of(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid = NULL;

	if (algorithm != NULL)
		X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return oid == NULL ? NID_undef : OBJ_obj2nid(oid);
}

static enum notar_code
parse(struct span token, CMS_ContentInfo **out, struct notar_error *err)
{
	const uint8_t *at = token.ptr;

	ossl_start();
	if (token.len == 0 || token.len > LIMIT_TIMESTAMP_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a token of %zu bytes", token.len);
	*out = d2i_CMS_ContentInfo(NULL, &at, (long)token.len);
	if (*out == NULL || at != token.ptr + token.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "not one CMS structure and nothing else");
	if (OBJ_obj2nid(CMS_get0_type(*out)) != NID_pkcs7_signed ||
	    OBJ_obj2nid(CMS_get0_eContentType(*out)) != NID_id_smime_ct_TSTInfo)
		return ossl_fail(err, NOTAR_E_FORMAT, "not signed TSTInfo");
	return NOTAR_OK;
}

/* The only signer, and its certificate among the token's. Borrowed from them. The first that fits,
 * and the signer is told so: a second certificate with the same issuer and serial could otherwise
 * verify the signature while this one is asked everything else. */
static enum notar_code
find_signer(CMS_ContentInfo *cms, STACK_OF(X509) * certs, CMS_SignerInfo **out, X509 **cert,
	    struct notar_error *err)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);

	if (signers == NULL || sk_CMS_SignerInfo_num(signers) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "not exactly one signer");
	*out = sk_CMS_SignerInfo_value(signers, 0);
	*cert = NULL;
	for (int i = 0; i < sk_X509_num(certs) && *cert == NULL; i++)
		if (CMS_SignerInfo_cert_cmp(*out, sk_X509_value(certs, i)) == 0)
			*cert = sk_X509_value(certs, i);
	if (*cert == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "the signer's certificate is not in it");
	CMS_SignerInfo_set1_signer_cert(*out, *cert);
	return NOTAR_OK;
}

/* The attribute that must be there once, with one value. */
static X509_ATTRIBUTE *
only_attribute(CMS_SignerInfo *signer, int nid)
{
	int at = CMS_signed_get_attr_by_NID(signer, nid, -1);

	if (at < 0 || CMS_signed_get_attr_by_NID(signer, nid, at) >= 0)
		return NULL;
	X509_ATTRIBUTE *found = CMS_signed_get_attr(signer, at);

	return found != NULL && X509_ATTRIBUTE_count(found) == 1 ? found : NULL;
}

/* signing-certificate-v2: without it another certificate over the same key could be put in. */
static enum notar_code
check_ess(CMS_SignerInfo *signer, X509 *cert, STACK_OF(X509) * certs, struct notar_error *err)
{
	X509_ATTRIBUTE *found = only_attribute(signer, NID_id_smime_aa_signingCertificateV2);
	const ASN1_STRING *value =
		found == NULL ? NULL : X509_ATTRIBUTE_get0_data(found, 0, V_ASN1_SEQUENCE, NULL);

	if (value == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "no signing-certificate-v2 attribute");
	const uint8_t *at = ASN1_STRING_get0_data(value);
	NOTAR_AUTO_PTR(ess_v2, ESS_SIGNING_CERT_V2) *ids =
		d2i_ESS_SIGNING_CERT_V2(NULL, &at, ASN1_STRING_length(value));
	NOTAR_AUTO_PTR(x509_view, STACK_OF(X509)) *ordered = sk_X509_new_null();

	if (ids == NULL || ordered == NULL || sk_X509_push(ordered, cert) <= 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "its signing-certificate-v2 is malformed");
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (sk_X509_value(certs, i) != cert)
			(void)sk_X509_push(ordered, sk_X509_value(certs, i));
	if (OSSL_ESS_check_signing_certs(NULL, ids, ordered, 1) <= 0)
		return ossl_fail(err, NOTAR_E_SIGNATURE,
				 "its signing-certificate-v2 names another certificate");
	return NOTAR_OK;
}

static enum notar_code
check_attributes(CMS_ContentInfo *cms, CMS_SignerInfo *signer, struct notar_error *err)
{
	X509_ATTRIBUTE *type = only_attribute(signer, NID_pkcs9_contentType);
	const ASN1_OBJECT *value =
		type == NULL ? NULL : X509_ATTRIBUTE_get0_data(type, 0, V_ASN1_OBJECT, NULL);
	X509_ALGOR *digest = NULL;

	if (value == NULL || OBJ_cmp(value, CMS_get0_eContentType(cms)) != 0 ||
	    only_attribute(signer, NID_pkcs9_messageDigest) == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its content type or message digest is not signed");
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
	if (!is_sha2(nid_of(digest)))
		return ossl_fail(err, NOTAR_E_SIGNATURE,
				 "signed with a hash other than SHA-256, -384 or -512");
	return NOTAR_OK;
}

static enum notar_code
check_signature(CMS_ContentInfo *cms, STACK_OF(X509) * certs, X509 **signer_cert,
		struct notar_error *err)
{
	CMS_SignerInfo *signer = NULL;

	NOTAR_TRY(find_signer(cms, certs, &signer, signer_cert, err));
	NOTAR_TRY(check_attributes(cms, signer, err));
	NOTAR_TRY(check_ess(signer, *signer_cert, certs, err));
	/* Attributes and content; whom the certificate leads to is asked elsewhere. */
	if (CMS_verify(cms, NULL, NULL, NULL, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
		return ossl_fail(err, NOTAR_E_SIGNATURE, "its signature does not hold");
	return NOTAR_OK;
}

static enum notar_code
check_imprint(TS_TST_INFO *info, struct span message, struct notar_error *err)
{
	TS_MSG_IMPRINT *part = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OCTET_STRING *said = part == NULL ? NULL : TS_MSG_IMPRINT_get_msg(part);
	int nid = part == NULL ? NID_undef : nid_of(TS_MSG_IMPRINT_get_algo(part));
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (said == NULL || !is_sha2(nid))
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its imprint is of another hash than SHA-256, -384 or -512");
	if (EVP_Digest(message.ptr, message.len, hash, &len, EVP_get_digestbynid(nid), NULL) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot hash");
	if (!span_equal(span_of(hash, len),
			span_of(ASN1_STRING_get0_data(said), (size_t)ASN1_STRING_length(said))))
		return ossl_fail(err, NOTAR_E_DIGEST, "it is over other bytes");
	return NOTAR_OK;
}

/* How far genTime may be off, in microseconds; -1: nonsense (section 10.2, item 3). */
static int64_t
accuracy_us(TS_TST_INFO *info)
{
	TS_ACCURACY *accuracy = TS_TST_INFO_get_accuracy(info);
	const ASN1_INTEGER *parts[3] = { 0 };
	static const int64_t units[3] = { 1000000, 1000, 1 };
	int64_t sum = 0;
	char policy[64] = "";

	if (accuracy != NULL) {
		parts[0] = TS_ACCURACY_get_seconds(accuracy);
		parts[1] = TS_ACCURACY_get_millis(accuracy);
		parts[2] = TS_ACCURACY_get_micros(accuracy);
	}
	for (size_t i = 0; i < 3; i++) {
		int64_t value = 0;

		if (parts[i] != NULL && (ASN1_INTEGER_get_int64(&value, parts[i]) != 1 ||
					 value < 0 || value > 1000000000))
			return -1;
		sum += value * units[i];
	}
	(void)OBJ_obj2txt(policy, sizeof(policy), TS_TST_INFO_get_policy_id(info), 1);
	return sum == 0 && strcmp(policy, BASELINE_POLICY) == 0 ? 1000000 : sum;
}

/* Widened to whole seconds at both ends. */
static enum notar_code
read_time(TS_TST_INFO *info, struct timestamp *out, struct notar_error *err)
{
	const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time(info);
	int64_t accuracy = accuracy_us(info), at_s;

	if (accuracy < 0 || !asn1_time_seconds(time, &at_s))
		return ossl_fail(err, NOTAR_E_FORMAT, "its time or its accuracy is none");
	bool has_fraction =
		memchr(ASN1_STRING_get0_data(time), '.', (size_t)ASN1_STRING_length(time)) != NULL;
	int64_t off_s = (accuracy + 999999) / 1000000;

	out->from_s = at_s - off_s;
	out->to_s = at_s + off_s + (has_fraction ? 1 : 0);
	return NOTAR_OK;
}

static enum notar_code
read_info(CMS_ContentInfo *cms, struct span message, struct timestamp *out, struct notar_error *err)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);
	const uint8_t *at =
		content == NULL || *content == NULL ? NULL : ASN1_STRING_get0_data(*content);
	int len = at == NULL ? 0 : ASN1_STRING_length(*content);
	const uint8_t *end = at == NULL ? NULL : at + len;
	NOTAR_AUTO_PTR(tst_info, TS_TST_INFO) *info =
		at == NULL ? NULL : d2i_TS_TST_INFO(NULL, &at, len);

	if (info == NULL || at != end || TS_TST_INFO_get_version(info) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "no TSTInfo of version 1 in it");
	NOTAR_TRY(check_imprint(info, message, err));
	return read_time(info, out, err);
}

static enum notar_code
add_cert(X509 *x509, struct cert_list *list, struct notar_error *err)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x509, &der);

	if (len <= 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "a certificate that cannot be read");
	enum notar_code code =
		cert_list_add(list, span_of(der, (size_t)len), LIMIT_CHAIN_CERTIFICATES, err);

	OPENSSL_free(der);
	return code;
}

/* From the signer upward, as far as the token's certificates lead. */
static enum notar_code
build_chain(STACK_OF(X509) * certs, X509 *signer, struct cert_list *chain, struct notar_error *err)
{
	NOTAR_AUTO_OF(cert_list) rest = { 0 };
	bool found = true;

	NOTAR_TRY(add_cert(signer, chain, err));
	for (int i = 0; i < sk_X509_num(certs); i++)
		if (sk_X509_value(certs, i) != signer)
			NOTAR_TRY(add_cert(sk_X509_value(certs, i), &rest, err));
	while (found) {
		const struct cert *top = chain->count == 0 ? NULL : chain->certs[chain->count - 1];

		found = false;
		for (size_t i = 0; top != NULL && !top->is_self_signed && i < rest.count && !found;
		     i++) {

			if (cert_is_issued_by(top, rest.certs[i], err) != NOTAR_OK)
				continue;
			found = true;
			NOTAR_TRY(cert_list_add(chain, buf_span(&rest.certs[i]->der),
						LIMIT_CHAIN_CERTIFICATES, err));
		}
	}
	return NOTAR_OK;
}

enum notar_code
timestamp_verify(struct span token, struct span message, struct timestamp *out,
		 struct notar_error *err)
{
	NOTAR_AUTO_OF(timestamp) made = { 0 };
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms = NULL;
	X509 *signer = NULL;

	NOTAR_TRY(parse(token, &cms, err));
	NOTAR_AUTO_PTR(x509_stack, STACK_OF(X509)) *certs = CMS_get1_certs(cms);

	if (certs == NULL || sk_X509_num(certs) > LIMIT_CHAIN_CERTIFICATES)
		return ossl_fail(err, NOTAR_E_FORMAT, "no certificates in it, or too many");
	NOTAR_TRY(read_info(cms, message, &made, err));
	NOTAR_TRY(check_signature(cms, certs, &signer, err));
	NOTAR_TRY(build_chain(certs, signer, &made.chain, err));
	ossl_forget_errors();
	*out = made;
	made = (struct timestamp){ 0 };
	return NOTAR_OK;
}
