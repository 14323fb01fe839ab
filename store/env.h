/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ENV_H
#define STORE_ENV_H

#include <sys/types.h>

#include "store/store.h"

/*
 * The only caller of LMDB. For the files of store/ alone: tables, plain get and put, write
 * transactions. Integers in keys and rows are big-endian.
 *
 * LMDB checks its pages little: against bytes changed below the rows there are only the file's
 * permissions. Rows are checked, each by its decoder.
 */
enum store_table {
	TABLE_META, /* schema, map size, generations, policy */
	TABLE_KEYS,
	TABLE_LOG,
	TABLE_FACTS,
	TABLE_LISTINGS,
	TABLE_OBJECTS,
	TABLE_IMAGES,
	TABLE_MANIFESTS,
	TABLE_PARENTS,
	TABLE_SIGNINGS,
	TABLE_REVOCATIONS,
	TABLE_LISTS,
	TABLE_COUNT,
};

/* NOTAR_E_NOT_FOUND when there is no such row; *value is borrowed until reset. */
NOTAR_MUST_USE enum notar_code
store_get(struct store_reader *reader, enum store_table table, struct span key, struct span *value,
	  struct notar_error *err);

/* Every row whose key starts with prefix, in key order from `from` (empty: the first), until
 * visit returns false. */
typedef bool store_visit(void *context, struct span key, struct span value);
NOTAR_MUST_USE enum notar_code
store_each(struct store_reader *reader, enum store_table table, struct span prefix,
	   struct span from, store_visit *visit, void *context, struct notar_error *err);

/* How a commit reaches the disk. A lazy one survives the process, and after a power cut is
 * there or undone as a whole: its pages are flushed, only the page that names them is not. */
enum store_durability { STORE_SYNCED, STORE_LAZY };

/* A write transaction; one at a time on the machine, so short: no network, no waiting in it. */
struct store_write;
NOTAR_MUST_USE enum notar_code
store_write_begin(struct store *store, enum store_durability durability, struct store_write **out,
		  struct notar_error *err);
/* Ends it either way. */
NOTAR_MUST_USE enum notar_code
store_write_commit(struct store_write *write, struct notar_error *err);
void store_write_free(struct store_write *write); /* aborts; NULL is allowed */
NOTAR_AUTO_DEFINE(store_write)

/* Sees what the transaction wrote. Gets borrow until its next write. */
struct store_reader *store_write_reader(struct store_write *write);

/* NOTAR_E_LIMIT: the map is full. */
NOTAR_MUST_USE enum notar_code
store_put(struct store_write *write, enum store_table table, struct span key, struct span value,
	  struct notar_error *err);
/* Absent is fine. */
NOTAR_MUST_USE enum notar_code store_delete(struct store_write *write, enum store_table table,
					    struct span key, struct notar_error *err);

struct store_table_size {
	uint64_t rows, bytes; /* of whole pages */
};
struct store_table_size store_table_size(struct store_reader *reader, enum store_table table);
/* Bytes of the pages of all that the quota evicts: facts to signings, as they stand above. */
uint64_t store_cache_bytes(struct store_reader *reader);

/* A counter in TABLE_META; 0 when absent or damaged. Bumping a damaged one is NOTAR_E_STORE: it
 * would give out numbers a second time. */
uint64_t store_counter(struct store_reader *reader, const char *name);
NOTAR_MUST_USE enum notar_code store_bump_counter(struct store_write *write, const char *name,
						  uint64_t *out, struct notar_error *err);

/* For store.c and publish.c. An env that failed to open is only good for store_env_free. */
struct store *store_env_new(void); /* NULL: no memory */
NOTAR_MUST_USE enum notar_code
store_env_open(const char *folder, mode_t mode, const struct store_options *options,
	       struct store *store, struct notar_error *err);
void store_env_free(struct store *store);
void store_env_size(struct store *store, uint64_t *file_bytes, uint64_t *map_bytes);
/* A consistent copy, data.mdb in a folder that has none. Blocks; writers go on. */
NOTAR_MUST_USE enum notar_code
store_env_copy(struct store *store, const char *folder, struct notar_error *err);

#define META_TRUST_GENERATION "trust generation"
#define META_POLICY_GENERATION "policy generation"
#define META_POLICY "policy"

#endif
