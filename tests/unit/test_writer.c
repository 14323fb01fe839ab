/* SPDX-License-Identifier: Apache-2.0 */
#include "store/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/digest.h"
#include "store/listings.h"
#include "tests/lib/store_fixture.h"

#define MAP_BYTES (4U << 20)

static char folder[64];

static struct store *
open_small(void)
{
	const struct store_options options = { .create = true, .map_bytes = MAP_BYTES };
	struct notar_error err = { 0 };
	struct store *store = NULL;

	(void)snprintf(folder, sizeof(folder), "/tmp/notar-writer-XXXXXX");
	assert_non_null(mkdtemp(folder));
	if (store_open(folder, &options, &store, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	return store;
}

static void
close_small(struct store *store)
{
	char path[128];

	store_free(store);
	for (int i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, i ? "data.mdb" : "lock.mdb");
		(void)unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

static struct store_batch *
batch_number(uint64_t number, size_t object_bytes)
{
	struct store_batch *batch = calloc(1, sizeof(*batch));
	struct listing *listing = calloc(1, sizeof(*listing));

	assert_non_null(batch);
	assert_non_null(listing);
	batch->subject = digest_of(NOTAR_SHA256, span_of(&number, sizeof(number)));
	batch->listed_s = 1000;
	buf_append_str(&batch->repository, "r.example/app");
	batch->objects = calloc(1, sizeof(*batch->objects));
	assert_non_null(batch->objects);
	for (size_t i = 0; i < object_bytes; i += sizeof(number))
		buf_append(&batch->objects[0], &number, sizeof(number));
	batch->object_count = 1;
	listing->repository = span_str("r.example/app");
	listing->listed_s = 1000;
	listing->count = 1;
	listing->items[0].reason = NOTAR_REASON_UNTRUSTED_KEY;
	listing->items[0].has_candidate = true;
	sha256_of(buf_span(&batch->objects[0]), listing->items[0].id);
	listing_encode(listing, &batch->listing);
	free(listing);
	return batch;
}

/* Ten times what the map holds goes in: the oldest go, the newest is there, nothing fails. */
static void
a_full_map_is_answered_with_eviction(void **state)
{
	struct store *store = open_small();
	struct store_writer *writer;
	struct notar_error err = { 0 };

	(void)state;
	assert_int_equal(store_writer_start(store, MAP_BYTES / 4, &writer, &err), NOTAR_OK);
	for (uint64_t i = 0; i < 2000; i++) {
		store_writer_submit(writer, batch_number(i, 20000));
		if (i % 16 == 15)
			store_writer_flush(writer);
	}
	store_writer_flush(writer);
	struct store_writer_stats stats = store_writer_stats(writer);

	assert_int_equal(stats.dropped, 0);
	assert_true(stats.evicted > 1000);
	assert_true(stats.written > 1900);
	store_writer_stop(writer);
	close_small(store);
}

/* What can be fetched again must not stand in the way of what cannot. */
static void
a_map_that_the_cache_has_filled_still_takes_a_change_of_trust(void **state)
{
	struct store *store = open_small();
	struct store_writer *writer;
	struct notar_error err = { 0 };
	struct store_usage usage;

	(void)state;
	assert_int_equal(store_writer_start(store, MAP_BYTES / 2, &writer, &err), NOTAR_OK);
	for (uint64_t i = 0; i < 500; i++) {
		store_writer_submit(writer, batch_number(i, 8000));
		store_writer_flush(writer);
	}
	store_writer_stop(writer);
	struct trust_change change = { .verb = TRUST_ADD, .signer = span_str("x"), .at_s = 1000 };
	uint64_t generation;
	bool changed;

	fixture_name_key(&change, "key");
	assert_int_equal(trust_change_apply(store, &change, &changed, &generation, &err), NOTAR_OK);
	assert_true(changed);
	assert_int_equal(store_usage(store, &usage, &err), NOTAR_OK);
	assert_true(usage.cache_bytes <= MAP_BYTES / 2 + (1U << 20));
	close_small(store);
}

static void
what_goes_in_with_a_listing_is_found_in_the_order_of_digests(void **state)
{
	struct store *store = open_small();
	struct store_writer *writer;
	struct notar_error err = { 0 };
	struct store_usage usage;

	(void)state;
	assert_int_equal(store_writer_start(store, MAP_BYTES, &writer, &err), NOTAR_OK);
	for (uint64_t i = 0; i < 5; i++)
		store_writer_submit(writer, batch_number(i, 100));
	store_writer_flush(writer);
	store_writer_stop(writer);
	assert_int_equal(store_usage(store, &usage, &err), NOTAR_OK);
	assert_int_equal(usage.listings, 5);
	close_small(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_map_is_answered_with_eviction),
		cmocka_unit_test(a_map_that_the_cache_has_filled_still_takes_a_change_of_trust),
		cmocka_unit_test(what_goes_in_with_a_listing_is_found_in_the_order_of_digests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
