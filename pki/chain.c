/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/chain.h"

#include "pki/asn1.h"
#include "pki/suite.h"

/* Bits of keyUsage (RFC 5280 section 4.2.1.3). */
enum usage {
	USAGE_DIGITAL_SIGNATURE = 0,
	USAGE_KEY_ENCIPHERMENT = 2,
	USAGE_DATA_ENCIPHERMENT = 3,
	USAGE_KEY_AGREEMENT = 4,
	USAGE_KEY_CERT_SIGN = 5,
	USAGE_CRL_SIGN = 6,
	USAGE_ENCIPHER_ONLY = 7,
	USAGE_DECIPHER_ONLY = 8,
};

/* The certificate and the rule that it breaks; NOTAR_E_FORMAT. */
static enum notar_code
broken(const struct cert *cert, const char *rule, struct notar_error *err)
{
	char name[CERT_NAME_TEXT_BYTES];

	ossl_forget_errors();
	return notar_fail(err, NOTAR_E_FORMAT, "certificate \"%s\": %s", cert_name_text(cert, name),
			  rule);
}

/* How often an extension is there, and how: as X509_get_ext_d2i says it in *crit. */
enum presence { TWICE = -2, ABSENT = -1, NOT_CRITICAL = 0, CRITICAL = 1 };

static enum notar_code
check_once(const struct cert *cert, const void *value, int presence, const char *rule,
	   struct notar_error *err)
{
	if (presence == TWICE)
		return broken(cert, rule, err);
	if (value == NULL && presence != ABSENT)
		return broken(cert, "an extension that cannot be read", err);
	return NOTAR_OK;
}

static enum notar_code
check_ca_constraints(const struct cert *cert, size_t index, struct notar_error *err)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(basic_constraints, BASIC_CONSTRAINTS) *found =
		X509_get_ext_d2i(cert->x509, NID_basic_constraints, &crit, NULL);

	NOTAR_TRY(check_once(cert, found, crit, "basicConstraints twice", err));
	if (found == NULL || found->ca == 0)
		return broken(cert, "it issues, but its basicConstraints do not say CA", err);
	if (found->pathlen == NULL)
		return NOTAR_OK;
	int64_t most = -1;

	if (ASN1_INTEGER_get_int64(&most, found->pathlen) != 1 || most < 0 ||
	    (uint64_t)most < index - 1)
		return broken(cert, "more CAs below it than its pathLenConstraint allows", err);
	return NOTAR_OK;
}

static enum notar_code
check_leaf_constraints(const struct cert *cert, struct notar_error *err)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(basic_constraints, BASIC_CONSTRAINTS) *found =
		X509_get_ext_d2i(cert->x509, NID_basic_constraints, &crit, NULL);

	NOTAR_TRY(check_once(cert, found, crit, "basicConstraints twice", err));
	return found != NULL && found->ca != 0 ?
		       broken(cert, "it signs, but its basicConstraints say CA", err) :
		       NOTAR_OK;
}

static enum notar_code
read_usage(const struct cert *cert, enum chain_purpose purpose, ASN1_BIT_STRING **out,
	   struct notar_error *err)
{
	int crit = ABSENT;

	*out = X509_get_ext_d2i(cert->x509, NID_key_usage, &crit, NULL);
	NOTAR_TRY(check_once(cert, *out, crit, "keyUsage twice", err));
	if (*out == NULL)
		return broken(cert, "no keyUsage", err);
	if (purpose == CHAIN_CODE_SIGNING && crit != CRITICAL)
		return broken(cert, "keyUsage is not critical", err);
	return NOTAR_OK;
}

static enum notar_code
check_ca_usage(const struct cert *cert, enum chain_purpose purpose, struct notar_error *err)
{
	NOTAR_AUTO_PTR(asn1_bits, ASN1_BIT_STRING) *usage = NULL;

	NOTAR_TRY(read_usage(cert, purpose, &usage, err));
	return ASN1_BIT_STRING_get_bit(usage, USAGE_KEY_CERT_SIGN) ?
		       NOTAR_OK :
		       broken(cert, "it issues, but its keyUsage lacks keyCertSign", err);
}

static enum notar_code
check_leaf_usage(const struct cert *cert, enum chain_purpose purpose, struct notar_error *err)
{
	static const struct {
		enum usage bit;
		const char *rule;
	} forbidden[] = {
		{ USAGE_KEY_ENCIPHERMENT, "keyUsage has keyEncipherment" },
		{ USAGE_DATA_ENCIPHERMENT, "keyUsage has dataEncipherment" },
		{ USAGE_KEY_AGREEMENT, "keyUsage has keyAgreement" },
		{ USAGE_KEY_CERT_SIGN, "keyUsage of a leaf has keyCertSign" },
		{ USAGE_CRL_SIGN, "keyUsage of a leaf has cRLSign" },
		{ USAGE_ENCIPHER_ONLY, "keyUsage has encipherOnly" },
		{ USAGE_DECIPHER_ONLY, "keyUsage has decipherOnly" },
	};
	NOTAR_AUTO_PTR(asn1_bits, ASN1_BIT_STRING) *usage = NULL;

	NOTAR_TRY(read_usage(cert, purpose, &usage, err));
	if (!ASN1_BIT_STRING_get_bit(usage, USAGE_DIGITAL_SIGNATURE))
		return broken(cert, "keyUsage lacks digitalSignature", err);
	for (size_t i = 0; i < NOTAR_COUNT(forbidden); i++)
		if (ASN1_BIT_STRING_get_bit(usage, forbidden[i].bit))
			return broken(cert, forbidden[i].rule, err);
	return NOTAR_OK;
}

/* Union of what the specification and the reference refuse (section 8.3). */
static enum notar_code
check_code_signing_purposes(const struct cert *cert, const EXTENDED_KEY_USAGE *purposes,
			    struct notar_error *err)
{
	static const struct {
		int nid;
		const char *rule;
	} forbidden[] = {
		{ NID_server_auth, "extendedKeyUsage has serverAuth" },
		{ NID_client_auth, "extendedKeyUsage has clientAuth" },
		{ NID_email_protect, "extendedKeyUsage has emailProtection" },
		{ NID_time_stamp, "extendedKeyUsage has timeStamping" },
		{ NID_OCSP_sign, "extendedKeyUsage has OCSPSigning" },
		{ NID_anyExtendedKeyUsage, "extendedKeyUsage has anyExtendedKeyUsage" },
	};

	for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++)
		for (size_t k = 0; k < NOTAR_COUNT(forbidden); k++)
			if (OBJ_obj2nid(sk_ASN1_OBJECT_value(purposes, i)) == forbidden[k].nid)
				return broken(cert, forbidden[k].rule, err);
	return NOTAR_OK;
}

static enum notar_code
check_leaf_purposes(const struct cert *cert, enum chain_purpose purpose, struct notar_error *err)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(extended_key_usage, EXTENDED_KEY_USAGE) *found =
		X509_get_ext_d2i(cert->x509, NID_ext_key_usage, &crit, NULL);

	NOTAR_TRY(check_once(cert, found, crit, "extendedKeyUsage twice", err));
	if (purpose == CHAIN_CODE_SIGNING)
		return found == NULL ? NOTAR_OK : check_code_signing_purposes(cert, found, err);
	if (found == NULL || sk_ASN1_OBJECT_num(found) != 1 ||
	    OBJ_obj2nid(sk_ASN1_OBJECT_value(found, 0)) != NID_time_stamp)
		return broken(cert, "extendedKeyUsage is not timeStamping and nothing else", err);
	return crit == CRITICAL ? NOTAR_OK : broken(cert, "extendedKeyUsage is not critical", err);
}

static enum notar_code
check_leaf(const struct cert *cert, enum chain_purpose purpose, struct notar_error *err)
{
	const struct key *key = NULL;
	const struct suite *suite;
	char name[CERT_NAME_TEXT_BYTES];

	NOTAR_TRY(check_leaf_constraints(cert, err));
	NOTAR_TRY(check_leaf_usage(cert, purpose, err));
	NOTAR_TRY(check_leaf_purposes(cert, purpose, err));
	enum notar_code code = cert_key(cert, &key, err);

	if (code == NOTAR_OK)
		code = suite_of_key(key, &suite, err);
	return code == NOTAR_OK ?
		       NOTAR_OK :
		       notar_context(err, "certificate \"%s\"", cert_name_text(cert, name));
}

static enum notar_code
check_ca(const struct cert *cert, size_t index, enum chain_purpose purpose, struct notar_error *err)
{
	NOTAR_TRY(check_ca_constraints(cert, index, err));
	return check_ca_usage(cert, purpose, err);
}

/* Each issued by the next; only the last by itself. */
static enum notar_code
check_links(const struct cert_list *chain, struct notar_error *err)
{
	size_t last = chain->count - 1;

	for (size_t i = 0; i < last; i++) {
		if (chain->certs[i]->is_self_signed)
			return broken(chain->certs[i],
				      "a self-signed certificate before the end of the chain", err);
		NOTAR_TRY(cert_is_issued_by(chain->certs[i], chain->certs[i + 1], err));
	}
	if (!chain->certs[last]->is_self_signed)
		return broken(chain->certs[last], "the chain does not end in a root", err);
	return cert_is_issued_by(chain->certs[last], chain->certs[last], err);
}

enum notar_code
chain_check(const struct cert_list *chain, enum chain_purpose purpose, struct notar_error *err)
{
	if (chain->count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "no certificates");
	NOTAR_TRY(check_links(chain, err));
	for (size_t i = 1; i < chain->count; i++)
		NOTAR_TRY(check_ca(chain->certs[i], i, purpose, err));
	return check_leaf(chain->certs[0], purpose, err);
}

enum notar_code
chain_check_validity(const struct cert_list *chain, int64_t from_s, int64_t to_s,
		     struct notar_error *err)
{
	char name[CERT_NAME_TEXT_BYTES];

	for (size_t i = 0; i < chain->count; i++) {
		const struct cert *cert = chain->certs[i];

		if (from_s < cert->not_before_s)
			return notar_fail(err, NOTAR_E_KEY, "certificate \"%s\" is not valid yet",
					  cert_name_text(cert, name));
		if (to_s > cert->not_after_s)
			return notar_fail(err, NOTAR_E_KEY, "certificate \"%s\" has expired",
					  cert_name_text(cert, name));
	}
	return NOTAR_OK;
}
