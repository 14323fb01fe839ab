/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_BUNDLE_H
#define ENVELOPE_BUNDLE_H

#include "envelope/dsse.h"
#include "envelope/proof_material.h"
#include "notar/digest.h"

/* Sigstore bundles (protobuf JSON; specs/sigstore.md sections 2.2, 4.1, 4.2 and 8.1). Pure. */

#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"
#define BUNDLE_TYPE_PREFIX "application/vnd.dev.sigstore.bundle"

enum bundle_material { BUNDLE_PUBLIC_KEY = 1, BUNDLE_CERTIFICATE };

struct bundle {
	enum bundle_material material;
	struct buf hint; /* publicKey.hint as written; a hint, never trusted */
	struct proof_material proof;
	bool is_dsse;
	struct dsse dsse;
	struct buf message_signature;       /* decoded, when not DSSE */
	struct notar_digest message_digest; /* sha256 or sha512; NONE when absent */
};

void bundle_release(struct bundle *bundle);

NOTAR_MUST_USE enum notar_code
bundle_parse(struct span bytes, struct bundle *out, struct notar_error *err);

/* Appends a bundle of a DSSE envelope made with a key. key_id is SHA-256 of its SPKI. */
void
bundle_write_dsse(struct span key_id, struct span payload, struct span signature, struct buf *out);

/* Appends a bundle of a signature over a blob with this digest. */
void bundle_write_message(struct span key_id, const struct notar_digest *digest,
			  struct span signature, struct buf *out);

#endif
