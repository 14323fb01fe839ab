/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_REKOR_ENTRY_H
#define ENVELOPE_REKOR_ENTRY_H

#include "base/buf.h"
#include "notar/digest.h"

/*
 * What is said to Rekor, and its answer as a bundle keeps it (specs/sigstore.md sections 6.6 and
 * 6.7). Pure. Whether an answer is true is not asked here: the finished bundle is verified.
 */

/* A signature made with a certificate's P-256 key. Everything is borrowed. */
struct rekor_claim {
	struct span leaf;                  /* the certificate, DER */
	struct span signature;             /* DER */
	const struct notar_digest *digest; /* SHA-256 of what was signed: the blob, or the PAE */
	struct span payload;               /* of a DSSE envelope; NULL ptr: a blob was signed */
};

/* Appends the body of a request to /api/v1/log/entries, or to /api/v2/log/entries. */
void rekor_entry_ask_v1(const struct rekor_claim *claim, struct buf *out);
void rekor_entry_ask_v2(const struct rekor_claim *claim, struct buf *out);

/*
 * Appends the JSON of one element of a bundle's tlogEntries, made from an answer. Version 1: one
 * entry by its name, hexadecimal turned into base64, with promise and proof. Version 2: as it is,
 * without the times and promises that such a log does not give. NOTAR_E_FORMAT, NOTAR_E_LIMIT.
 */
NOTAR_MUST_USE enum notar_code
rekor_entry_read_v1(struct span answer, struct buf *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
rekor_entry_read_v2(struct span answer, struct buf *out, struct notar_error *err);

#endif
