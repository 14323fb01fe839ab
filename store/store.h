/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/own.h"
#include "base/span.h"

/*
 * store/: what was seen and who is trusted, on disk, a file a table.
 *
 * The LMDB store in a folder (`--state DIR`): trusted keys, the policy and the change log, which
 * are never lost, and facts, listings and objects, which are a cache. This folder knows rows and
 * transactions; it judges nothing. Everything that comes out of the file is decoded strictly: a
 * damaged or foreign row is a miss, never an allow (decisions 1 to 9).
 *
 * Processes share a store through its files: `notar trust` writes while notard runs. In one
 * process a folder is opened once; opening it again shares it. Never used across fork(2).
 */
struct store;

struct store_options {
	bool create;      /* make folder and files when they are not there */
	bool read_only;   /* no write through this opener; still needs the lock file */
	bool snapshot;    /* a published copy (store/publish.h): read without a lock file */
	size_t map_bytes; /* 0: 64 GiB, sparse. Only counts when the store is made */
};

/* NOTAR_E_NOT_FOUND, NOTAR_E_STORE (foreign, newer, damaged), NOTAR_E_IO. Any thread. */
NOTAR_MUST_USE enum notar_code store_open(const char *folder, const struct store_options *options,
					  struct store **out, struct notar_error *err);
void store_free(struct store *store); /* closes with the last opener; NULL is allowed */
NOTAR_AUTO_DEFINE(store)

/* Frees slots of readers whose process died. Returns how many. */
int store_check_readers(struct store *store);

/* Bytes of the cache's tables, of the file that is in use, and of the map. */
struct store_usage {
	uint64_t cache_bytes, file_bytes, map_bytes;
	uint64_t facts, listings, objects, keys;
};
NOTAR_MUST_USE enum notar_code
store_usage(struct store *store, struct store_usage *out, struct notar_error *err);

/*
 * A read transaction that is made once and renewed for each question. Rows that it gives are
 * borrowed until reset. One thread at a time; never left renewed while waiting for anything.
 */
struct store_reader;
NOTAR_MUST_USE enum notar_code
store_reader_new(struct store *store, struct store_reader **out, struct notar_error *err);
void store_reader_free(struct store_reader *reader);
NOTAR_AUTO_DEFINE(store_reader)
NOTAR_MUST_USE enum notar_code
store_reader_renew(struct store_reader *reader, struct notar_error *err);
void store_reader_reset(struct store_reader *reader); /* more than once is fine */

/* How often trust has changed: grows with each change of a key. 0: never. */
uint64_t store_trust_generation(struct store_reader *reader);

#endif
