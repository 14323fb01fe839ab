/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SIGNINGS_H
#define STORE_SIGNINGS_H

#include "base/fact.h"
#include "store/env.h"

/*
 * Table "signings": the facts in the order of the keys that made them: what would a revocation
 * touch? Written and evicted with the fact.
 *   key    32  key id    1 + 32 or 64  subject digest    32  sig_id
 *   value  1  row version
 */
#define SIGNING_KEY_BYTES (32 + 1 + NOTAR_DIGEST_MAX_BYTES + FACT_ID_BYTES)

NOTAR_MUST_USE enum notar_code
signing_put(struct store_write *write, const struct fact *fact, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
signing_delete(struct store_write *write, const struct fact *fact, struct notar_error *err);

/* Subjects that this key has signed, in order, from behind the key `after` (empty: from the
 * start), until visit returns false. A subject comes as often as the key signed it. */
typedef bool signing_visit(void *context, const struct notar_digest *subject, struct span key);
NOTAR_MUST_USE enum notar_code
signings_each(struct store_reader *reader, const uint8_t key_id[FACT_ID_BYTES], struct span after,
	      signing_visit *visit, void *context, struct notar_error *err);

#endif
