/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_JUDGE_H
#define ENVELOPE_JUDGE_H

#include "envelope/evidence.h"
#include "envelope/proof_material.h"
#include "keys/key.h"
#include "pki/cert.h"

/*
 * One signature against the keys that are known: does it hold, and for what? Pure. The answer
 * is an evidence item, never an error: every kind of damage is a reason (CVE-2026-39395: what
 * cannot be parsed does not count).
 */

/* The keys to try, whatever their status: status is judged later, by trust/. Borrowed. */
struct keyring {
	const struct key *const *keys;
	size_t count;
	/* Roots of timestamp authorities: a token may leave its own out. */
	const struct cert *const *roots;
	size_t root_count;
	bool has_anchors; /* somebody is known by certificates: look at such signatures first */
	struct trusted_roots sigstore; /* what certificates, logs and timestamps may lead to */
};

/* A Sigstore bundle over the image digest `subject`. Fills all but place and artifact. */
void judge_bundle(struct span bytes, const struct notar_digest *subject,
		  const struct keyring *keyring, struct evidence_item *item);

/* A file, or of it the digest alone: blob.ptr is NULL then. A bundle over it may be a statement,
 * too. */
struct blob_subject {
	const struct notar_digest *digest;
	struct span blob;
};
void judge_blob_bundle(struct span bytes, const struct blob_subject *subject,
		       const struct keyring *keyring, struct evidence_item *item);

/* A classic signature: the payload blob, the decoded annotation, and what else stands in the
 * layer's annotations (NULL: nothing). */
void judge_simple(struct span payload, struct span signature, const struct proof_material *proof,
		  const struct notar_digest *subject, const struct keyring *keyring,
		  struct evidence_item *item);

/* A classic attestation: a bare DSSE envelope (.att layer), and what else stands in the layer's
 * annotations (NULL: nothing). */
void judge_dsse(struct span bytes, const struct proof_material *proof,
		const struct notar_digest *subject, const struct keyring *keyring,
		struct evidence_item *item);

#endif
