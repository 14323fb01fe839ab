/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/der.h"
#include "pki/timestamp_internal.h"

/*
 * signing-certificate (RFC 2634 section 5.4, over SHA-1) and signing-certificate-v2 (RFC 5035):
 * without one another certificate over the same key could be put in.
 */

#define DIRECTORY_NAME 0xa4 /* GeneralName, [4] */

const void *
timestamp_attribute(CMS_SignerInfo *signer, int nid, int type)
{
	int at = CMS_signed_get_attr_by_NID(signer, nid, -1);

	if (at < 0 || CMS_signed_get_attr_by_NID(signer, nid, at) >= 0)
		return NULL;
	X509_ATTRIBUTE *found = CMS_signed_get_attr(signer, at);

	return found == NULL || X509_ATTRIBUTE_count(found) != 1 ?
		       NULL :
		       X509_ATTRIBUTE_get0_data(found, 0, type, NULL);
}

/* ESSCertIDv2's hashAlgorithm (RFC 5035 section 4): SHA-256 when it is left out. */
static bool
read_ess_hash(struct reader *id, const EVP_MD **out)
{
	static const uint8_t sha2[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };

	*out = ossl_hash(OSSL_SHA256);
	if (!der_next_is(id, DER_SEQUENCE))
		return true;
	struct reader algorithm = der_enter(id, DER_SEQUENCE);
	struct span oid = der_take(&algorithm, DER_OID);

	if (oid.len != sizeof(sha2) + 1 || memcmp(oid.ptr, sha2, sizeof(sha2)) != 0)
		return false;
	switch (oid.ptr[sizeof(sha2)]) {
	case 1:
		return true;
	case 2:
		*out = ossl_hash(OSSL_SHA384);
		return true;
	case 3:
		*out = ossl_hash(OSSL_SHA512);
		return true;
	default:
		return false;
	}
}

/* Whether the id's IssuerSerial, if it has one, is the certificate's. */
static bool
is_ess_issuer(struct reader *id, const struct cert *cert)
{
	if (id->rest.len == 0)
		return true;
	struct reader both = der_enter(id, DER_SEQUENCE);
	struct reader names = der_enter(&both, DER_SEQUENCE);
	struct span issuer = der_take(&names, (enum der_tag)DIRECTORY_NAME);
	struct span serial = der_take(&both, DER_INTEGER);

	return !names.failed && names.rest.len == 0 && !both.failed && both.rest.len == 0 &&
	       span_equal(issuer, cert->issuer) && span_equal(serial, cert->serial);
}

bool
timestamp_has_hash(struct span bytes, const EVP_MD *hash, struct span want)
{
	uint8_t found[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return EVP_Digest(bytes.ptr, bytes.len, found, &len, hash, NULL) == 1 &&
	       span_equal(span_of(found, len), want);
}

/* The first id is about the signer; the others, about the chain, are not looked at. */
static enum notar_code
check_id(CMS_SignerInfo *signer, int nid, const char *name, const struct cert *cert,
	 struct notar_error *err)
{
	const ASN1_STRING *value = timestamp_attribute(signer, nid, V_ASN1_SEQUENCE);
	const EVP_MD *hash = EVP_sha1();

	ossl_forget_errors();
	if (value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "not one %s attribute", name);
	struct reader r = { .rest = timestamp_string(value) };
	struct reader parts = der_enter(&r, DER_SEQUENCE);
	struct reader ids = der_enter(&parts, DER_SEQUENCE);
	struct reader id = der_enter(&ids, DER_SEQUENCE);

	if (nid == NID_id_smime_aa_signingCertificateV2 && !read_ess_hash(&id, &hash))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "its %s is over another hash than SHA-256, -384 or -512", name);
	struct span want = der_take(&id, DER_OCTET_STRING);

	if (id.failed || r.rest.len > 0)
		return notar_fail(err, NOTAR_E_FORMAT, "its %s is malformed", name);
	if (!timestamp_has_hash(buf_span(&cert->der), hash, want) || !is_ess_issuer(&id, cert) ||
	    id.rest.len > 0)
		return notar_fail(err, NOTAR_E_SIGNATURE, "its %s names another certificate", name);
	return NOTAR_OK;
}

enum notar_code
timestamp_check_ess(CMS_SignerInfo *signer, const struct cert *cert, enum timestamp_ess ess,
		    struct notar_error *err)
{
	bool has_v1 =
		CMS_signed_get_attr_by_NID(signer, NID_id_smime_aa_signingCertificate, -1) >= 0;
	bool has_v2 =
		CMS_signed_get_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2, -1) >= 0;

	if (ess == TIMESTAMP_ESS_ANY && has_v1)
		NOTAR_TRY(check_id(signer, NID_id_smime_aa_signingCertificate,
				   "signing-certificate", cert, err));
	if (ess == TIMESTAMP_ESS_ANY && has_v1 && !has_v2)
		return NOTAR_OK;
	return check_id(signer, NID_id_smime_aa_signingCertificateV2, "signing-certificate-v2",
			cert, err);
}
