/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_JUDGE_NOTARY_H
#define ENVELOPE_JUDGE_NOTARY_H

#include "envelope/judge.h"
#include "envelope/notary.h"

/*
 * A Notary Project signature: does it hold, by its own certificates, and for what? Whom those
 * lead to is the policy's question (specs/notary-project.md section 14.1; trust/evaluate_x509.h).
 */

/* The signed manifest: all three are compared with what was signed. Or a file: its bytes are,
 * by the hash of the signature's algorithm (section 18), and digest is only its name. */
struct notary_subject {
	const struct notar_digest *digest;
	struct span media_type; /* of a file: empty when any will do */
	int64_t size;
	bool is_blob;
	struct span blob;
};

#define NOTARY_DIGEST_TEXT_BYTES (8 + 2 * 64)
/* "sha384:…" of bytes, by a suite's hash. */
NOTAR_MUST_USE enum notar_code
notary_digest_text(const struct suite *suite, struct span bytes, char out[NOTARY_DIGEST_TEXT_BYTES],
		   struct notar_error *err);

/* As the judge_… calls of envelope/judge.h. format: FACT_JWS or FACT_COSE. keyring->roots are tried
 * for the timestamp; its keys are not used. Fills item->chains too. */
void judge_notary(struct span bytes, enum fact_format format, const struct notary_subject *subject,
		  const struct keyring *keyring, struct evidence_item *item);

/* Reads an envelope of that format; NOTAR_E_UNSUPPORTED for another. */
NOTAR_MUST_USE enum notar_code notary_parse(struct span bytes, enum fact_format format,
					    struct notary_envelope *out, struct notar_error *err);

/*
 * That the envelope holds in itself: the signature by its leaf, the rules for its chain, nothing
 * critical that is not understood, or else the name of a plugin that may understand it.
 * NOTAR_E_SIGNATURE, NOTAR_E_FORMAT, NOTAR_E_KEY, NOTAR_E_UNSUPPORTED.
 */
NOTAR_MUST_USE enum notar_code
notary_check(const struct notary_envelope *envelope, struct notar_error *err);

#endif
