/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_DSSE_H
#define ENVELOPE_DSSE_H

#include "base/json.h"

/* DSSE envelopes (secure-systems-lab DSSE v1; specs/sigstore.md section 2.1). Pure. */

#define DSSE_TYPE_INTOTO "application/vnd.in-toto+json"

/* Owned bytes; nothing borrows from the JSON it was read from. */
struct dsse {
	struct buf payload; /* decoded: the bytes that were signed, inside the PAE */
	struct buf payload_type;
	struct buf signature; /* decoded; exactly one is allowed */
};

void dsse_release(struct dsse *dsse);

/* From a JSON object. Exactly one signature, non-empty; unknown members are refused. */
NOTAR_MUST_USE enum notar_code
dsse_read(const struct json *at, struct dsse *out, struct notar_error *err);

/* Appends the pre-authentication encoding: "DSSEv1 <len> <type> <len> <payload>". */
void dsse_pae(struct span payload_type, struct span payload, struct buf *out);

/* Appends the envelope as JSON. */
void
dsse_write(struct span payload_type, struct span payload, struct span signature, struct buf *out);

#endif
