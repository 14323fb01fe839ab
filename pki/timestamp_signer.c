/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/timestamp_internal.h"

/*
 * Who signed a token. CMS_verify is not used: it hashes the content once for each of SignedData's
 * digestAlgorithms, recursively, and nobody signs those, so that a token of a megabyte took half a
 * minute and then the stack. What it does beyond CMS_SignerInfo_verify, which checks the signature
 * over the attributes, is here.
 */

static void
free_certs(STACK_OF(X509) * certs)
{
	sk_X509_pop_free(certs, X509_free);
}

NOTAR_AUTO_FOREIGN(x509_stack, STACK_OF(X509), free_certs)

/* OpenSSL writes the certificate anew; where that is not what was received, it was no DER. */
static enum notar_code
add_cert(X509 *x509, struct span token, struct cert_list *list, struct notar_error *err)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x509, &der);
	enum notar_code code;

	if (len <= 0 || memmem(token.ptr, token.len, der, (size_t)len) == NULL)
		code = notar_fail(err, NOTAR_E_FORMAT, "a certificate in it is no DER");
	else
		code = cert_list_add(list, span_of(der, (size_t)len), LIMIT_CHAIN_CERTIFICATES,
				     err);
	ossl_forget_errors();
	OPENSSL_free(der);
	return code;
}

enum notar_code
timestamp_certs(CMS_ContentInfo *cms, struct span token, struct cert_list *out,
		struct notar_error *err)
{
	NOTAR_AUTO_PTR(x509_stack, STACK_OF(X509)) *certs = CMS_get1_certs(cms);
	int count = certs == NULL ? 0 : sk_X509_num(certs);

	ossl_forget_errors();
	for (int i = 0; i < count; i++)
		NOTAR_TRY(add_cert(sk_X509_value(certs, i), token, out, err));
	return NOTAR_OK;
}

enum notar_code
timestamp_signer(CMS_ContentInfo *cms, CMS_SignerInfo **out, struct notar_error *err)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);

	if (signers == NULL || sk_CMS_SignerInfo_num(signers) != 1)
		return ossl_fail(err, NOTAR_E_FORMAT, "not exactly one signer");
	*out = sk_CMS_SignerInfo_value(signers, 0);
	return NOTAR_OK;
}

bool
timestamp_is_signer(CMS_SignerInfo *signer, const struct cert *cert)
{
	bool is_it = CMS_SignerInfo_cert_cmp(signer, cert->x509) == 0;

	ossl_forget_errors();
	return is_it;
}

size_t
timestamp_find_signer(CMS_SignerInfo *signer, const struct cert_list *certs)
{
	size_t place = 0;

	while (place < certs->count && !timestamp_is_signer(signer, certs->certs[place]))
		place++;
	return place;
}

/* Whether a signature's algorithm can go with that hash. OpenSSL asks only the key and the hash, so
 * anything could stand here; many authorities write no more than the key's kind. */
static bool
is_signature_over(const X509_ALGOR *algorithm, int hash_nid)
{
	const ASN1_OBJECT *oid = NULL;
	int named = NID_undef;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	int nid = OBJ_obj2nid(oid);

	if (nid == NID_rsaEncryption || nid == NID_X9_62_id_ecPublicKey)
		return true;
	/* RSASSA-PSS names its hash in parameters, which OpenSSL compares. */
	return OBJ_find_sigid_algs(nid, &named, NULL) == 1 &&
	       (named == hash_nid || nid == NID_rsassaPss);
}

static enum notar_code
check_algorithms(CMS_SignerInfo *signer, enum ossl_hash *hash, struct notar_error *err)
{
	X509_ALGOR *digest = NULL, *signature = NULL;
	const ASN1_OBJECT *oid = NULL;

	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, &signature);
	if (!timestamp_hash_of(digest, hash) || signature == NULL)
		return ossl_fail(err, NOTAR_E_SIGNATURE,
				 "signed with a hash other than SHA-256, -384 or -512");
	X509_ALGOR_get0(&oid, NULL, NULL, digest);
	if (!is_signature_over(signature, OBJ_obj2nid(oid)))
		return ossl_fail(err, NOTAR_E_SIGNATURE, "its signature is over another hash");
	return NOTAR_OK;
}

/* RFC 5652 section 5.4: the content through the signed attributes, those through the key. */
enum notar_code
timestamp_check_signature(CMS_SignerInfo *signer, const struct cert *cert, struct span content,
			  enum timestamp_ess ess, struct notar_error *err)
{
	const ASN1_OBJECT *type = timestamp_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
	const ASN1_STRING *digest =
		timestamp_attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	enum ossl_hash hash;

	if (type == NULL || OBJ_obj2nid(type) != NID_id_smime_ct_TSTInfo || digest == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its content type or message digest is not signed");
	NOTAR_TRY(check_algorithms(signer, &hash, err));
	NOTAR_TRY(timestamp_check_ess(signer, cert, ess, err));
	if (!timestamp_has_hash(content, ossl_hash(hash), timestamp_string(digest)))
		return ossl_fail(err, NOTAR_E_SIGNATURE, "its content is not what was signed");
	CMS_SignerInfo_set1_signer_cert(signer, cert->x509);
	if (CMS_SignerInfo_verify(signer) != 1)
		return ossl_fail(err, NOTAR_E_SIGNATURE, "its signature does not hold");
	return NOTAR_OK;
}
