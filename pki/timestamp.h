/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TIMESTAMP_H
#define PKI_TIMESTAMP_H

#include "notar/digest.h"
#include "pki/cert.h"

/*
 * RFC 3161 timestamps: requests, replies and tokens (specs/notary-project.md section 10;
 * specs/sigstore.md where it speaks of RFC 3161). Shared by Notary Project and Sigstore
 * signatures. Pure: whoever speaks to a TSA is elsewhere.
 */

/* Bytes of a nonce that a request carries: positive, random. */
#define TIMESTAMP_NONCE_BYTES 16

/* Appends a TimeStampReq over a digest (SHA-256 or -512), certReq TRUE. */
NOTAR_MUST_USE enum notar_code
timestamp_request(const struct notar_digest *imprint, const uint8_t nonce[TIMESTAMP_NONCE_BYTES],
		  struct buf *out, struct notar_error *err);

/* The token of a TimeStampResp, exactly as received (BER possible): status, nonce, imprint and
 * version have been compared; the token itself is for timestamp_verify. Borrowed from reply. */
NOTAR_MUST_USE enum notar_code
timestamp_reply(struct span reply, const struct notar_digest *imprint,
		const uint8_t nonce[TIMESTAMP_NONCE_BYTES], struct span *token,
		struct notar_error *err);

/* What a token proves. */
struct timestamp {
	int64_t from_s, to_s; /* genTime minus and plus its accuracy, widened to whole seconds */
	/* The TSA's certificates inside the token, signer first, as far up as they lead; each
	 * issued by the next. Ends in a root when the token holds it. */
	struct cert_list chain;
};
void timestamp_release(struct timestamp *timestamp);

/*
 * Checks a token over `message` (the imprint's hash is the token's own choice among SHA-256,
 * -384, -512): CMS signature, content type, signed attributes, signing-certificate-v2 required
 * and matching, TSTInfo version and imprint, exactly one signer. Whether the chain leads to a
 * root that anybody trusts: timestamp_anchor. NOTAR_E_FORMAT, NOTAR_E_SIGNATURE, NOTAR_E_DIGEST.
 */
NOTAR_MUST_USE enum notar_code timestamp_verify(struct span token, struct span message,
						struct timestamp *out, struct notar_error *err);

/*
 * Whether the token's chain leads to this root (a self-signed CA), under the timestamping rules
 * of pki/chain.h and at the time of the token; the root may itself be in the chain or issue any
 * certificate of it. *out gets the chain with its root, for the revocation check; owned.
 */
NOTAR_MUST_USE enum notar_code
timestamp_anchor(const struct timestamp *timestamp, const struct cert *root, struct cert_list *out,
		 struct notar_error *err);

#endif
