/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_POLICY_ROW_H
#define STORE_POLICY_ROW_H

#include "store/store.h"

/*
 * The policy document that every process judges by (decision 5). Who compiles it keeps the
 * result, and compares the generation in each transaction: one get.
 */
struct policy_row {
	uint64_t generation;  /* grows with each import; 0: there is none */
	struct span document; /* borrowed until reset */
};

/* 0 when no policy was ever imported. */
uint64_t policy_row_generation(struct store_reader *reader);

/* NOTAR_E_NOT_FOUND when there is none; NOTAR_E_STORE when its hash does not fit its bytes. */
NOTAR_MUST_USE enum notar_code
policy_row_get(struct store_reader *reader, struct policy_row *out, struct notar_error *err);

/* The caller has checked the document. The same bytes again change nothing. Synced, with its
 * record in the change log. */
NOTAR_MUST_USE enum notar_code policy_row_put(struct store *store, struct span document,
					      int64_t at_s, bool *changed, struct notar_error *err);

#endif
