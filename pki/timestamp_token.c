/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "keys/der.h"
#include "pki/timestamp_internal.h"

/*
 * Verification of a token (specs/notary-project.md section 10.2). CMS_verify is not used: it hashes
 * the content once for each of SignedData's digestAlgorithms, recursively, and nobody signs those,
 * so that a token of a megabyte took half a minute and then the stack. What it does beyond
 * CMS_SignerInfo_verify, which checks the signature over the attributes, is here.
 */

#define DIRECTORY_NAME 0xa4 /* GeneralName, [4] */

static void
free_certs(STACK_OF(X509) * certs)
{
	sk_X509_pop_free(certs, X509_free);
}

NOTAR_AUTO_FOREIGN(x509_stack, STACK_OF(X509), free_certs)

void
timestamp_release(struct timestamp *timestamp)
{
	cert_list_release(&timestamp->chain);
	*timestamp = (struct timestamp){ 0 };
}

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

static enum notar_code
read_certs(CMS_ContentInfo *cms, struct span token, struct cert_list *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(x509_stack, STACK_OF(X509)) *certs = CMS_get1_certs(cms);
	int count = certs == NULL ? 0 : sk_X509_num(certs);

	if (count <= 0) {
		ossl_forget_errors();
		return notar_fail(err, NOTAR_E_FORMAT, "no certificates in it");
	}
	for (int i = 0; i < count; i++)
		NOTAR_TRY(add_cert(sk_X509_value(certs, i), token, out, err));
	return NOTAR_OK;
}

/* The only signer, and its certificate's place. The first that fits, for every check to come: of
 * two with the same issuer and serial one could otherwise make the signature in the other's name
 * (CVE-2026-39984 was of this kind). */
static enum notar_code
find_signer(CMS_ContentInfo *cms, const struct cert_list *certs, CMS_SignerInfo **signer,
	    size_t *place, struct notar_error *err)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);

	if (signers == NULL || sk_CMS_SignerInfo_num(signers) != 1)
		return notar_fail(err, NOTAR_E_FORMAT, "not exactly one signer");
	*signer = sk_CMS_SignerInfo_value(signers, 0);
	for (*place = 0; *place < certs->count; (*place)++)
		if (CMS_SignerInfo_cert_cmp(*signer, certs->certs[*place]->x509) == 0)
			return NOTAR_OK;
	ossl_forget_errors();
	return notar_fail(err, NOTAR_E_FORMAT, "the signer's certificate is not in it");
}

/* The value of a signed attribute that must be there once, with one value of this type. */
static const void *
only_value(CMS_SignerInfo *signer, int nid, int type)
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
read_ess_hash(struct reader *id, enum ossl_hash *hash)
{
	static const uint8_t sha2[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };

	*hash = OSSL_SHA256;
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
		*hash = OSSL_SHA384;
		return true;
	case 3:
		*hash = OSSL_SHA512;
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

static bool
has_hash(struct span bytes, enum ossl_hash hash, struct span want)
{
	uint8_t found[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return EVP_Digest(bytes.ptr, bytes.len, found, &len, ossl_hash(hash), NULL) == 1 &&
	       span_equal(span_of(found, len), want);
}

/* signing-certificate-v2: without it another certificate over the same key could be put in. Its
 * first id is about the signer; the others, about the chain, are not looked at. */
static enum notar_code
check_ess(CMS_SignerInfo *signer, const struct cert *cert, struct notar_error *err)
{
	const ASN1_STRING *value =
		only_value(signer, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
	enum ossl_hash hash;

	if (value == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT, "not one signing-certificate-v2 attribute");
	struct reader r = { .rest = timestamp_string(value) };
	struct reader parts = der_enter(&r, DER_SEQUENCE);
	struct reader ids = der_enter(&parts, DER_SEQUENCE);
	struct reader id = der_enter(&ids, DER_SEQUENCE);

	if (!read_ess_hash(&id, &hash))
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its signing-certificate-v2 is over another hash than SHA-256, "
				 "-384 or -512");
	struct span want = der_take(&id, DER_OCTET_STRING);

	if (id.failed || r.rest.len > 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "its signing-certificate-v2 is malformed");
	if (!has_hash(buf_span(&cert->der), hash, want) || !is_ess_issuer(&id, cert) ||
	    id.rest.len > 0)
		return ossl_fail(err, NOTAR_E_SIGNATURE,
				 "its signing-certificate-v2 names another certificate");
	return NOTAR_OK;
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
static enum notar_code
check_signature(CMS_SignerInfo *signer, const struct cert *cert, struct span content,
		struct notar_error *err)
{
	const ASN1_OBJECT *type = only_value(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
	const ASN1_STRING *digest =
		only_value(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	enum ossl_hash hash;

	if (type == NULL || OBJ_obj2nid(type) != NID_id_smime_ct_TSTInfo || digest == NULL)
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its content type or message digest is not signed");
	NOTAR_TRY(check_algorithms(signer, &hash, err));
	NOTAR_TRY(check_ess(signer, cert, err));
	if (!has_hash(content, hash, timestamp_string(digest)))
		return ossl_fail(err, NOTAR_E_SIGNATURE, "its content is not what was signed");
	CMS_SignerInfo_set1_signer_cert(signer, cert->x509);
	if (CMS_SignerInfo_verify(signer) != 1)
		return ossl_fail(err, NOTAR_E_SIGNATURE, "its signature does not hold");
	return NOTAR_OK;
}

static enum notar_code
read_content(struct span content, struct span message, struct timestamp *out,
	     struct notar_error *err)
{
	NOTAR_AUTO_PTR(tst_info, TS_TST_INFO) *info = NULL;
	enum ossl_hash hash;
	struct span imprint;

	NOTAR_TRY(timestamp_info(content, &info, err));
	if (!timestamp_imprint(info, &hash, &imprint))
		return ossl_fail(err, NOTAR_E_FORMAT,
				 "its imprint is of another hash than SHA-256, -384 or -512");
	if (!has_hash(message, hash, imprint))
		return ossl_fail(err, NOTAR_E_DIGEST, "it is over other bytes");
	return timestamp_time(info, &out->from_s, &out->to_s, err);
}

/* Moves the certificate there to the end of the chain. */
static enum notar_code
move_up(struct cert_list *from, size_t place, struct cert_list *chain, struct notar_error *err)
{
	struct cert **grown = realloc(chain->certs, (chain->count + 1) * sizeof(struct cert *));

	if (grown == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for certificates");
	chain->certs = grown;
	chain->certs[chain->count++] = from->certs[place];
	from->count--;
	for (size_t i = place; i < from->count; i++)
		from->certs[i] = from->certs[i + 1];
	return NOTAR_OK;
}

/* From the signer upward, as far as the token's certificates lead. Each is used once, so this ends
 * where authorities certified each other. */
static enum notar_code
build_chain(struct cert_list *certs, size_t signer, struct cert_list *chain,
	    struct notar_error *err)
{
	NOTAR_TRY(move_up(certs, signer, chain, err));
	for (size_t i = 0; i < certs->count;) {
		struct cert *top = chain->certs[chain->count - 1];

		if (top->is_self_signed)
			break;
		if (cert_is_issued_by(top, certs->certs[i], NULL) != NOTAR_OK) {
			i++;
			continue;
		}
		NOTAR_TRY(move_up(certs, i, chain, err));
		i = 0;
	}
	return NOTAR_OK;
}

enum notar_code
timestamp_verify(struct span token, struct span message, struct timestamp *out,
		 struct notar_error *err)
{
	NOTAR_AUTO_OF(timestamp) made = { 0 };
	NOTAR_AUTO_OF(cert_list) certs = { 0 };
	NOTAR_AUTO_PTR(cms, CMS_ContentInfo) *cms = NULL;
	CMS_SignerInfo *signer = NULL;
	size_t used = 0, place = 0;

	NOTAR_TRY(timestamp_open(token, &cms, &used, err));
	if (used != token.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "bytes behind the token");
	NOTAR_TRY(read_content(timestamp_content(cms), message, &made, err));
	NOTAR_TRY(read_certs(cms, token, &certs, err));
	NOTAR_TRY(find_signer(cms, &certs, &signer, &place, err));
	NOTAR_TRY(check_signature(signer, certs.certs[place], timestamp_content(cms), err));
	NOTAR_TRY(build_chain(&certs, place, &made.chain, err));
	ossl_forget_errors();
	*out = made;
	made = (struct timestamp){ 0 };
	return NOTAR_OK;
}
