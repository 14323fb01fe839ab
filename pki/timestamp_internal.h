/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TIMESTAMP_INTERNAL_H
#define PKI_TIMESTAMP_INTERNAL_H

#include <openssl/cms.h>
#include <openssl/ts.h>

#include "pki/asn1.h"
#include "pki/timestamp.h"

/* What is inside a token, for replies (which compare it with the request) and for verification. */

NOTAR_AUTO_FOREIGN(cms, CMS_ContentInfo, CMS_ContentInfo_free)
NOTAR_AUTO_FOREIGN(tst_info, TS_TST_INFO, TS_TST_INFO_free)

/* SHA-256, -384 and -512; false for every other algorithm. */
bool timestamp_hash_of(const X509_ALGOR *algorithm, enum ossl_hash *out);

/* The token at the start of bytes, which may go on: signed TSTInfo, not yet verified.
 * *used says how many bytes it takes. */
NOTAR_MUST_USE enum notar_code
timestamp_open(struct span bytes, CMS_ContentInfo **out, size_t *used, struct notar_error *err);

/* The signed bytes, borrowed from cms; empty when they are not inside. */
struct span timestamp_content(CMS_ContentInfo *cms);

/* TSTInfo of version 1 and nothing behind it, without critical extensions. */
NOTAR_MUST_USE enum notar_code
timestamp_info(struct span content, TS_TST_INFO **out, struct notar_error *err);

/* The hash's algorithm and bytes that TSTInfo says the message has; false when either is none. */
bool timestamp_imprint(TS_TST_INFO *info, enum ossl_hash *hash, struct span *imprint);

/* genTime and its accuracy, as in struct timestamp. */
NOTAR_MUST_USE enum notar_code
timestamp_time(TS_TST_INFO *info, int64_t *from_s, int64_t *to_s, struct notar_error *err);

/* genTime itself in milliseconds since 1970; finer fractions are cut. */
NOTAR_MUST_USE enum notar_code
timestamp_gen_time(TS_TST_INFO *info, int64_t *out_ms, struct notar_error *err);

/* Whether the imprint is message's. NOTAR_E_DIGEST when it is not. */
NOTAR_MUST_USE enum notar_code
timestamp_check_imprint(TS_TST_INFO *info, struct span message, struct notar_error *err);

/* The granted token inside a TimeStampResp, opened; nothing of it is compared. Borrowed from reply.
 * NOTAR_E_NET for a refusal: its words are in the message. */
NOTAR_MUST_USE enum notar_code timestamp_unwrap(struct span reply, CMS_ContentInfo **cms,
						struct span *token, struct notar_error *err);

/* The certificates inside a token, of which there may be none. Appends. */
NOTAR_MUST_USE enum notar_code timestamp_certs(CMS_ContentInfo *cms, struct span token,
					       struct cert_list *out, struct notar_error *err);

/* The only signer; borrowed from cms. */
NOTAR_MUST_USE enum notar_code
timestamp_signer(CMS_ContentInfo *cms, CMS_SignerInfo **out, struct notar_error *err);
/* Whether the signer says it is this certificate. */
bool timestamp_is_signer(CMS_SignerInfo *signer, const struct cert *cert);
/* The place of the first that it says it is, or certs->count. That one is for every check to come:
 * of two with the same issuer and serial one could otherwise make the signature in the other's name
 * (CVE-2026-39984 was of this kind). */
size_t timestamp_find_signer(CMS_SignerInfo *signer, const struct cert_list *certs);

/* Which attribute has to bind the signer's certificate. ANY: at least one of the two, and each that
 * is there has to match. */
enum timestamp_ess { TIMESTAMP_ESS_V2, TIMESTAMP_ESS_ANY };

NOTAR_MUST_USE enum notar_code timestamp_check_ess(CMS_SignerInfo *signer, const struct cert *cert,
						   enum timestamp_ess ess, struct notar_error *err);

/* The signature by that certificate's key over content, with all that has to be signed. Whether the
 * certificate is the signer's has been asked before (timestamp_is_signer). */
NOTAR_MUST_USE enum notar_code
timestamp_check_signature(CMS_SignerInfo *signer, const struct cert *cert, struct span content,
			  enum timestamp_ess ess, struct notar_error *err);

/* The value of a signed attribute that must be there once, with one value of this type; or NULL. */
const void *timestamp_attribute(CMS_SignerInfo *signer, int nid, int type);
bool timestamp_has_hash(struct span bytes, const EVP_MD *hash, struct span want);

/* From the signer to the authority's last certificate, over its certificates and those inside the
 * token: signatures, what each may do, and that each is valid then. NOTAR_E_SIGNATURE. */
struct root_authority;
NOTAR_MUST_USE enum notar_code
timestamp_check_path(struct cert *signer, const struct cert_list *inside,
		     const struct root_authority *authority, int64_t at_ms,
		     struct notar_error *err);

static inline bool
timestamp_is_same(const struct cert *a, const struct cert *b)
{
	return memcmp(a->thumbprint, b->thumbprint, sizeof(a->thumbprint)) == 0;
}

static inline struct span
timestamp_string(const ASN1_STRING *string)
{
	if (string == NULL)
		return (struct span){ 0 };
	return span_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

#endif
