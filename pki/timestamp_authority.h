/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TIMESTAMP_AUTHORITY_H
#define PKI_TIMESTAMP_AUTHORITY_H

#include "pki/timestamp.h"
#include "pki/trusted_root.h"

/*
 * A timestamp against one authority of a trusted root (specs/sigstore.md section 4.10). Pure; the
 * token is read by the same code as the Notary Project's (pki/timestamp.h).
 *
 * stamp is a DER TimeStampResp, or the bare token. It may leave its certificates out: then the
 * signer is the authority's leaf. An authority with a leaf vouches by that certificate only.
 * Certificates are valid at genTime, whatever the time is now; the authority's own validity is
 * for the policy. *time_ms is genTime. The anchor need not be a root.
 *
 * NOTAR_E_SIGNATURE when it is not this authority's or breaks one of its rules, NOTAR_E_DIGEST when
 * it is over another message, NOTAR_E_FORMAT, and NOTAR_E_LIMIT above
 * LIMIT_BUNDLE_TIMESTAMP_BYTES.
 */
NOTAR_MUST_USE enum notar_code
timestamp_by(struct span stamp, struct span message, const struct root_authority *authority,
	     int64_t *time_ms, struct notar_error *err);

#endif
