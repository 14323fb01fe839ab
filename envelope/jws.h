/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_JWS_H
#define ENVELOPE_JWS_H

#include "envelope/notary.h"

/* The Notary Project's JWS envelope: RFC 7515 flattened JSON (specs/notary-project.md section 5).
 * Pure. Reading checks everything that can be seen without a key: form, crit, scheme, times, that
 * content type and algorithm are known. The signature is checked by whoever judges. */

NOTAR_MUST_USE enum notar_code
jws_parse(struct span bytes, struct notary_envelope *out, struct notar_error *err);

/* Appends the protected header's base64url. */
void jws_write_protected(const struct notary_draft *draft, struct buf *out);
/* Appends the bytes to be signed: protected, '.', base64url of the payload. */
void jws_write_tbs(struct span protected_b64, struct span payload, struct buf *out);
/* Appends the envelope. timestamp may be empty. */
void
jws_write(struct span protected_b64, struct span payload, struct span signature,
	  const struct cert_list *chain, struct span timestamp, const char *agent, struct buf *out);

#endif
