/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_PREFETCH_QUEUE_H
#define SYNC_PREFETCH_QUEUE_H

#include "base/buf.h"
#include "store/store.h"
#include "sync/prefetch_plan.h"
#include "sync/revocation_interest.h"

/*
 * Which rows are to be asked about now: due, wanted, not backing off; those that run out first
 * before others, a few at a time.
 */
#define PREFETCH_BATCH 16

struct prefetch_item {
	uint8_t thumbprint[FACT_ID_BYTES];
	uint8_t issuer_id[FACT_ID_BYTES]; /* SHA-256 of its certificate */
	int64_t next_update_s, wanted_s;
	struct buf certificate, issuer; /* DER */
};

struct prefetch_queue {
	/* The caller's to set. */
	const struct revocation_interest *interest;
	const struct prefetch_failures *failures;
	uint16_t seed; /* so that daemons do not all ask at the same time */
	int64_t now_s, monotonic_s;
	/* Found. */
	struct prefetch_item items[PREFETCH_BATCH];
	size_t count;
	int64_t next_due_s; /* of what is not due yet, or backs off; INT64_MAX: nothing */
};
void prefetch_queue_clear(struct prefetch_queue *queue); /* keeps what the caller set */

/* reader is renewed by the caller. */
NOTAR_MUST_USE enum notar_code
prefetch_queue_fill(struct prefetch_queue *queue, struct store_reader *reader,
		    struct notar_error *err);

#endif
