/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CHECKPOINT_H
#define PKI_CHECKPOINT_H

#include "pki/merkle.h"
#include "pki/trusted_root.h"

/*
 * Checkpoints: signed notes of a log (C2SP signed-note and tlog-checkpoint; specs/sigstore.md
 * section 4.8). Pure.
 */
struct checkpoint {
	struct span text;   /* what is signed: up to and with the newline before the blank line */
	struct span origin; /* its first line */
	uint64_t size;
	uint8_t root[MERKLE_HASH_BYTES];
	struct span signatures; /* the lines behind the blank line */
};

/* Borrows from note. NOTAR_E_FORMAT, NOTAR_E_LIMIT. */
NOTAR_MUST_USE enum notar_code
checkpoint_parse(struct span note, struct checkpoint *out, struct notar_error *err);

/*
 * Whether the log signed it: at least one line with the log's name and key id, and every such line
 * holds; lines of others (witnesses, other keys) are passed over. The origin must be the log's:
 * Rekor v2's is base_url or its host; Rekor v1's is the host, " - " and the tree's number.
 * NOTAR_E_SIGNATURE.
 */
NOTAR_MUST_USE enum notar_code
checkpoint_verify(const struct checkpoint *checkpoint, const struct root_log *log,
		  struct notar_error *err);

#endif
