/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/env.h"
#include "store/folder.h"

/* LMDB forbids a process to open an environment twice, so openers of a folder share one. */
struct opening {
	struct store *store;
	struct folder_identity identity;
	pid_t pid;
	bool writes, snapshot;
	unsigned openers;
	struct opening *next;
};

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct opening *openings;

/* After a fork(2) the parent's are in the list, and not ours to use. Snapshots take no lock, and
 * the next opener wants what was published since. */
static struct opening *
find_open(const struct folder_identity *identity)
{
	for (struct opening *o = openings; o != NULL; o = o->next)
		if (o->pid == getpid() && !o->snapshot &&
		    folder_identity_equal(&o->identity, identity))
			return o;
	return NULL;
}

static void
opening_free(struct opening *opening)
{
	if (opening != NULL && opening->store != NULL)
		store_env_free(opening->store);
	free(opening);
}
NOTAR_AUTO_DEFINE(opening)

static enum notar_code
open_first(const char *folder, const struct store_options *options,
	   const struct folder_identity *identity, struct opening **out, struct notar_error *err)
{
	NOTAR_AUTO(opening) *opening = calloc(1, sizeof(*opening));

	if (opening == NULL || (opening->store = store_env_new()) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a store");
	opening->identity = *identity;
	opening->pid = getpid();
	opening->writes = !options->read_only && !options->snapshot;
	opening->snapshot = options->snapshot;
	NOTAR_TRY(store_env_open(folder, folder_file_mode(identity), options, opening->store, err));
	if (opening->writes)
		NOTAR_TRY(folder_adopt_files(folder, identity, err));
	opening->next = openings;
	*out = openings = NOTAR_TAKE(opening);
	return NOTAR_OK;
}

static enum notar_code
open_locked(const char *folder, const struct store_options *options, struct store **out,
	    struct notar_error *err)
{
	bool writes = !options->read_only && !options->snapshot;
	struct folder_identity identity;

	NOTAR_TRY(folder_identify(folder, options->create && writes, &identity, err));
	struct opening *opening = options->snapshot ? NULL : find_open(&identity);

	if (opening == NULL)
		NOTAR_TRY(open_first(folder, options, &identity, &opening, err));
	else if (writes && !opening->writes)
		return notar_fail(err, NOTAR_E_STORE, "already open for reading only");
	opening->openers++;
	*out = opening->store;
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
	struct opening **at = &openings;

	while ((*at)->store != store)
		at = &(*at)->next;
	if (--(*at)->openers == 0) {
		struct opening *last = *at;

		*at = last->next;
		opening_free(last);
	}
	(void)pthread_mutex_unlock(&open_lock);
}

uint64_t
store_cache_bytes(struct store_reader *reader)
{
	uint64_t bytes = 0;

	for (int table = TABLE_FACTS; table < TABLE_REVOCATIONS; table++)
		bytes += store_table_size(reader, (enum store_table)table).bytes;
	return bytes;
}

enum notar_code
store_usage(struct store *store, struct store_usage *out, struct notar_error *err)
{
	NOTAR_AUTO(store_reader) *reader = NULL;

	NOTAR_TRY(store_reader_new(store, &reader, err));
	NOTAR_TRY(store_reader_renew(reader, err));
	*out = (struct store_usage){
		.cache_bytes = store_cache_bytes(reader),
		.facts = store_table_size(reader, TABLE_FACTS).rows,
		.listings = store_table_size(reader, TABLE_LISTINGS).rows,
		.objects = store_table_size(reader, TABLE_OBJECTS).rows,
		.keys = store_table_size(reader, TABLE_KEYS).rows,
	};
	store_env_size(store, &out->file_bytes, &out->map_bytes);
	return NOTAR_OK;
}
