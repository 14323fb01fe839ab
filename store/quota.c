/* SPDX-License-Identifier: Apache-2.0 */
#include "store/quota.h"

#include <stdlib.h>

#include "store/facts.h"
#include "store/images.h"
#include "store/listings.h"
#include "store/manifests.h"
#include "store/objects.h"
#include "store/signings.h"
#include "store/table.h"

#define VICTIMS 256 /* a transaction */
#define KEY_BYTES (32 + 1 + NOTAR_DIGEST_MAX_BYTES)

/* Keys are copied: a cursor must not run over pages that are being changed. */
struct victims {
	uint8_t keys[VICTIMS][KEY_BYTES];
	size_t lens[VICTIMS];
	size_t count;
	struct listing listing; /* of the one that goes just now */
};

static void
victims_free(struct victims *victims)
{
	free(victims);
}
NOTAR_AUTO_DEFINE(victims)

static bool
collect(void *context, struct span key, struct span row)
{
	struct victims *v = context;

	(void)row;
	if (key.len <= KEY_BYTES) {
		memcpy(v->keys[v->count], key.ptr, key.len);
		v->lens[v->count++] = key.len;
	}
	return v->count < VICTIMS;
}

/* Its row in the order of keys goes with it. */
static enum notar_code
evict_fact(struct store_write *write, const struct notar_digest *subject,
	   const uint8_t sig_id[FACT_ID_BYTES], struct notar_error *err)
{
	struct fact fact;
	struct span row;

	if (fact_row_get(store_write_reader(write), subject, sig_id, &row, err) == NOTAR_OK &&
	    fact_decode(row, &fact, err) == NOTAR_OK)
		NOTAR_TRY(signing_delete(write, &fact, err));
	return fact_row_delete(write, subject, sig_id, err);
}

static enum notar_code
evict_contents(struct store_write *write, const struct notar_digest *subject,
	       const struct listing *listing, struct notar_error *err)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct listing_item *item = &listing->items[i];

		if (item->reason == NOTAR_REASON_TRUSTED)
			NOTAR_TRY(evict_fact(write, subject, item->id, err));
		else if (item->has_candidate)
			NOTAR_TRY(object_delete(write, item->id, err));
	}
	return manifest_row_delete(write, subject, err);
}

static enum notar_code
evict(struct store_write *write, struct span key, struct listing *room, struct notar_error *err)
{
	struct notar_digest subject;
	struct span row;

	/* A row that cannot be read has nothing to follow, and goes alone. */
	if (store_get(store_write_reader(write), TABLE_LISTINGS, key, &row, err) == NOTAR_OK &&
	    listing_key_subject(key, &subject, err) == NOTAR_OK &&
	    listing_decode(row, room, err) == NOTAR_OK) {
		/* The name is in the row, so first: deleting moves rows. */
		NOTAR_TRY(image_delete(write, &subject, room->repository, err));
		NOTAR_TRY(evict_contents(write, &subject, room, err));
	}
	return store_delete(write, TABLE_LISTINGS, key, err);
}

static enum notar_code
find_victims(struct quota *quota, struct store_write *write, struct victims *victims,
	     struct notar_error *err)
{
	struct span from = { quota->cursor, sizeof(quota->cursor) };

	NOTAR_TRY(store_each(store_write_reader(write), TABLE_LISTINGS, (struct span){ 0 }, from,
			     collect, victims, err));
	if (victims->count == 0) /* the end: once around */
		NOTAR_TRY(store_each(store_write_reader(write), TABLE_LISTINGS, (struct span){ 0 },
				     (struct span){ 0 }, collect, victims, err));
	return NOTAR_OK;
}

/* No listing is left to evict: then manifests that were looked at for their own sake. */
static enum notar_code
evict_manifests(struct quota *quota, struct store_write *write, struct victims *victims,
		struct notar_error *err)
{
	NOTAR_TRY(store_each(store_write_reader(write), TABLE_MANIFESTS, (struct span){ 0 },
			     (struct span){ 0 }, collect, victims, err));
	for (size_t i = 0; i < victims->count; i++) {
		struct reader r = { .rest = { victims->keys[i], victims->lens[i] } };
		struct notar_digest digest;

		table_take_digest(&r, &digest);
		NOTAR_TRY(manifest_row_delete(write, &digest, err));
		quota->evicted++;
	}
	return NOTAR_OK;
}

enum notar_code
quota_enforce(struct quota *quota, struct store_write *write, bool *more, struct notar_error *err)
{
	NOTAR_AUTO(victims) *victims = NULL;

	*more = false;
	if (store_cache_bytes(store_write_reader(write)) <= quota->bytes)
		return NOTAR_OK;
	victims = calloc(1, sizeof(*victims));
	if (victims == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory to evict");
	NOTAR_TRY(find_victims(quota, write, victims, err));
	if (victims->count == 0) {
		NOTAR_TRY(evict_manifests(quota, write, victims, err));
		*more = victims->count == VICTIMS;
		return NOTAR_OK;
	}
	uint64_t target = quota->bytes - quota->bytes / 8;
	size_t i = 0;

	for (; i < victims->count; i++) {
		struct span key = { victims->keys[i], victims->lens[i] };

		if (store_cache_bytes(store_write_reader(write)) <= target)
			break;
		NOTAR_TRY(evict(write, key, &victims->listing, err));
		memcpy(quota->cursor, key.ptr, sizeof(quota->cursor));
		quota->evicted++;
	}
	*more = i > 0 && i == victims->count;
	return NOTAR_OK;
}
