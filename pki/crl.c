/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/asn1.h"
#include "pki/revocation.h"

NOTAR_AUTO_FOREIGN(x509_crl, X509_CRL, X509_CRL_free)
NOTAR_AUTO_FOREIGN(crl_integer, ASN1_INTEGER, ASN1_INTEGER_free)
NOTAR_AUTO_FOREIGN(crl_enumerated, ASN1_ENUMERATED, ASN1_ENUMERATED_free)
NOTAR_AUTO_FOREIGN(crl_time, ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)
NOTAR_AUTO_FOREIGN(crl_scope, ISSUING_DIST_POINT, ISSUING_DIST_POINT_free)
NOTAR_AUTO_FOREIGN(crl_places, CRL_DIST_POINTS, CRL_DIST_POINTS_free)

#define CLOCK_SKEW_S 300
#define REASON_HOLD 6
#define REASON_REMOVE 8

static enum notar_code
check_extensions(const X509_CRL *crl, struct notar_error *err)
{
	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
		X509_EXTENSION *ext = X509_CRL_get_ext(crl, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));

		if (X509_EXTENSION_get_critical(ext) && nid != NID_issuing_distribution_point &&
		    nid != NID_delta_crl)
			return ossl_fail(err, NOTAR_E_UNSUPPORTED,
					 "a critical extension that is not known");
	}
	return NOTAR_OK;
}

/* Whether two distribution points have a name in common. */
static bool
shares_name(const GENERAL_NAMES *a, const GENERAL_NAMES *b)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(a); i++)
		for (int k = 0; k < sk_GENERAL_NAME_num(b); k++)
			if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(a, i),
					     sk_GENERAL_NAME_value(b, k)) == 0)
				return true;
	return false;
}

static bool
names_list(const struct cert *cert, const DIST_POINT_NAME *list)
{
	NOTAR_AUTO_PTR(crl_places, CRL_DIST_POINTS) *places =
		X509_get_ext_d2i(cert->x509, NID_crl_distribution_points, NULL, NULL);

	if (list->type != 0) /* relative to the issuer's name: nobody writes those */
		return false;
	for (int i = 0; places != NULL && i < sk_DIST_POINT_num(places); i++) {
		const DIST_POINT_NAME *place = sk_DIST_POINT_value(places, i)->distpoint;

		if (place != NULL && place->type == 0 &&
		    shares_name(place->name.fullname, list->name.fullname))
			return true;
	}
	return false;
}

/*
 * A list may hold a part of what its issuer revoked (RFC 5280 section 5.2.5). They all have the
 * same signer and come over plain http, so another part could be put in this one's place: it
 * must cover this very certificate.
 */
static enum notar_code
check_scope(const X509_CRL *crl, const struct cert *cert, struct notar_error *err)
{
	int found = -1;
	NOTAR_AUTO_PTR(crl_scope, ISSUING_DIST_POINT) *scope =
		X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &found, NULL);

	if (scope == NULL)
		return found == -1 ? NOTAR_OK :
				     ossl_fail(err, NOTAR_E_FORMAT, "its scope cannot be read");
	if (scope->indirectCRL || scope->onlysomereasons != NULL)
		return ossl_fail(err, NOTAR_E_UNSUPPORTED,
				 "an indirect list, or one of some reasons only");
	if (scope->onlyattr || (cert_is_ca(cert) ? scope->onlyuser : scope->onlyCA) ||
	    (scope->distpoint != NULL && !names_list(cert, scope->distpoint)))
		return ossl_fail(err, NOTAR_E_FORMAT, "a list of other certificates");
	return NOTAR_OK;
}

static const ASN1_OCTET_STRING *
scope_bytes(const X509_CRL *crl)
{
	int at = X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1);

	return at < 0 ? NULL : X509_EXTENSION_get_data(X509_CRL_get_ext(crl, at));
}

static bool
is_issuers(X509_CRL *crl, const struct cert *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);
	const X509_ALGOR *algorithm = NULL;

	X509_CRL_get0_signature(crl, NULL, &algorithm);
	/* All bits are set where there is no keyUsage. */
	return X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(issuer->x509)) == 0 &&
	       (X509_get_key_usage(issuer->x509) & KU_CRL_SIGN) != 0 && key != NULL &&
	       asn1_is_strong_signature(algorithm) && X509_CRL_verify(crl, key) == 1;
}

static enum notar_code
open_list(struct span der, const struct cert *cert, const struct cert *issuer, int64_t now_s,
	  X509_CRL **out, struct revocation_answer *times, struct notar_error *err)
{
	const uint8_t *at = der.ptr;
	int64_t this_s, next_s;

	ossl_start();
	if (der.len == 0 || der.len > LIMIT_CRL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a list of %zu bytes", der.len);
	*out = d2i_X509_CRL(NULL, &at, (long)der.len);
	if (*out == NULL || at != der.ptr + der.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "no CRL");
	if (!is_issuers(*out, issuer))
		return ossl_fail(err, NOTAR_E_SIGNATURE, "the list is not the issuer's");
	if (!asn1_time_seconds(X509_CRL_get0_lastUpdate(*out), &this_s) ||
	    !asn1_time_seconds(X509_CRL_get0_nextUpdate(*out), &next_s))
		return ossl_fail(err, NOTAR_E_FORMAT, "no thisUpdate or no nextUpdate");
	if (next_s < now_s || this_s > now_s + CLOCK_SKEW_S)
		return notar_fail(err, NOTAR_E_FORMAT, "the list is out of date, or not yet valid");
	if (times->this_update_s == 0 || this_s < times->this_update_s)
		times->this_update_s = this_s;
	if (times->next_update_s == 0 || next_s < times->next_update_s)
		times->next_update_s = next_s;
	NOTAR_TRY(check_extensions(*out, err));
	return check_scope(*out, cert, err);
}

/* base's number is at least what the delta builds on, and the delta's is higher; both are about
 * the same certificates. */
static enum notar_code
check_delta(const X509_CRL *base, const X509_CRL *delta, struct notar_error *err)
{
	NOTAR_AUTO_PTR(crl_integer, ASN1_INTEGER) *base_number =
		X509_CRL_get_ext_d2i(base, NID_crl_number, NULL, NULL);
	NOTAR_AUTO_PTR(crl_integer, ASN1_INTEGER) *number =
		X509_CRL_get_ext_d2i(delta, NID_crl_number, NULL, NULL);
	NOTAR_AUTO_PTR(crl_integer, ASN1_INTEGER) *from =
		X509_CRL_get_ext_d2i(delta, NID_delta_crl, NULL, NULL);

	const ASN1_OCTET_STRING *scope = scope_bytes(base), *delta_scope = scope_bytes(delta);

	if ((scope == NULL) != (delta_scope == NULL) ||
	    (scope != NULL && ASN1_OCTET_STRING_cmp(scope, delta_scope) != 0))
		return ossl_fail(err, NOTAR_E_FORMAT, "the delta list is of other certificates");
	if (base_number == NULL || number == NULL || from == NULL ||
	    ASN1_INTEGER_cmp(number, base_number) <= 0 || ASN1_INTEGER_cmp(from, base_number) > 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "the delta list does not fit its base");
	return NOTAR_OK;
}

/* What the entries for one serial amount to so far (section 15.2). */
struct tally {
	bool revoked;      /* for good */
	bool held;         /* by the latest of hold and remove */
	int64_t held_at_s; /* of that */
	int64_t revoked_s, invalidity_s;
};

static enum notar_code
add_entry(X509_REVOKED *entry, struct tally *tally, struct notar_error *err)
{
	for (int i = 0; i < X509_REVOKED_get_ext_count(entry); i++) {
		X509_EXTENSION *ext = X509_REVOKED_get_ext(entry, i);

		if (X509_EXTENSION_get_critical(ext) &&
		    OBJ_obj2nid(X509_EXTENSION_get_object(ext)) != NID_invalidity_date)
			return ossl_fail(err, NOTAR_E_UNSUPPORTED,
					 "a critical extension of its entry is not known");
	}
	NOTAR_AUTO_PTR(crl_enumerated, ASN1_ENUMERATED) *reason =
		X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	NOTAR_AUTO_PTR(crl_time, ASN1_GENERALIZEDTIME) *invalid =
		X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
	int64_t code = 0, at_s = 0, invalidity_s = 0;

	(void)asn1_time_seconds(X509_REVOKED_get0_revocationDate(entry), &at_s);
	(void)asn1_time_seconds(invalid, &invalidity_s);
	if (reason != NULL && ASN1_ENUMERATED_get_int64(&code, reason) != 1)
		code = 0;
	if (code != REASON_HOLD && code != REASON_REMOVE) {
		/* Of several the one that reaches back furthest. */
		if (!tally->revoked || invalidity_s < tally->invalidity_s)
			tally->invalidity_s = invalidity_s;
		tally->revoked = true;
		tally->revoked_s = at_s;
	} else if (at_s > tally->held_at_s || (at_s == tally->held_at_s && code == REASON_HOLD)) {
		tally->held = code == REASON_HOLD;
		tally->held_at_s = at_s;
	}
	return NOTAR_OK;
}

/* All of them: a serial may stand there several times. */
static enum notar_code
add_list(X509_CRL *crl, const struct cert *cert, struct tally *tally, struct notar_error *err)
{
	const STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert->x509);

	for (int i = 0; entries != NULL && i < sk_X509_REVOKED_num(entries); i++) {
		X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);

		if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), serial) == 0)
			NOTAR_TRY(add_entry(entry, tally, err));
	}
	return NOTAR_OK;
}

enum notar_code
crl_judge(struct span base, struct span delta, const struct cert *cert, const struct cert *issuer,
	  int64_t now_s, struct revocation_answer *out, struct notar_error *err)
{
	struct revocation_answer answer = { .status = REVOCATION_GOOD };
	NOTAR_AUTO_PTR(x509_crl, X509_CRL) *full = NULL;
	NOTAR_AUTO_PTR(x509_crl, X509_CRL) *more = NULL;
	struct tally tally = { .held_at_s = INT64_MIN };

	NOTAR_TRY(open_list(base, cert, issuer, now_s, &full, &answer, err));
	if (X509_CRL_get_ext_by_NID(full, NID_delta_crl, -1) >= 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "a delta list where its base should be");
	NOTAR_TRY(add_list(full, cert, &tally, err));
	if (delta.len > 0) {
		NOTAR_TRY(open_list(delta, cert, issuer, now_s, &more, &answer, err));
		NOTAR_TRY(check_delta(full, more, err));
		NOTAR_TRY(add_list(more, cert, &tally, err));
	}
	if (tally.revoked || tally.held) {
		answer.status = REVOCATION_REVOKED;
		answer.revoked_s = tally.revoked ? tally.revoked_s : tally.held_at_s;
		answer.invalidity_s = tally.revoked ? tally.invalidity_s : 0;
	}
	ossl_forget_errors();
	*out = answer;
	return NOTAR_OK;
}

enum notar_code
crl_next_update(struct span list, int64_t *out_s, struct notar_error *err)
{
	const uint8_t *at = list.ptr;

	if (list.len == 0 || list.len > LIMIT_CRL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a list of %zu bytes", list.len);
	NOTAR_AUTO_PTR(x509_crl, X509_CRL) *crl = d2i_X509_CRL(NULL, &at, (long)list.len);

	if (crl == NULL || !asn1_time_seconds(X509_CRL_get0_nextUpdate(crl), out_s))
		return ossl_fail(err, NOTAR_E_FORMAT, "no CRL, or no nextUpdate");
	return NOTAR_OK;
}
