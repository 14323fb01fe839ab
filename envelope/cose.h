/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_COSE_H
#define ENVELOPE_COSE_H

#include "envelope/notary.h"

/* The Notary Project's COSE envelope: COSE_Sign1_Tagged (RFC 9052; specs/notary-project.md
 * section 6). Pure. As envelope/jws.h. */

NOTAR_MUST_USE enum notar_code
cose_parse(struct span bytes, struct notary_envelope *out, struct notar_error *err);

/* Appends the protected map's bytes, deterministically encoded. */
void cose_write_protected(const struct notary_draft *draft, struct buf *out);
/* Appends Sig_structure. */
void cose_write_tbs(struct span protected_map, struct span payload, struct buf *out);
/* Appends the envelope. timestamp may be empty. */
void cose_write(struct span protected_map, struct span payload, struct span signature,
		const struct cert_list *chain, struct span timestamp, const char *agent,
		struct buf *out);

#endif
