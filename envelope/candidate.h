/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_CANDIDATE_H
#define ENVELOPE_CANDIDATE_H

#include "envelope/judge.h"

/*
 * The bytes of a signature that no known key verifies yet, kept so that it can be judged again
 * when a key becomes trusted, without asking the registry (decision 3).
 *
 * Encoded: format (1 byte, enum fact_format), then bundle, payload or envelope, then the
 * detached signature (empty but for FACT_SIMPLE), each behind its length (4, big-endian).
 */
void candidate_encode(enum fact_format format, struct span bytes, struct span signature,
		      struct buf *out);

/* As the judge_… call that belongs to the format; a damaged row is NOTAR_REASON_STORE_FAILURE. */
void candidate_judge(struct span row, const struct notar_digest *subject,
		     const struct keyring *keyring, struct evidence_item *item);

#endif
