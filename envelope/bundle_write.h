/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_BUNDLE_WRITE_H
#define ENVELOPE_BUNDLE_WRITE_H

#include "envelope/bundle.h"

/* Bundles 0.3 of keyless signatures (specs/sigstore.md section 2.2). Pure. */

/* What goes beside the signature; everything is borrowed. */
struct bundle_material_parts {
	struct span leaf;           /* DER; its issuers stay outside */
	const struct span *entries; /* each the JSON of an element of tlogEntries */
	size_t entry_count;
	const struct span *stamps; /* each the DER of a TimeStampResp */
	size_t stamp_count;
};

/* Appends a bundle of a DSSE envelope over an in-toto statement. */
void bundle_write_keyless_dsse(const struct bundle_material_parts *parts, struct span payload,
			       struct span signature, struct buf *out);

/* Appends a bundle of a signature over a blob with this digest. */
void bundle_write_keyless_message(const struct bundle_material_parts *parts,
				  const struct notar_digest *digest, struct span signature,
				  struct buf *out);

#endif
