/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_PROOF_MATERIAL_H
#define ENVELOPE_PROOF_MATERIAL_H

#include "envelope/log_entry.h"
#include "oci/manifest.h"

/*
 * What stands beside a signature and vouches for it: a certificate, log entries, timestamps. From a
 * bundle or from cosign's annotations, and from here on the same (CVE-2026-22703). Nothing in it
 * has been checked but its form. Pure.
 */
struct proof_material {
	struct cert *certificate; /* NULL: made with a key that is known otherwise */
	struct log_entry *entries;
	size_t entry_count;
	struct buf *timestamps; /* each a TimeStampResp, or a bare token */
	size_t timestamp_count;
	bool wants_proof; /* entries need inclusion proofs; else promises */
};
void proof_material_release(struct proof_material *material);

/* Of bundle types; what each demands is in specs/sigstore.md section 2.2. */
enum bundle_version { BUNDLE_V01 = 1, BUNDLE_V02, BUNDLE_V03 };

/* Of verificationMaterial: all but publicKey, which the caller has found not to be there together
 * with a certificate. NOTAR_E_FORMAT, NOTAR_E_LIMIT (CVE-2024-45395). */
NOTAR_MUST_USE enum notar_code
proof_material_read(const struct json *at, enum bundle_version version, struct proof_material *out,
		    struct notar_error *err);

/* Of the annotations of a classic layer; an absent one is nothing. */
#define PROOF_CERTIFICATE_ANNOTATION "dev.sigstore.cosign/certificate"
#define PROOF_BUNDLE_ANNOTATION "dev.sigstore.cosign/bundle"
#define PROOF_TIMESTAMP_ANNOTATION "dev.sigstore.cosign/rfc3161timestamp"
NOTAR_MUST_USE enum notar_code
proof_material_of_layer(const struct descriptor *layer, struct proof_material *out,
			struct notar_error *err);

#endif
