/* SPDX-License-Identifier: Apache-2.0 */
#include "store/env.h"

#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "store/folder.h"

#define STORE_MAGIC "notar store 1"
#define META_MAGIC "schema"
#define META_MAP "map bytes"

static const char *const table_names[TABLE_COUNT] = { "meta",  "keys",	   "log",
						      "facts", "listings", "objects" };

struct store {
	MDB_env *env;
	MDB_dbi tables[TABLE_COUNT];
	struct folder_identity identity;
	pid_t pid;
	bool read_only;
	unsigned openers; /* under the lock of `open_stores` */
	struct store *next;
};

struct store_reader {
	struct store *store;
	MDB_txn *txn;
	bool renewed;
	bool borrowed; /* txn belongs to a store_write */
};

struct store_write {
	struct store_reader reader;
};

/* LMDB forbids a process to open an environment twice, so openers of a folder share one. */
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct store *open_stores;

static enum notar_code
fail(struct notar_error *err, int rc, const char *doing)
{
	if (rc == MDB_NOTFOUND)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "%s: not in the store", doing);
	if (rc == MDB_MAP_FULL)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: the store is full", doing);
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

static void
destroy(struct store *store)
{
	if (store->env != NULL)
		mdb_env_close(store->env);
	free(store);
}

static enum notar_code
open_tables(struct store *store, MDB_txn *txn, bool create, struct notar_error *err)
{
	for (size_t i = 0; i < TABLE_COUNT; i++) {
		int rc = mdb_dbi_open(txn, table_names[i], create ? MDB_CREATE : 0,
				      &store->tables[i]);

		if (rc == MDB_NOTFOUND)
			return notar_fail(err, NOTAR_E_STORE, "not a notar store: no table %s",
					  table_names[i]);
		if (rc != 0)
			return fail(err, rc, table_names[i]);
	}
	return NOTAR_OK;
}

/* Writes what a new store says of itself, or checks it; *map is the recorded map size. */
static enum notar_code
check_schema(struct store *store, MDB_txn *txn, bool create, uint64_t *map,
	     struct notar_error *err)
{
	MDB_val magic = val(span_str(META_MAGIC)), size = val(span_str(META_MAP)), value;
	MDB_dbi meta = store->tables[TABLE_META];
	int rc = mdb_get(txn, meta, &magic, &value);

	if (rc == MDB_NOTFOUND && create) {
		uint8_t be[8];
		MDB_val row = val(span_str(STORE_MAGIC));

		if ((rc = mdb_put(txn, meta, &magic, &row, 0)) != 0)
			return fail(err, rc, "making a store");
		for (size_t i = 0; i < 8; i++)
			be[i] = (uint8_t)(*map >> (56 - 8 * i));
		row = val(span_of(be, sizeof(be)));
		rc = mdb_put(txn, meta, &size, &row, 0);
		return rc == 0 ? NOTAR_OK : fail(err, rc, "making a store");
	}
	if (rc != 0)
		return fail(err, rc, "reading the schema");
	if (!span_is(unval(value), STORE_MAGIC))
		return notar_fail(err, NOTAR_E_STORE, "the store is of another version: %.*s",
				  (int)(value.mv_size < 40 ? value.mv_size : 40),
				  (const char *)value.mv_data);
	if ((rc = mdb_get(txn, meta, &size, &value)) != 0 || value.mv_size != 8)
		return notar_fail(err, NOTAR_E_STORE, "the store does not say its map size");
	struct reader r = { .rest = unval(value) };

	*map = reader_be(&r, 8);
	return NOTAR_OK;
}

static enum notar_code
prepare(struct store *store, bool create, uint64_t *map, struct notar_error *err)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);

	if (rc != 0)
		return fail(err, rc, "opening");
	enum notar_code code = open_tables(store, txn, create, err);

	if (code == NOTAR_OK)
		code = check_schema(store, txn, create, map, err);
	if (code != NOTAR_OK) {
		mdb_txn_abort(txn);
		return code;
	}
	rc = mdb_txn_commit(txn);
	return rc == 0 ? NOTAR_OK : fail(err, rc, "opening");
}

static enum notar_code
open_env(struct store *store, const char *folder, const struct store_options *options,
	 struct notar_error *err)
{
	uint64_t map = options->map_bytes != 0 ? options->map_bytes : LIMIT_STORE_MAP_BYTES;
	uint64_t asked = map;
	unsigned flags = MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0);
	int rc;

	if ((rc = mdb_env_create(&store->env)) != 0 ||
	    (rc = mdb_env_set_maxdbs(store->env, TABLE_COUNT)) != 0 ||
	    (rc = mdb_env_set_maxreaders(store->env, LIMIT_STORE_READERS)) != 0 ||
	    (rc = mdb_env_set_mapsize(store->env, (size_t)map)) != 0 ||
	    (rc = mdb_env_open(store->env, folder, flags, folder_file_mode(&store->identity))) != 0)
		return fail(err, rc, "opening");
	int dead;

	(void)mdb_reader_check(store->env, &dead);
	NOTAR_TRY(prepare(store, options->create && !options->read_only, &map, err));
	/* Everybody maps what the store says, whatever they asked for. */
	if (map != asked && (rc = mdb_env_set_mapsize(store->env, (size_t)map)) != 0)
		return fail(err, rc, "mapping");
	return folder_adopt_files(folder, &store->identity, err);
}

static struct store *
find_open(const struct folder_identity *identity)
{
	for (struct store *s = open_stores; s != NULL; s = s->next)
		if (s->pid == getpid() && folder_identity_equal(&s->identity, identity))
			return s;
	return NULL;
}

static enum notar_code
open_locked(const char *folder, const struct store_options *options, struct store **out,
	    struct notar_error *err)
{
	struct folder_identity identity;

	NOTAR_TRY(folder_identify(folder, options->create && !options->read_only, &identity, err));
	struct store *store = find_open(&identity);

	if (store != NULL && store->read_only && !options->read_only)
		return notar_fail(err, NOTAR_E_STORE, "already open for reading only");
	if (store == NULL) {
		if ((store = calloc(1, sizeof(*store))) == NULL)
			return notar_fail(err, NOTAR_E_NOMEM, "no memory for a store");
		store->identity = identity;
		store->pid = getpid();
		store->read_only = options->read_only;
		if (open_env(store, folder, options, err) != NOTAR_OK) {
			destroy(store);
			return err->code;
		}
		store->next = open_stores;
		open_stores = store;
	}
	store->openers++;
	*out = store;
	return NOTAR_OK;
}

enum notar_code
store_open(const char *folder, const struct store_options *options, struct store **out,
	   struct notar_error *err)
{
	(void)pthread_mutex_lock(&open_lock);
	enum notar_code code = open_locked(folder, options, out, err);

	(void)pthread_mutex_unlock(&open_lock);
	return code == NOTAR_OK ? NOTAR_OK : notar_context(err, "store %s", folder);
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	(void)pthread_mutex_lock(&open_lock);
	if (--store->openers == 0) {
		struct store **at = &open_stores;

		while (*at != store)
			at = &(*at)->next;
		*at = store->next;
		destroy(store);
	}
	(void)pthread_mutex_unlock(&open_lock);
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
	if ((rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->txn)) != 0) {
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
store_get(struct store_reader *reader, enum store_table table, struct span key,
	  struct span *value, struct notar_error *err)
{
	MDB_val k = val(key), v;

	if (!reader->renewed)
		return notar_fail(err, NOTAR_E_INTERNAL, "a read outside a transaction");
	int rc = mdb_get(reader->txn, reader->store->tables[table], &k, &v);

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
store_write_begin(struct store *store, enum store_durability durability,
		  struct store_write **out, struct notar_error *err)
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

static MDB_stat
table_stat(struct store_reader *reader, enum store_table table)
{
	MDB_stat stat = { 0 };

	(void)mdb_stat(reader->txn, reader->store->tables[table], &stat);
	return stat;
}

uint64_t
store_cache_bytes(struct store_reader *reader)
{
	uint64_t bytes = 0;

	for (int table = TABLE_FACTS; table <= TABLE_OBJECTS; table++) {
		MDB_stat s = table_stat(reader, (enum store_table)table);

		bytes += (uint64_t)s.ms_psize *
			 (s.ms_branch_pages + s.ms_leaf_pages + s.ms_overflow_pages);
	}
	return bytes;
}

enum notar_code
store_usage(struct store *store, struct store_usage *out, struct notar_error *err)
{
	NOTAR_AUTO(store_reader) *reader = NULL;
	MDB_envinfo info;

	NOTAR_TRY(store_reader_new(store, &reader, err));
	NOTAR_TRY(store_reader_renew(reader, err));
	(void)mdb_env_info(store->env, &info);
	*out = (struct store_usage){
		.cache_bytes = store_cache_bytes(reader),
		.file_bytes = ((uint64_t)info.me_last_pgno + 1) *
			      table_stat(reader, TABLE_META).ms_psize,
		.map_bytes = info.me_mapsize,
		.facts = table_stat(reader, TABLE_FACTS).ms_entries,
		.listings = table_stat(reader, TABLE_LISTINGS).ms_entries,
		.objects = table_stat(reader, TABLE_OBJECTS).ms_entries,
		.keys = table_stat(reader, TABLE_KEYS).ms_entries,
	};
	return NOTAR_OK;
}
