/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_REVOCATION_H
#define PKI_REVOCATION_H

#include "pki/cert.h"

/*
 * What an OCSP answer or a CRL says about one certificate (specs/notary-project.md section 15).
 * Pure; fetching and keeping them is sync/'s business.
 */
enum revocation_status {
	REVOCATION_UNKNOWN = 0, /* nobody could say: the check fails */
	REVOCATION_GOOD,
	REVOCATION_NOT_REVOCABLE, /* names neither responder nor list; or a root */
	REVOCATION_REVOKED,
};

struct revocation_answer {
	enum revocation_status status;
	int64_t revoked_s;     /* when REVOKED */
	int64_t invalidity_s;  /* invalidityDate where it states one; else 0 */
	int64_t this_update_s; /* of the oldest document used; 0: none was */
	int64_t next_update_s; /* of the first to run out; 0: never */
};

#define REVOCATION_URLS 4
#define REVOCATION_URL_BYTES 1024
struct revocation_urls {
	char ocsp[REVOCATION_URLS][REVOCATION_URL_BYTES];
	size_t ocsp_count;
	char crl[REVOCATION_URLS][REVOCATION_URL_BYTES];
	size_t crl_count;
	/* https, ldap, too many, too long: what cannot be asked */
	bool has_other_ocsp, has_other_crl;
	bool has_freshest_crl;
};
/* Where a certificate says to ask (AIA OCSP, CRL distribution points; http only). */
void revocation_urls(const struct cert *cert, struct revocation_urls *out);

/* False for what names nobody to ask, and for roots. */
bool revocation_is_possible(const struct cert *cert);

/* Appends the DER of an OCSPRequest (SHA-1 CertID, no nonce). */
NOTAR_MUST_USE enum notar_code ocsp_request(const struct cert *cert, const struct cert *issuer,
					    struct buf *out, struct notar_error *err);

/* UNKNOWN with NOTAR_OK: validly signed, and says so. An error: this answer says nothing. */
NOTAR_MUST_USE enum notar_code
ocsp_judge(struct span response, const struct cert *cert, const struct cert *issuer, int64_t now_s,
	   struct revocation_answer *out, struct notar_error *err);

/* Where the base CRL says that its deltas are; as in revocation_urls. */
NOTAR_MUST_USE enum notar_code
crl_freshest(struct span base, struct revocation_urls *out, struct notar_error *err);

/* What a list says of its own time, whoever signed it. */
NOTAR_MUST_USE enum notar_code
crl_next_update(struct span list, int64_t *out_s, struct notar_error *err);

/* delta may be empty. An error: these lists say nothing (wrong signer, stale, an extension
 * that cannot be understood). */
NOTAR_MUST_USE enum notar_code
crl_judge(struct span base, struct span delta, const struct cert *cert, const struct cert *issuer,
	  int64_t now_s, struct revocation_answer *out, struct notar_error *err);

#endif
