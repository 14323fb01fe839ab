/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/env.h"

/*
 * Keeps the cache's tables under a number of bytes. Listings go in the order of their keys,
 * which are hashes, from where the last eviction stopped: random, but none twice before all
 * others. With a listing go the facts and objects it names; another repository's listing that
 * names the same fact is a miss then, and is fetched again. Never touches keys, policy or log.
 */
struct quota {
	uint64_t bytes;
	uint8_t cursor[32]; /* where to go on */
	uint64_t evicted;   /* listings so far */
};

/* Evicts down to 7/8 of the quota when it is exceeded, a bounded number per call. *more: call
 * again in another transaction. */
NOTAR_MUST_USE enum notar_code
quota_enforce(struct quota *quota, struct store_write *write, bool *more, struct notar_error *err);

#endif
