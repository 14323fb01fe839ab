/* SPDX-License-Identifier: Apache-2.0 */
#include "store/revocations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <lmdb.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/limits.h"
#include "tests/lib/store_fixture.h"

#define NOW INT64_C(1800000000)

static const struct revocation_row sample = { .status = 3,
					      .revoked_s = NOW - 5,
					      .invalidity_s = NOW - 6,
					      .this_update_s = NOW - 7,
					      .next_update_s = NOW + 8,
					      .checked_s = NOW,
					      .wanted_s = NOW - 4 };

static void
key_of(uint64_t number, uint8_t out[FACT_ID_BYTES])
{
	sha256_of(span_of(&number, sizeof(number)), out);
}

static struct buf
encoded(uint8_t status)
{
	struct revocation_row row = sample;
	struct buf out = { 0 };

	row.status = status;
	row.certificate = span_str("certificate");
	row.issuer = span_str("issuer");
	revocation_row_encode(&row, &out);
	return out;
}

static void
put(struct store *store, uint64_t first, uint64_t count, struct span value)
{
	NOTAR_AUTO(store_write) *write = NULL;
	struct notar_error err = { 0 };
	uint8_t key[FACT_ID_BYTES];

	assert_int_equal(store_write_begin(store, STORE_LAZY, &write, &err), NOTAR_OK);
	for (uint64_t i = first; i < first + count; i++) {
		key_of(i, key);
		assert_int_equal(revocation_row_put(write, key, value, &err), NOTAR_OK);
	}
	assert_int_equal(store_write_commit(NOTAR_TAKE(write), &err), NOTAR_OK);
}

static enum notar_code
get(struct store_fixture *f, uint64_t number, struct revocation_row *out)
{
	struct notar_error err = { 0 };
	uint8_t key[FACT_ID_BYTES];

	key_of(number, key);
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	return revocation_row_get(f->reader, key, out, &err);
}

static void
what_is_put_comes_back(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) value = encoded(3);
	struct revocation_row row;

	assert_int_equal(get(f, 1, &row), NOTAR_E_NOT_FOUND);
	put(f->store, 1, 1, buf_span(&value));
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	assert_int_equal(row.status, 3);
	assert_int_equal(row.revoked_s, NOW - 5);
	assert_int_equal(row.invalidity_s, NOW - 6);
	assert_int_equal(row.this_update_s, NOW - 7);
	assert_int_equal(row.next_update_s, NOW + 8);
	assert_int_equal(row.checked_s, NOW);
	assert_int_equal(row.wanted_s, NOW - 4);
	assert_true(span_is(row.certificate, "certificate"));
	assert_true(span_is(row.issuer, "issuer"));
	assert_int_equal(get(f, 2, &row), NOTAR_E_NOT_FOUND);
}

static void
times_before_1970_are_none(void **state)
{
	struct store_fixture *f = *state;
	struct revocation_row row = { .status = 3, .invalidity_s = -1, .checked_s = NOW };
	NOTAR_AUTO_OF(buf) value = { 0 };

	revocation_row_encode(&row, &value);
	put(f->store, 1, 1, buf_span(&value));
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	assert_int_equal(row.invalidity_s, 0);
}

static void
assert_damaged(struct store_fixture *f, struct span value)
{
	struct revocation_row row = { .status = 9 };

	put(f->store, 1, 1, value);
	assert_int_equal(get(f, 1, &row), NOTAR_E_STORE);
	assert_int_equal(row.status, 9);
}

static void
a_damaged_row_is_none(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) value = encoded(3);
	NOTAR_AUTO_OF(buf) strange = encoded(4);

	for (size_t len = 0; len < value.len; len++)
		assert_damaged(f, span_of(value.ptr, len));
	assert_damaged(f, buf_span(&strange));
	value.ptr[0]++; /* its version */
	assert_damaged(f, buf_span(&value));
	value.ptr[0]--;
	value.ptr[2] = 0x80; /* a time that is none */
	assert_damaged(f, buf_span(&value));
	value.ptr[2] = 0;
	buf_append_byte(&value, 0);
	assert_damaged(f, buf_span(&value));
}

static bool
count_row(void *context, const uint8_t thumbprint[FACT_ID_BYTES], const struct revocation_row *row)
{
	size_t *count = context;

	(void)thumbprint;

	return row->status == 3 && ++*count < 3;
}

static void
each_leaves_out_what_is_damaged_and_stops_when_told(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) value = encoded(3);
	struct notar_error err = { 0 };
	size_t count = 0;

	put(f->store, 1, 2, buf_span(&value));
	put(f->store, 3, 1, span_str("damaged"));
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_int_equal(revocation_rows_each(f->reader, count_row, &count, &err), NOTAR_OK);
	assert_int_equal(count, 2);
	put(f->store, 4, 5, buf_span(&value));
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	count = 0;
	assert_int_equal(revocation_rows_each(f->reader, count_row, &count, &err), NOTAR_OK);
	assert_int_equal(count, 3);
}

static void
a_full_table_takes_only_what_it_knows(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) good = encoded(1);
	NOTAR_AUTO_OF(buf) revoked = encoded(3);
	struct revocation_row row;

	put(f->store, 0, LIMIT_STORE_REVOCATIONS, buf_span(&good));
	put(f->store, LIMIT_STORE_REVOCATIONS, 1, buf_span(&good));
	assert_int_equal(get(f, LIMIT_STORE_REVOCATIONS, &row), NOTAR_E_NOT_FOUND);
	put(f->store, 7, 1, buf_span(&revoked));
	assert_int_equal(get(f, 7, &row), NOTAR_OK);
	assert_int_equal(row.status, 3);
	/* None of it is for the quota to evict. */
	assert_true(store_cache_bytes(f->reader) < 1U << 20);
}

/* "wanted" came with version 2. */
static void
a_row_of_the_first_version_was_wanted_when_it_was_checked(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) value = encoded(3);
	NOTAR_AUTO_OF(buf) first = { 0 };
	struct revocation_row row;
	size_t wanted_at = 2 + 5 * 8;

	value.ptr[0] = 1;
	buf_append(&first, value.ptr, wanted_at);
	buf_append_span(&first, span_from(buf_span(&value), wanted_at + 8));
	put(f->store, 1, 1, buf_span(&first));
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	assert_int_equal(row.wanted_s, NOW);
	assert_true(span_is(row.certificate, "certificate"));
	assert_true(span_is(row.issuer, "issuer"));
}

static void
put_status(struct store_fixture *f, uint8_t status, int64_t this_update_s)
{
	struct revocation_row row = sample;
	NOTAR_AUTO_OF(buf) value = { 0 };

	row.status = status;
	row.this_update_s = this_update_s;
	revocation_row_encode(&row, &value);
	put(f->store, 1, 1, buf_span(&value));
}

/* Answers come over plain http: an old one can be played again while it lasts. */
static void
an_answer_from_before_a_revocation_does_not_undo_it(void **state)
{
	struct store_fixture *f = *state;
	struct revocation_row row;

	put_status(f, REVOCATION_ROW_REVOKED, NOW);
	for (uint8_t status = 0; status < REVOCATION_ROW_REVOKED; status++) {
		put_status(f, status, NOW - 1);
		put_status(f, status, NOW);
		assert_int_equal(get(f, 1, &row), NOTAR_OK);
		assert_int_equal(row.status, REVOCATION_ROW_REVOKED);
	}
	put_status(f, 1, NOW + 1);
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	assert_int_equal(row.status, 1);
	put_status(f, REVOCATION_ROW_REVOKED, NOW - 100);
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	assert_int_equal(row.status, REVOCATION_ROW_REVOKED);
}

static void
forget(struct store_fixture *f, int64_t now_s, int64_t wanted_before_s)
{
	NOTAR_AUTO(store_write) *write = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(store_write_begin(f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(revocation_rows_forget(write, now_s, wanted_before_s, &err), NOTAR_OK);
	assert_int_equal(store_write_commit(NOTAR_TAKE(write), &err), NOTAR_OK);
}

static void
only_what_has_run_out_and_nobody_wants_is_forgotten(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) good = encoded(1);
	NOTAR_AUTO_OF(buf) revoked = encoded(3);
	struct revocation_row row;

	put(f->store, 1, 1, buf_span(&good));
	put(f->store, 2, 1, buf_span(&revoked));
	forget(f, NOW + 8, NOW); /* it lasts */
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	forget(f, NOW + 9, NOW - 4); /* it is wanted */
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	forget(f, NOW + 9, NOW);
	assert_int_equal(get(f, 1, &row), NOTAR_E_NOT_FOUND);
	assert_int_equal(get(f, 2, &row), NOTAR_OK);
}

static void
many_rows_are_forgotten_a_bounded_number_at_a_time(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) good = encoded(1);
	struct notar_error err = { 0 };
	uint64_t left = 600;

	put(f->store, 0, left, buf_span(&good));
	for (int i = 0; i < 3; i++) {
		forget(f, NOW + 9, NOW);
		assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
		uint64_t rows = store_table_size(f->reader, TABLE_REVOCATIONS).rows;

		assert_true(rows < left && left - rows <= 300);
		left = rows;
	}
	assert_int_equal(left, 0);
}

/* As a store was before there was this table. */
static void
drop_table(const char *folder)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, TABLE_COUNT), 0);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "revocations", 0, &dbi), 0);
	assert_int_equal(mdb_drop(txn, dbi, 1), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void
reopen(struct store_fixture *f, const struct store_options *options)
{
	struct notar_error err = { 0 };

	store_reader_free(f->reader);
	store_free(f->store);
	f->reader = NULL;
	f->store = NULL;
	if (options == NULL) {
		drop_table(f->folder);
		return;
	}
	if (store_open(f->folder, options, &f->store, &err) != NOTAR_OK ||
	    store_reader_new(f->store, &f->reader, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
}

static void
a_store_from_before_the_table_is_read_and_completed_by_who_writes(void **state)
{
	struct store_fixture *f = *state;
	NOTAR_AUTO_OF(buf) value = encoded(3);
	struct revocation_row row;
	struct notar_error err = { 0 };
	size_t count = 0;

	assert_true(fixture_trust(f, TRUST_ADD, "one", "release"));
	reopen(f, NULL);
	reopen(f, &(struct store_options){ .read_only = true });
	assert_int_equal(get(f, 1, &row), NOTAR_E_NOT_FOUND);
	assert_int_equal(revocation_rows_each(f->reader, count_row, &count, &err), NOTAR_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_table_size(f->reader, TABLE_REVOCATIONS).rows, 0);
	reopen(f, &(struct store_options){ 0 });
	put(f->store, 1, 1, buf_span(&value));
	assert_int_equal(get(f, 1, &row), NOTAR_OK);
	assert_int_equal(fixture_log_length(f), 1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_fixture_up, store_fixture_down)
	const struct CMUnitTest tests[] = {
		T(what_is_put_comes_back),
		T(times_before_1970_are_none),
		T(a_damaged_row_is_none),
		T(each_leaves_out_what_is_damaged_and_stops_when_told),
		T(a_full_table_takes_only_what_it_knows),
		T(a_row_of_the_first_version_was_wanted_when_it_was_checked),
		T(an_answer_from_before_a_revocation_does_not_undo_it),
		T(only_what_has_run_out_and_nobody_wants_is_forgotten),
		T(many_rows_are_forgotten_a_bounded_number_at_a_time),
		T(a_store_from_before_the_table_is_read_and_completed_by_who_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
