/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_KEYLESS_MAKER_H
#define SIGNER_KEYLESS_MAKER_H

#include "notar/digest.h"
#include "notar/sign.h"
#include "signer/keyless.h"

/* What keyless signatures are made with, read once for any number of them. Each is verified as
 * `notar verify` would before anybody gets it (specs/sigstore.md section 6.1). */
struct keyless_maker;
void keyless_maker_free(struct keyless_maker *maker);
NOTAR_AUTO_DEFINE(keyless_maker)

/* NOTAR_E_CONFIG for documents that cannot be used, and services that would give no signature that
 * can ever be verified. Nobody is asked yet. */
NOTAR_MUST_USE enum notar_code
keyless_maker_new(const struct notar_keyless *how, struct keyless_maker **out,
		  struct notar_error *err);

/* Appends a bundle over a statement about this digest, or over the blob that has it. Blocks on the
 * services. NOTAR_E_SIGNATURE when what they gave does not hold. */
NOTAR_MUST_USE enum notar_code
keyless_maker_sign(const struct keyless_maker *maker, enum keyless_content content,
		   struct span payload, const struct notar_digest *digest, struct buf *bundle,
		   struct notar_error *err);

#endif
