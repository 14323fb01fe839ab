/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_TSA_H
#define SYNC_TSA_H

#include "pki/cert.h"

/*
 * sync/: what goes out and fetches for trust: timestamps and revocation. Everything pure about
 * them is in pki/.
 *
 * Asks a timestamp authority for a token over `message` (specs/notary-project.md section 10.1)
 * and checks it at once: over these bytes, and leading to this root. Blocks, at most until the
 * deadline. The token is appended as it was received. NOTAR_E_NET, NOTAR_E_TIMEOUT,
 * NOTAR_E_FORMAT and so on: any failure is the signing's.
 */
struct tsa_options {
	const char *url;
	const struct cert *root;
	const char *ca_file; /* for https; NULL: the system's */
	int64_t deadline_ms;
};

NOTAR_MUST_USE enum notar_code tsa_stamp(const struct tsa_options *options, struct span message,
					 struct buf *token, struct notar_error *err);

/*
 * The whole TimeStampResp, as Sigstore's bundles keep it (specs/sigstore.md section 6.5). Compared
 * with the request only (status, nonce, imprint): options->root is not looked at, and whose token
 * it is shows when the finished bundle is verified.
 */
NOTAR_MUST_USE enum notar_code
tsa_stamp_reply(const struct tsa_options *options, struct span message, struct buf *reply,
		struct notar_error *err);

#endif
