/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LISTS_H
#define STORE_LISTS_H

#include "base/buf.h"
#include "base/fact.h"
#include "store/env.h"

/*
 * Table "lists": revocation lists as they came, so that certificates that share one do not each
 * fetch it.
 *   key    32  SHA-256 of the address
 *   value  1 version; 8 fetched, 8 next update; the list, to the end
 * A cache that promises nothing: whoever takes a list out checks its signature and its times as if
 * it had just come. Bounded by LIMIT_STORE_LIST_BYTES and LIMIT_STORE_LISTS_BYTES.
 */
struct list_row {
	int64_t fetched_s, next_update_s;
	struct span list; /* DER; borrowed */
};

void list_row_encode(const struct list_row *row, struct buf *out);

/* NOTAR_E_NOT_FOUND; NOTAR_E_STORE for a damaged row. Borrowed until reset. */
NOTAR_MUST_USE enum notar_code
list_row_get(struct store_reader *reader, const uint8_t url[FACT_ID_BYTES], struct list_row *out,
	     struct notar_error *err);

/* value is an encoded row. Where it has no room, lists that have run out go; still none: it is
 * not kept, and that is NOTAR_OK. */
NOTAR_MUST_USE enum notar_code
list_row_put(struct store_write *write, const uint8_t url[FACT_ID_BYTES], struct span value,
	     int64_t now_s, struct notar_error *err);

#endif
