/* SPDX-License-Identifier: Apache-2.0 */
#include "store/env.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "store/schema.h"

static const char *const table_names[TABLE_COUNT] = { "meta",     "keys",        "log",
						      "facts",    "listings",    "objects",
						      "images",   "manifests",   "parents",
						      "signings", "revocations", "lists" };

struct store {
	MDB_env *env;
	MDB_dbi tables[TABLE_COUNT];
	bool lacks[TABLE_COUNT]; /* made before there was such a table: it reads as empty */
};

/* Stores from before these tables are as good as any; who writes makes them. */
#define TABLE_FIRST_ADDED TABLE_REVOCATIONS

struct store_reader {
	struct store *store;
	MDB_txn *txn;
	bool renewed;
};

struct store_write {
	struct store_reader reader;
};

static enum notar_code
fail(struct notar_error *err, int rc, const char *doing)
{
	if (rc == MDB_NOTFOUND)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "%s: not in the store", doing);
	if (rc == MDB_MAP_FULL)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: the store is full", doing);
	if (rc == MDB_MAP_RESIZED)
		return notar_fail(err, NOTAR_E_STORE, "%s: the store outgrew its map; open it anew",
				  doing);
	if (rc == ENOMEM)
		return notar_fail(err, NOTAR_E_NOMEM, "%s: no memory", doing);
	if (rc == EACCES || rc == ENOENT || rc == EROFS)
		return notar_fail(err, NOTAR_E_IO, "%s: %s", doing, mdb_strerror(rc));
	return notar_fail(err, NOTAR_E_STORE, "%s: %s", doing, mdb_strerror(rc));
}

/* The bridge to LMDB's type, which is not const; LMDB only reads through it. */
static MDB_val
val(struct span s)
{
	union {
		const uint8_t *in;
		void *out;
	} bridge = { .in = s.ptr };

	return (MDB_val){ .mv_size = s.len, .mv_data = bridge.out };
}

static struct span
unval(MDB_val v)
{
	return (struct span){ v.mv_data, v.mv_size };
}

/* Somebody else's environment must not get our tables. */
static enum notar_code
check_vacant(MDB_txn *txn, struct notar_error *err)
{
	MDB_dbi meta, root;
	MDB_stat stat;
	int rc = mdb_dbi_open(txn, table_names[TABLE_META], 0, &meta);

	if (rc != MDB_NOTFOUND)
		return rc == 0 ? NOTAR_OK : fail(err, rc, "opening");
	if ((rc = mdb_dbi_open(txn, NULL, 0, &root)) != 0 || (rc = mdb_stat(txn, root, &stat)) != 0)
		return fail(err, rc, "opening");
	if (stat.ms_entries > 0)
		return notar_fail(err, NOTAR_E_STORE, "it holds another program's data");
	return NOTAR_OK;
}

static enum notar_code
open_tables(struct store *store, MDB_txn *txn, bool make, struct notar_error *err)
{
	if (make)
		NOTAR_TRY(check_vacant(txn, err));
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		int rc =
			mdb_dbi_open(txn, table_names[i], make ? MDB_CREATE : 0, &store->tables[i]);

		store->lacks[i] = rc == MDB_NOTFOUND;
		if (rc == MDB_NOTFOUND && i < TABLE_FIRST_ADDED)
			return notar_fail(err, NOTAR_E_STORE, "not a notar store: no table %s",
					  table_names[i]);
		if (rc != 0 && rc != MDB_NOTFOUND)
			return fail(err, rc, table_names[i]);
	}
	return NOTAR_OK;
}

/* Opens the tables and compares the schema, or makes both, in one transaction. */
static enum notar_code
prepare(struct store *store, bool make, uint64_t *map, struct notar_error *err)
{
	struct store_write all = { .reader = { .store = store, .renewed = true } };
	int rc = mdb_txn_begin(store->env, NULL, make ? 0 : MDB_RDONLY, &all.reader.txn);

	if (rc != 0)
		return fail(err, rc, "opening");
	enum notar_code code = open_tables(store, all.reader.txn, make, err);

	if (code == NOTAR_OK)
		code = schema_agree(&all.reader, make ? &all : NULL, map, err);
	if (code != NOTAR_OK) {
		mdb_txn_abort(all.reader.txn);
		return code;
	}
	rc = mdb_txn_commit(all.reader.txn);
	return rc == 0 ? NOTAR_OK : fail(err, rc, "opening");
}

static bool
lacks_any(const struct store *store)
{
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (store->lacks[i])
			return true;
	return false;
}

/* A store that is there is only read, so that opening waits for no writer. */
static enum notar_code
prepare_or_make(struct store *store, bool create, bool writes, uint64_t *map,
		struct notar_error *err)
{
	enum notar_code code = prepare(store, false, map, err);
	bool incomplete = code == NOTAR_E_STORE ? create : code == NOTAR_OK && lacks_any(store);

	return incomplete && writes ? prepare(store, true, map, err) : code;
}

/* LMDB maps what its first page promises: pages that are not in the file would be a bus error. */
static enum notar_code
check_size(struct store *store, struct notar_error *err)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat file;
	int fd, rc;

	if ((rc = mdb_env_info(store->env, &info)) != 0 ||
	    (rc = mdb_env_stat(store->env, &stat)) != 0 ||
	    (rc = mdb_env_get_fd(store->env, &fd)) != 0)
		return fail(err, rc, "opening");
	uint64_t promised = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;

	if (fstat(fd, &file) != 0)
		return notar_fail(err, NOTAR_E_IO, "opening: %s", strerrordesc_np(errno));
	/* A new one is written with its first transaction. */
	if (info.me_last_txnid > 0 && (uint64_t)file.st_size < promised)
		return notar_fail(err, NOTAR_E_STORE, "its file is cut off: %lld bytes of %llu",
				  (long long)file.st_size, (unsigned long long)promised);
	return NOTAR_OK;
}

enum notar_code
store_env_open(const char *folder, mode_t mode, const struct store_options *options,
	       struct store *store, struct notar_error *err)
{
	uint64_t map = options->map_bytes != 0 ? options->map_bytes : LIMIT_STORE_MAP_BYTES;
	uint64_t asked = map;
	bool writes = !options->read_only && !options->snapshot;
	unsigned flags =
		MDB_NOTLS | (writes ? 0 : MDB_RDONLY) | (options->snapshot ? MDB_NOLOCK : 0);
	int rc, dead;

	if ((rc = mdb_env_create(&store->env)) != 0 ||
	    (rc = mdb_env_set_maxdbs(store->env, TABLE_COUNT)) != 0 ||
	    (rc = mdb_env_set_maxreaders(store->env, LIMIT_STORE_READERS)) != 0 ||
	    (rc = mdb_env_set_mapsize(store->env, (size_t)map)) != 0 ||
	    (rc = mdb_env_open(store->env, folder, flags, mode)) != 0)
		return fail(err, rc, "opening");
	NOTAR_TRY(check_size(store, err));
	(void)mdb_reader_check(store->env, &dead);
	NOTAR_TRY(prepare_or_make(store, options->create, writes, &map, err));
	/* Everybody maps what the store says, whatever they asked for. */
	if (map != asked && (rc = mdb_env_set_mapsize(store->env, (size_t)map)) != 0)
		return fail(err, rc, "mapping");
	return NOTAR_OK;
}

struct store *
store_env_new(void)
{
	return calloc(1, sizeof(struct store));
}

void
store_env_free(struct store *store)
{
	if (store->env != NULL)
		mdb_env_close(store->env);
	free(store);
}

int
store_check_readers(struct store *store)
{
	int dead = 0;

	(void)mdb_reader_check(store->env, &dead);
	return dead;
}

enum notar_code
store_reader_new(struct store *store, struct store_reader **out, struct notar_error *err)
{
	struct store_reader *reader = calloc(1, sizeof(*reader));
	int rc;

	if (reader == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a reader");
	reader->store = store;
	rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->txn);
	/* Processes that died may hold the last slots. */
	if (rc == MDB_READERS_FULL && store_check_readers(store) > 0)
		rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->txn);
	if (rc != 0) {
		free(reader);
		return fail(err, rc, "reading");
	}
	mdb_txn_reset(reader->txn);
	*out = reader;
	return NOTAR_OK;
}

void
store_reader_free(struct store_reader *reader)
{
	if (reader == NULL)
		return;
	mdb_txn_abort(reader->txn);
	free(reader);
}

enum notar_code
store_reader_renew(struct store_reader *reader, struct notar_error *err)
{
	int rc;

	store_reader_reset(reader);
	if ((rc = mdb_txn_renew(reader->txn)) != 0)
		return fail(err, rc, "reading");
	reader->renewed = true;
	return NOTAR_OK;
}

void
store_reader_reset(struct store_reader *reader)
{
	if (reader->renewed)
		mdb_txn_reset(reader->txn);
	reader->renewed = false;
}

enum notar_code
store_get(struct store_reader *reader, enum store_table table, struct span key, struct span *value,
	  struct notar_error *err)
{
	MDB_val k = val(key), v;

	if (!reader->renewed)
		return notar_fail(err, NOTAR_E_INTERNAL, "a read outside a transaction");
	int rc = reader->store->lacks[table] ?
			 MDB_NOTFOUND :
			 mdb_get(reader->txn, reader->store->tables[table], &k, &v);

	if (rc != 0)
		return fail(err, rc, table_names[table]);
	*value = unval(v);
	return NOTAR_OK;
}

static bool
has_prefix(struct span key, struct span prefix)
{
	return key.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(key.ptr, prefix.ptr, prefix.len) == 0);
}

enum notar_code
store_each(struct store_reader *reader, enum store_table table, struct span prefix,
	   struct span from, store_visit *visit, void *context, struct notar_error *err)
{
	MDB_cursor *cursor;
	struct span first = from.len > 0 ? from : prefix;
	MDB_val k = val(first), v;

	if (reader->store->lacks[table])
		return NOTAR_OK;
	int rc = mdb_cursor_open(reader->txn, reader->store->tables[table], &cursor);

	if (rc != 0)
		return fail(err, rc, table_names[table]);
	rc = mdb_cursor_get(cursor, &k, &v, first.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0 && has_prefix(unval(k), prefix) && visit(context, unval(k), unval(v)))
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	mdb_cursor_close(cursor);
	return rc == 0 || rc == MDB_NOTFOUND ? NOTAR_OK : fail(err, rc, table_names[table]);
}

enum notar_code
store_write_begin(struct store *store, enum store_durability durability, struct store_write **out,
		  struct notar_error *err)
{
	struct store_write *write = calloc(1, sizeof(*write));
	int rc;

	if (write == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a transaction");
	rc = mdb_txn_begin(store->env, NULL, durability == STORE_LAZY ? MDB_NOMETASYNC : 0,
			   &write->reader.txn);
	if (rc != 0) {
		free(write);
		return fail(err, rc, "writing");
	}
	write->reader.store = store;
	write->reader.renewed = true;
	*out = write;
	return NOTAR_OK;
}

enum notar_code
store_write_commit(struct store_write *write, struct notar_error *err)
{
	int rc = mdb_txn_commit(write->reader.txn);

	free(write);
	return rc == 0 ? NOTAR_OK : fail(err, rc, "writing");
}

void
store_write_free(struct store_write *write)
{
	if (write == NULL)
		return;
	mdb_txn_abort(write->reader.txn);
	free(write);
}

struct store_reader *
store_write_reader(struct store_write *write)
{
	return &write->reader;
}

enum notar_code
store_put(struct store_write *write, enum store_table table, struct span key, struct span value,
	  struct notar_error *err)
{
	MDB_val k = val(key), v = val(value);
	int rc = mdb_put(write->reader.txn, write->reader.store->tables[table], &k, &v, 0);

	return rc == 0 ? NOTAR_OK : fail(err, rc, table_names[table]);
}

enum notar_code
store_delete(struct store_write *write, enum store_table table, struct span key,
	     struct notar_error *err)
{
	MDB_val k = val(key);
	int rc = mdb_del(write->reader.txn, write->reader.store->tables[table], &k, NULL);

	return rc == 0 || rc == MDB_NOTFOUND ? NOTAR_OK : fail(err, rc, table_names[table]);
}

struct store_table_size
store_table_size(struct store_reader *reader, enum store_table table)
{
	MDB_stat s = { 0 };

	if (!reader->store->lacks[table])
		(void)mdb_stat(reader->txn, reader->store->tables[table], &s);
	return (struct store_table_size){
		.rows = s.ms_entries,
		.bytes = (uint64_t)s.ms_psize *
			 (s.ms_branch_pages + s.ms_leaf_pages + s.ms_overflow_pages),
	};
}

void
store_env_size(struct store *store, uint64_t *file_bytes, uint64_t *map_bytes)
{
	MDB_envinfo info = { 0 };
	MDB_stat stat = { 0 };

	(void)mdb_env_info(store->env, &info);
	(void)mdb_env_stat(store->env, &stat);
	*file_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
	*map_bytes = info.me_mapsize;
}

enum notar_code
store_env_copy(struct store *store, const char *folder, struct notar_error *err)
{
	int rc = mdb_env_copy2(store->env, folder, MDB_CP_COMPACT);

	return rc == 0 ? NOTAR_OK : fail(err, rc, "copying");
}
