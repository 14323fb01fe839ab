/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SCT_H
#define PKI_SCT_H

#include "pki/trusted_root.h"

/* Signed certificate timestamps inside a certificate (RFC 6962; specs/sigstore.md section 4.5).
 * Pure. */

struct sct_found {
	const struct root_log *log;
	int64_t time_ms;
};
#define SCT_MAX 16

/*
 * Which logs of these roots have seen the leaf: the certificate that its log signed is rebuilt by
 * taking out the one extension. Found are SCTs of known logs whose signature holds, whenever they
 * are from: whether that is within the log's validity is weighed by the policy. Two of the same log
 * count once (CVE-2026-49834), and so do two places in one root with the same id; the same id under
 * another address in another root is another identity, and found too. None at all is NOTAR_OK with
 * *count 0.
 *
 * NOTAR_E_FORMAT for a malformed list, NOTAR_E_LIMIT for one of over SCT_MAX, NOTAR_E_SIGNATURE for
 * a known log's signature that holds under none of the roots.
 */
NOTAR_MUST_USE enum notar_code
sct_verify(const struct cert *leaf, const struct cert *issuer, const struct trusted_roots *roots,
	   struct sct_found found[SCT_MAX], size_t *count, struct notar_error *err);

/* Appends the leaf's TBSCertificate without the SCT extension, lengths rewritten. An empty `list`,
 * and nothing appended, when there is none. list borrows from the leaf: the contents of the TLS
 * SignedCertificateTimestampList. NOTAR_E_FORMAT. For tests, too. */
NOTAR_MUST_USE enum notar_code sct_precertificate(const struct cert *leaf, struct buf *tbs,
						  struct span *list, struct notar_error *err);

#endif
