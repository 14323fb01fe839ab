/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_LOG_ENTRY_H
#define ENVELOPE_LOG_ENTRY_H

#include "base/json.h"
#include "base/limits.h"
#include "pki/checkpoint.h"

/*
 * One entry of a transparency log beside a signature (specs/sigstore.md sections 2.2, 4.7 to 4.9):
 * read from a bundle or from cosign's annotation, bound to the signature, held against the log.
 * One routine for both formats (CVE-2026-22703). Pure.
 */
struct log_proof {
	uint64_t index, size;
	uint8_t root[MERKLE_HASH_BYTES];
	struct buf hashes;     /* MERKLE_HASH_BYTES each */
	struct buf checkpoint; /* the note's text */
};

struct log_entry {
	uint8_t log_id[FACT_ID_BYTES];
	uint64_t index;       /* in the whole log */
	int64_t integrated_s; /* 0: not said */
	bool has_promise, has_proof;
	struct buf promise; /* the SET: a DER signature */
	struct log_proof proof;
	struct buf body; /* exactly as the log has it */
	struct buf kind, version;
};
void log_entry_release(struct log_entry *entry);

/* Rekor v2: hashedrekord 0.0.2, the only kind that it has. */
bool log_entry_is_tiled(const struct log_entry *entry);

/* One element of tlogEntries. NOTAR_E_FORMAT, NOTAR_E_LIMIT. Cryptography is not looked at. */
NOTAR_MUST_USE enum notar_code
log_entry_read(const struct json *at, struct log_entry *out, struct notar_error *err);

/* The text of the annotation dev.sigstore.cosign/bundle. */
NOTAR_MUST_USE enum notar_code
log_entry_read_annotation(struct span text, struct log_entry *out, struct notar_error *err);

/* What an entry must be about: all of it comes from the signature and what was asked, nothing from
 * the entry. */
struct log_claim {
	struct span signature;          /* raw */
	const struct cert *certificate; /* or NULL: */
	const struct key *key;          /* the managed key; with a certificate, its key */
	bool is_dsse;
	struct span
		message; /* what the signature is over: the PAE, or the blob; empty: see digest */
	struct span payload;               /* DSSE: decoded */
	const struct notar_digest *digest; /* of the blob when the blob is not at hand; else NULL */
};

/* Section 4.9: signature bytes, certificate or key, and digest or payload. A kind that does not go
 * with the content, or is not known, is NOTAR_E_UNSUPPORTED; a difference is NOTAR_E_DIGEST. */
NOTAR_MUST_USE enum notar_code
log_entry_bind(const struct log_entry *entry, const struct log_claim *claim,
	       struct notar_error *err);

/* What a log vouched for. */
struct log_seen {
	const struct root_log *log; /* NULL: no root knows this log, so it says nothing */
	int64_t time_s;             /* of a promise that holds; 0: none */
	bool is_tiled;              /* Rekor v2: no promise, a checkpoint over the entry */
};

/*
 * log_entry_bind, then promise and proof against the log that the entry names, among these roots.
 * What is there must hold. wants_proof: bundles 0.2 and later; otherwise a promise is required.
 * NOTAR_E_SIGNATURE, NOTAR_E_DIGEST, NOTAR_E_FORMAT.
 */
NOTAR_MUST_USE enum notar_code
log_entry_verify(const struct log_entry *entry, const struct log_claim *claim, bool wants_proof,
		 const struct trusted_roots *roots, struct log_seen *out, struct notar_error *err);

#endif
