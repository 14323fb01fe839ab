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

static inline struct span
timestamp_string(const ASN1_STRING *string)
{
	if (string == NULL)
		return (struct span){ 0 };
	return span_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

#endif
