/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/asn1.h"

#include <openssl/rsa.h>
#include <time.h>

NOTAR_AUTO_FOREIGN(pss_params, RSA_PSS_PARAMS, RSA_PSS_PARAMS_free)

bool
asn1_time_seconds(const ASN1_TIME *time, int64_t *out)
{
	struct tm parts = { 0 };

	if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
		return false;
	*out = (int64_t)timegm(&parts);
	return true;
}

static int
hash_of(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid = NULL;
	const void *params = NULL;
	int type = V_ASN1_UNDEF, hash = NID_undef;

	X509_ALGOR_get0(&oid, &type, &params, algorithm);
	int nid = OBJ_obj2nid(oid);

	if (nid != NID_rsassaPss)
		return OBJ_find_sigid_algs(nid, &hash, NULL) == 1 ? hash : NID_undef;
	NOTAR_AUTO_PTR(pss_params, RSA_PSS_PARAMS) *pss =
		type == V_ASN1_SEQUENCE ? ASN1_item_unpack(params, ASN1_ITEM_rptr(RSA_PSS_PARAMS)) :
					  NULL;

	if (pss == NULL || pss->hashAlgorithm == NULL) /* then it is SHA-1 */
		return NID_undef;
	X509_ALGOR_get0(&oid, NULL, NULL, pss->hashAlgorithm);
	return OBJ_obj2nid(oid);
}

bool
asn1_is_strong_signature(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid = NULL;
	int hash = hash_of(algorithm);

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return hash == NID_sha256 || hash == NID_sha384 || hash == NID_sha512 ||
	       OBJ_obj2nid(oid) == NID_ED25519;
}
