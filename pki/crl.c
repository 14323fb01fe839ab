/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "pki/asn1.h"
#include "pki/revocation.h"

NOTAR_AUTO_FOREIGN(x509_crl, X509_CRL, X509_CRL_free)
NOTAR_AUTO_FOREIGN(crl_integer, ASN1_INTEGER, ASN1_INTEGER_free)
NOTAR_AUTO_FOREIGN(crl_enumerated, ASN1_ENUMERATED, ASN1_ENUMERATED_free)
NOTAR_AUTO_FOREIGN(crl_time, ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)
NOTAR_AUTO_FOREIGN(crl_point, ISSUING_DIST_POINT, ISSUING_DIST_POINT_free)

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
	NOTAR_AUTO_PTR(crl_point, ISSUING_DIST_POINT) *point =
		X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);

	if (point != NULL && point->indirectCRL)
		return ossl_fail(err, NOTAR_E_UNSUPPORTED, "an indirect list");
	return NOTAR_OK;
}

static bool
is_strong_hash(const X509_CRL *crl)
{
	int hash = NID_undef, key = NID_undef;

	return OBJ_find_sigid_algs(X509_CRL_get_signature_nid(crl), &hash, &key) == 1 &&
	       hash != NID_md5 && hash != NID_sha1;
}

static enum notar_code
open_list(struct span der, const struct cert *issuer, int64_t now_s, X509_CRL **out,
	  struct revocation_answer *times, struct notar_error *err)
{
	const uint8_t *at = der.ptr;
	EVP_PKEY *key = X509_get0_pubkey(issuer->x509);
	int64_t this_s, next_s;

	ossl_start();
	if (der.len == 0 || der.len > LIMIT_CRL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a list of %zu bytes", der.len);
	*out = d2i_X509_CRL(NULL, &at, (long)der.len);
	if (*out == NULL || at != der.ptr + der.len)
		return ossl_fail(err, NOTAR_E_FORMAT, "no CRL");
	if (X509_NAME_cmp(X509_CRL_get_issuer(*out), X509_get_subject_name(issuer->x509)) != 0 ||
	    key == NULL || !is_strong_hash(*out) || X509_CRL_verify(*out, key) != 1)
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
	return check_extensions(*out, err);
}

/* base's number is at least what the delta builds on, and the delta's is higher. */
static enum notar_code
check_delta(const X509_CRL *base, const X509_CRL *delta, struct notar_error *err)
{
	NOTAR_AUTO_PTR(crl_integer, ASN1_INTEGER) *base_number =
		X509_CRL_get_ext_d2i(base, NID_crl_number, NULL, NULL);
	NOTAR_AUTO_PTR(crl_integer, ASN1_INTEGER) *number =
		X509_CRL_get_ext_d2i(delta, NID_crl_number, NULL, NULL);
	NOTAR_AUTO_PTR(crl_integer, ASN1_INTEGER) *from =
		X509_CRL_get_ext_d2i(delta, NID_delta_crl, NULL, NULL);

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
	} else if (at_s >= tally->held_at_s) {
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

	NOTAR_TRY(open_list(base, issuer, now_s, &full, &answer, err));
	if (X509_CRL_get_ext_by_NID(full, NID_delta_crl, -1) >= 0)
		return ossl_fail(err, NOTAR_E_FORMAT, "a delta list where its base should be");
	NOTAR_TRY(add_list(full, cert, &tally, err));
	if (delta.len > 0) {
		NOTAR_TRY(open_list(delta, issuer, now_s, &more, &answer, err));
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
