/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_PROOFS_H
#define ENVELOPE_PROOFS_H

#include "envelope/proof_material.h"
#include "pki/fulcio.h"

/*
 * What stands beside a signature, checked (specs/sigstore.md sections 4.4 to 4.10) against all
 * roots that anybody of the policy trusts: everything that holds, each by an identity of
 * pki/trusted_root.h. Which of it counts, today, the policy says (trust/evaluate_keyless.h). Pure;
 * never a call to a service.
 */
struct proofs {
	struct buf paths, logs, scts, times, extensions; /* as in a fact */
	struct fulcio_identity identity;                 /* borrows from the certificate */
};
void proofs_release(struct proofs *proofs);

/*
 * claim is what was signed, by whom; its certificate is the material's. What is there and broken is
 * an error: a log's word for something else, a promise or proof that does not hold, a certificate
 * that cannot sign. What leads to nobody that is known is left out: a certificate without a path
 * has no paths. Without roots nothing is looked at.
 */
NOTAR_MUST_USE enum notar_code
proofs_check(const struct proof_material *material, const struct log_claim *claim,
	     const struct trusted_roots *roots, struct proofs *out, struct notar_error *err);

/* Borrows. */
void proofs_fill(const struct proofs *proofs, struct fact *fact);

#endif
