/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/timestamp_internal.h"
#include "pki/trusted_root.h"

/* From a timestamp's signer to the anchor of an authority (specs/sigstore.md section 4.10). */

/* The bits of keyUsage (RFC 5280 section 4.2.1.3) that are asked for where there is one. */
#define USAGE_DIGITAL_SIGNATURE 0
#define USAGE_NON_REPUDIATION 1
#define USAGE_KEY_CERT_SIGN 5

/* As X509_get_ext_d2i says how an extension is there. */
#define ABSENT (-1)

/* The rules are asked as "what is wrong with this certificate"; NULL: nothing. */

/* An extension that is critical and not weighed here is to be refused (RFC 5280 section 4.2). */
static const char *
wrong_extension(const struct cert *cert)
{
	for (int i = 0; i < X509_get_ext_count(cert->x509); i++) {
		X509_EXTENSION *found = X509_get_ext(cert->x509, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(found));

		if (X509_EXTENSION_get_critical(found) && nid != NID_basic_constraints &&
		    nid != NID_key_usage && nid != NID_ext_key_usage &&
		    nid != NID_subject_alt_name && nid != NID_certificate_policies)
			return "a critical extension that is not known";
	}
	return NULL;
}

static const char *
wrong_time(const struct cert *cert, int64_t at_ms)
{
	if (at_ms < cert->not_before_s * 1000)
		return "not valid yet at the time of the timestamp";
	return at_ms > cert->not_after_s * 1000 ? "expired at the time of the timestamp" : NULL;
}

/* keyUsage may be absent; where it is there, one of two bits has to be. */
static const char *
wrong_usage(const struct cert *cert, int bit, int or_bit)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(asn1_bits, ASN1_BIT_STRING) *usage =
		X509_get_ext_d2i(cert->x509, NID_key_usage, &crit, NULL);

	if (usage == NULL)
		return crit == ABSENT ? NULL : "keyUsage cannot be read";
	return ASN1_BIT_STRING_get_bit(usage, bit) || ASN1_BIT_STRING_get_bit(usage, or_bit) ?
		       NULL :
		       "keyUsage does not allow what it does";
}

static const char *
wrong_leaf_purpose(const struct cert *cert)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(extended_key_usage, EXTENDED_KEY_USAGE) *found =
		X509_get_ext_d2i(cert->x509, NID_ext_key_usage, &crit, NULL);

	if (found == NULL || sk_ASN1_OBJECT_num(found) != 1 ||
	    OBJ_obj2nid(sk_ASN1_OBJECT_value(found, 0)) != NID_time_stamp)
		return "extendedKeyUsage is not timeStamping and nothing else";
	return crit == 1 ? NULL : "extendedKeyUsage is not critical";
}

static const char *
wrong_ca_purpose(const struct cert *cert)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(extended_key_usage, EXTENDED_KEY_USAGE) *found =
		X509_get_ext_d2i(cert->x509, NID_ext_key_usage, &crit, NULL);

	if (found == NULL)
		return crit == ABSENT ? NULL : "extendedKeyUsage cannot be read";
	for (int i = 0; i < sk_ASN1_OBJECT_num(found); i++) {
		int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(found, i));

		if (nid == NID_time_stamp || nid == NID_anyExtendedKeyUsage)
			return NULL;
	}
	return "extendedKeyUsage of a CA lacks timeStamping";
}

/* cas_below: how many CAs the path already has. */
static const char *
wrong_ca_constraints(const struct cert *cert, size_t cas_below)
{
	NOTAR_AUTO_PTR(basic_constraints, BASIC_CONSTRAINTS) *found =
		X509_get_ext_d2i(cert->x509, NID_basic_constraints, NULL, NULL);
	int64_t most = -1;

	if (found == NULL || found->ca == 0)
		return "it issues, but its basicConstraints do not say CA";
	if (found->pathlen != NULL && (ASN1_INTEGER_get_int64(&most, found->pathlen) != 1 ||
				       most < 0 || (uint64_t)most < cas_below))
		return "more CAs below it than its pathLenConstraint allows";
	return NULL;
}

/* Absent, or read as what it is; malformed or twice is not "no CA". */
static const char *
wrong_leaf_constraints(const struct cert *cert)
{
	int crit = ABSENT;
	NOTAR_AUTO_PTR(basic_constraints, BASIC_CONSTRAINTS) *found =
		X509_get_ext_d2i(cert->x509, NID_basic_constraints, &crit, NULL);

	if (found == NULL)
		return crit == ABSENT ? NULL : "basicConstraints cannot be read";
	return found->ca != 0 ? "it signs, but its basicConstraints say CA" : NULL;
}

static const char *
wrong_leaf(const struct cert *cert, int64_t at_ms)
{
	const char *wrong = wrong_extension(cert);

	if (wrong == NULL)
		wrong = wrong_leaf_constraints(cert);
	if (wrong == NULL)
		wrong = wrong_usage(cert, USAGE_DIGITAL_SIGNATURE, USAGE_NON_REPUDIATION);
	if (wrong == NULL)
		wrong = wrong_leaf_purpose(cert);
	return wrong != NULL ? wrong : wrong_time(cert, at_ms);
}

static const char *
wrong_ca(const struct cert *cert, size_t cas_below, int64_t at_ms)
{
	const char *wrong = wrong_extension(cert);

	if (wrong == NULL)
		wrong = wrong_ca_constraints(cert, cas_below);
	if (wrong == NULL)
		wrong = wrong_usage(cert, USAGE_KEY_CERT_SIGN, USAGE_KEY_CERT_SIGN);
	if (wrong == NULL)
		wrong = wrong_ca_purpose(cert);
	return wrong != NULL ? wrong : wrong_time(cert, at_ms);
}

static enum notar_code
refuse(const struct cert *cert, const char *wrong, struct notar_error *err)
{
	char name[CERT_NAME_TEXT_BYTES];

	ossl_forget_errors();
	return notar_fail(err, NOTAR_E_SIGNATURE, "certificate \"%s\": %s",
			  cert_name_text(cert, name), wrong);
}

/*
 * The walk to the anchor, breadth first: a certificate is reached with the fewest CAs below it, so
 * that asking its rules once is enough, and whoever made the token's certificates cannot make the
 * work more than each against each.
 */
#define REACHED_MAX (1 + 2 * LIMIT_CHAIN_CERTIFICATES)

struct walk {
	int64_t at_ms;
	struct {
		struct cert *cert;
		size_t cas_below; /* an issuer of it */
	} reached[REACHED_MAX];
	size_t count;
	const struct cert *refused; /* the last issuer that a rule kept out */
	const char *wrong;
};

static bool
is_reached(const struct walk *walk, const struct cert *cert)
{
	for (size_t i = 0; i < walk->count; i++)
		if (timestamp_is_same(walk->reached[i].cert, cert))
			return true;
	return false;
}

static void
reach_issuers(struct walk *walk, size_t from, const struct cert_list *among)
{
	struct cert *below = walk->reached[from].cert;
	size_t cas_below = walk->reached[from].cas_below;

	for (size_t i = 0; i < among->count && walk->count < REACHED_MAX; i++) {
		struct cert *issuer = among->certs[i];

		if (is_reached(walk, issuer) || cert_is_issued_by(below, issuer, NULL) != NOTAR_OK)
			continue;
		const char *wrong = wrong_ca(issuer, cas_below, walk->at_ms);

		if (wrong != NULL) {
			walk->refused = issuer;
			walk->wrong = wrong;
			continue;
		}
		walk->reached[walk->count].cert = issuer;
		walk->reached[walk->count++].cas_below = cas_below + 1;
	}
}

/* The authority's last certificate is the anchor, be it a root or not. */
enum notar_code
timestamp_check_path(struct cert *signer, const struct cert_list *inside,
		     const struct root_authority *authority, int64_t at_ms, struct notar_error *err)
{
	const struct cert *anchor = authority->chain.certs[authority->chain.count - 1];
	struct walk walk = { .at_ms = at_ms, .reached = { { signer, 0 } }, .count = 1 };
	const char *wrong = wrong_leaf(signer, at_ms);

	if (wrong != NULL)
		return refuse(signer, wrong, err);
	for (size_t i = 0; i < walk.count; i++) {
		if (timestamp_is_same(walk.reached[i].cert, anchor))
			return NOTAR_OK;
		reach_issuers(&walk, i, &authority->chain);
		reach_issuers(&walk, i, inside);
	}
	return walk.refused != NULL ? refuse(walk.refused, walk.wrong, err) :
				      refuse(signer, "it does not lead to this authority", err);
}
