/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/list_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/limits.h"
#include "store/lists.h"
#include "store/writer.h"
#include "tests/lib/revocation_fixture.h"
#include "tests/lib/store_fixture.h"

#define NOW REVOCATION_NOW
#define URL "http://crl.example/a.crl"

static void
put(struct store *store, const char *url, struct span value, int64_t now_s)
{
	NOTAR_AUTO(store_write) *write = NULL;
	struct notar_error err = { 0 };
	uint8_t key[FACT_ID_BYTES];

	sha256_of(span_str(url), key);
	assert_int_equal(store_write_begin(store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(list_row_put(write, key, value, now_s, &err), NOTAR_OK);
	assert_int_equal(store_write_commit(NOTAR_TAKE(write), &err), NOTAR_OK);
}

/* Past what list_row_put refuses. */
static void
put_raw(struct store *store, struct span value)
{
	NOTAR_AUTO(store_write) *write = NULL;
	struct notar_error err = { 0 };
	uint8_t key[FACT_ID_BYTES];

	sha256_of(span_str(URL), key);
	assert_int_equal(store_write_begin(store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(store_put(write, TABLE_LISTS, span_of(key, sizeof(key)), value, &err),
			 NOTAR_OK);
	assert_int_equal(store_write_commit(NOTAR_TAKE(write), &err), NOTAR_OK);
}

static void
put_list(struct store_fixture *f, const char *url, int64_t fetched_s, int64_t next_update_s,
	 struct span list)
{
	NOTAR_AUTO_OF(buf) value = { 0 };

	list_row_encode(&(struct list_row){ fetched_s, next_update_s, list }, &value);
	put(f->store, url, buf_span(&value), fetched_s);
}

static bool
has(struct store_fixture *f, const char *url, int64_t now_s, bool renewing)
{
	NOTAR_AUTO_OF(list_cache) cache = { .store = f->store };
	NOTAR_AUTO_OF(buf) out = { 0 };

	return list_cache_get(&cache, url, now_s, renewing, &out) && out.len > 0;
}

static void
what_is_put_comes_back_by_its_address_alone(void **state)
{
	struct store_fixture *f = *state;
	struct store_writer *writer;
	NOTAR_AUTO_OF(buf) list = fixture_answer("good.crl");
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(store_writer_start(f->store, 1U << 20, &writer, &err), NOTAR_OK);
	struct list_cache cache = { .store = f->store, .writer = writer };

	list_cache_put(&cache, URL, buf_span(&list), NOW);
	assert_true(list_cache_get(&cache, URL, NOW, false, &out));
	assert_true(span_equal(buf_span(&out), buf_span(&list)));
	assert_false(has(f, URL "?", NOW, false));
	list_cache_put(&cache, URL "?", span_str("no list"), NOW);
	assert_false(has(f, URL "?", NOW, false));
	list_cache_release(&cache);
	store_writer_stop(writer);
}

static void
without_a_store_everything_is_a_miss(void **state)
{
	struct list_cache none = { 0 };
	NOTAR_AUTO_OF(buf) out = { 0 };

	(void)state;
	assert_false(list_cache_get(NULL, URL, NOW, false, &out));
	assert_false(list_cache_get(&none, URL, NOW, false, &out));
	list_cache_put(NULL, URL, span_str("list"), NOW);
	list_cache_put(&none, URL, span_str("list"), NOW);
	assert_int_equal(out.len, 0);
}

static void
a_list_is_not_used_beyond_its_next_update(void **state)
{
	put_list(*state, URL, NOW, NOW + 100, span_str("list"));
	assert_true(has(*state, URL, NOW + 100, false));
	assert_false(has(*state, URL, NOW + 101, false));
}

static void
who_renews_does_not_take_a_list_that_is_old_already(void **state)
{
	put_list(*state, URL, NOW, NOW + 100, span_str("list"));
	assert_true(has(*state, URL, NOW + 74, true));
	assert_false(has(*state, URL, NOW + 75, true));
	assert_false(has(*state, URL, NOW + 101, true));
	assert_true(has(*state, URL, NOW + 75, false));
}

static void
a_damaged_row_is_a_miss(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) value = { 0 };

	list_row_encode(&(struct list_row){ NOW, NOW + 100, span_str("list") }, &value);
	put_raw(f->store, buf_span(&value));
	assert_true(has(f, URL, NOW, false));
	for (size_t len = 0; len <= 17; len++) {
		put_raw(f->store, span_of(value.ptr, len));
		assert_false(has(f, URL, NOW, false));
	}
	value.ptr[0]++; /* its version */
	put_raw(f->store, buf_span(&value));
	assert_false(has(f, URL, NOW, false));
	value.ptr[0]--;
	value.ptr[9] = 0x80; /* a time that is none */
	put_raw(f->store, buf_span(&value));
	assert_false(has(f, URL, NOW, false));
}

static struct buf
large(size_t len)
{
	struct buf out = { 0 };
	uint8_t *at = buf_extend(&out, len);

	assert_non_null(at);
	memset(at, 7, len);
	return out;
}

static void
too_large_a_list_is_not_kept(void **state)
{
	NOTAR_AUTO_OF(buf) most = large(LIMIT_STORE_LIST_BYTES);
	NOTAR_AUTO_OF(buf) more = large(LIMIT_STORE_LIST_BYTES + 1);

	put_list(*state, URL, NOW, NOW + 100, buf_span(&most));
	put_list(*state, "http://more/", NOW, NOW + 100, buf_span(&more));
	put_list(*state, "http://empty/", NOW, NOW + 100, (struct span){ 0 });
	assert_true(has(*state, URL, NOW, false));
	assert_false(has(*state, "http://more/", NOW, false));
	assert_false(has(*state, "http://empty/", NOW, false));
}

static void
a_full_table_keeps_what_lasts_and_drops_what_has_run_out(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) list = large(LIMIT_STORE_LIST_BYTES);
	struct notar_error err = { 0 };
	char url[40];

	for (int i = 0; i < 70; i++) {
		(void)snprintf(url, sizeof(url), "http://%d/", i);
		put_list(f, url, NOW, NOW + (i == 3 ? 100 : 1000), buf_span(&list));
	}
	assert_true(has(f, "http://0/", NOW, false));
	assert_false(has(f, "http://69/", NOW, false));
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_true(store_table_size(f->reader, TABLE_LISTS).bytes <= LIMIT_STORE_LISTS_BYTES);
	/* One may be written anew; and the third has run out now. */
	put_list(f, "http://0/", NOW + 200, NOW + 1000, buf_span(&list));
	assert_true(has(f, "http://0/", NOW + 200, false));
	put_list(f, "http://69/", NOW + 200, NOW + 1000, buf_span(&list));
	assert_true(has(f, "http://69/", NOW + 200, false));
	assert_false(has(f, "http://3/", NOW, false));
	/* None of it is for the quota to evict. */
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_true(store_cache_bytes(f->reader) < 1U << 20);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_fixture_up, store_fixture_down)
	const struct CMUnitTest tests[] = {
		T(what_is_put_comes_back_by_its_address_alone),
		T(without_a_store_everything_is_a_miss),
		T(a_list_is_not_used_beyond_its_next_update),
		T(who_renews_does_not_take_a_list_that_is_old_already),
		T(a_damaged_row_is_a_miss),
		T(too_large_a_list_is_not_kept),
		T(a_full_table_keeps_what_lasts_and_drops_what_has_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
