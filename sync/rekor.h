/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_REKOR_H
#define SYNC_REKOR_H

#include "envelope/rekor_entry.h"
#include "envelope/signing_config.h"

/*
 * Writes a signature into a transparency log, of either version, and appends the JSON of the
 * element of tlogEntries that a bundle keeps of it (specs/sigstore.md sections 6.6 and 6.7). An
 * entry that version 1 has already is fetched from where it says, on its own host only. Blocks:
 * version 2 answers once the entry is in the tree, so it gets a minute.
 */
struct rekor_options {
	struct signing_log log;
	const char *ca_file; /* for https; NULL: the system's */
	int64_t deadline_ms; /* 0: none but its own */
};

NOTAR_MUST_USE enum notar_code
rekor_log(const struct rekor_options *options, const struct rekor_claim *claim, struct buf *entry,
	  struct notar_error *err);

#endif
