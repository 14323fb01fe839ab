/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_LIST_CACHE_H
#define SYNC_LIST_CACHE_H

#include "base/buf.h"
#include "store/store.h"

struct store_writer;

/*
 * Revocation lists by their address, in the store: for every process that has it, and after a
 * restart. Whatever goes wrong is a miss. What comes out is no more than bytes that were once
 * fetched from there: their signature and times are checked by whoever uses them. One a thread;
 * not for event loops. Zeroed: there is none.
 */
struct list_cache {
	struct store *store;         /* borrowed; NULL: there is none */
	struct store_writer *writer; /* borrowed; NULL: nothing is kept */
	struct store_reader *reader; /* made when first needed */
};
void list_cache_release(struct list_cache *cache);

/* Appends the list, unless it has run out. renewing: nor when it will so soon that it is time to
 * fetch it again. */
bool list_cache_get(struct list_cache *cache, const char *url, int64_t now_s, bool renewing,
		    struct buf *out);

/* A list that has been checked. Waits for the write. */
void list_cache_put(struct list_cache *cache, const char *url, struct span list, int64_t now_s);

#endif
