/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/list_cache.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/limits.h"
#include "pki/revocation.h"
#include "store/lists.h"
#include "store/writer.h"
#include "sync/prefetch_plan.h"

void
list_cache_release(struct list_cache *cache)
{
	store_reader_free(cache->reader);
	*cache = (struct list_cache){ 0 };
}

static bool
is_usable(const struct list_row *row, int64_t now_s, bool renewing)
{
	return row->next_update_s >= now_s &&
	       (!renewing || now_s < prefetch_due_s(row->fetched_s, row->next_update_s, 0));
}

bool
list_cache_get(struct list_cache *cache, const char *url, int64_t now_s, bool renewing,
	       struct buf *out)
{
	uint8_t key[FACT_ID_BYTES];
	struct notar_error err;
	struct list_row row;

	if (cache == NULL || cache->store == NULL ||
	    (cache->reader == NULL &&
	     store_reader_new(cache->store, &cache->reader, &err) != NOTAR_OK) ||
	    store_reader_renew(cache->reader, &err) != NOTAR_OK)
		return false;
	sha256_of(span_str(url), key);
	bool usable = list_row_get(cache->reader, key, &row, &err) == NOTAR_OK &&
		      is_usable(&row, now_s, renewing);

	if (usable)
		buf_append_span(out, row.list);
	store_reader_reset(cache->reader);
	return usable && out->failed == NOTAR_OK;
}

static struct store_batch *
make_batch(const char *url, struct span list, int64_t now_s)
{
	NOTAR_AUTO(store_batch) *batch = calloc(1, sizeof(*batch));
	struct list_row row = { .fetched_s = now_s, .list = list };
	struct notar_error err;

	if (batch == NULL || crl_next_update(list, &row.next_update_s, &err) != NOTAR_OK ||
	    (batch->lists = calloc(1, sizeof(*batch->lists))) == NULL)
		return NULL;
	batch->list_count = 1;
	batch->now_s = now_s;
	sha256_of(span_str(url), batch->lists[0].url);
	list_row_encode(&row, &batch->lists[0].row);
	return batch->lists[0].row.failed == NOTAR_OK ? NOTAR_TAKE(batch) : NULL;
}

void
list_cache_put(struct list_cache *cache, const char *url, struct span list, int64_t now_s)
{
	struct store_batch *batch = NULL;

	if (cache != NULL && cache->writer != NULL && list.len <= LIMIT_STORE_LIST_BYTES)
		batch = make_batch(url, list, now_s);
	if (batch == NULL)
		return;
	store_writer_submit(cache->writer, batch);
	/* At most one list of each thread is on its way, whatever a chain names. */
	store_writer_flush(cache->writer);
}
