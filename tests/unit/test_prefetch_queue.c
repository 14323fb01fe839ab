/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/prefetch_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/digest.h"
#include "pki/revocation.h"
#include "store/revocations.h"
#include "tests/lib/store_fixture.h"

#define NOW INT64_C(1800000000)

static struct revocation_interest interest;
static struct prefetch_failures failures;

static void
key_of(uint64_t number, uint8_t out[FACT_ID_BYTES])
{
	sha256_of(span_of(&number, sizeof(number)), out);
}

/* Asked for 100 seconds ago, and runs out in left_s. */
static struct revocation_row
row_of(int64_t left_s)
{
	return (struct revocation_row){ .status = REVOCATION_GOOD,
					.this_update_s = NOW - 200,
					.next_update_s = NOW + left_s,
					.checked_s = NOW - 100,
					.wanted_s = NOW - 50,
					.certificate = span_str("certificate"),
					.issuer = span_str("issuer") };
}

static void
put(struct store_fixture *f, uint64_t number, const struct revocation_row *row)
{
	NOTAR_AUTO(store_write) *write = NULL;
	NOTAR_AUTO_OF(buf) value = { 0 };
	struct notar_error err = { 0 };
	uint8_t key[FACT_ID_BYTES];

	key_of(number, key);
	revocation_row_encode(row, &value);
	assert_int_equal(store_write_begin(f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(revocation_row_put(write, key, buf_span(&value), &err), NOTAR_OK);
	assert_int_equal(store_write_commit(NOTAR_TAKE(write), &err), NOTAR_OK);
}

static struct prefetch_queue
fill(struct store_fixture *f)
{
	struct prefetch_queue q = {
		.interest = &interest, .failures = &failures, .now_s = NOW, .monotonic_s = 1000
	};
	struct notar_error err = { 0 };

	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_int_equal(prefetch_queue_fill(&q, f->reader, &err), NOTAR_OK);
	return q;
}

static int
up(void **state)
{
	interest = (struct revocation_interest){ 0 };
	failures = (struct prefetch_failures){ 0 };
	return store_fixture_up(state);
}

static void
what_will_soon_run_out_is_found_with_its_certificates(void **state)
{
	struct revocation_row row = row_of(5);
	uint8_t key[FACT_ID_BYTES];

	put(*state, 1, &row);
	struct prefetch_queue q = fill(*state);

	key_of(1, key);
	assert_int_equal(q.count, 1);
	assert_memory_equal(q.items[0].thumbprint, key, sizeof(key));
	assert_true(span_is(buf_span(&q.items[0].certificate), "certificate"));
	assert_true(span_is(buf_span(&q.items[0].issuer), "issuer"));
	assert_int_equal(q.items[0].wanted_s, NOW - 50);
	prefetch_queue_clear(&q);
	assert_int_equal(q.count, 0);
}

static void
what_lasts_is_not_and_says_when_to_look_again(void **state)
{
	struct revocation_row row = row_of(1000);

	put(*state, 1, &row);
	struct prefetch_queue q = fill(*state);

	assert_int_equal(q.count, 0);
	assert_in_range(q.next_due_s, NOW + 1, NOW + 1000);
}

static void
what_has_run_out_is_asked_about_while_it_is_wanted(void **state)
{
	struct revocation_row row = row_of(-5);

	put(*state, 1, &row);
	struct prefetch_queue q = fill(*state);

	assert_int_equal(q.count, 1);
	prefetch_queue_clear(&q);
}

static void
assert_nobody_is_asked(struct store_fixture *f, const struct revocation_row *row)
{
	put(f, 1, row);
	struct prefetch_queue q = fill(f);

	assert_int_equal(q.count, 0);
	assert_true(q.next_due_s == INT64_MAX);
}

static void
an_empty_table_has_nothing_to_do(void **state)
{
	struct prefetch_queue q = fill(*state);

	assert_int_equal(q.count, 0);
	assert_true(q.next_due_s == INT64_MAX);
}

static void
nobody_is_asked_about_what_is_revoked(void **state)
{
	struct revocation_row row = row_of(-5);

	row.status = REVOCATION_REVOKED;
	assert_nobody_is_asked(*state, &row);
}

static void
nobody_is_asked_about_what_names_nobody(void **state)
{
	struct revocation_row row = row_of(-5);

	row.status = REVOCATION_NOT_REVOCABLE;
	row.next_update_s = 0;
	assert_nobody_is_asked(*state, &row);
	row.next_update_s = NOW - 5;
	assert_nobody_is_asked(*state, &row);
}

static void
nobody_is_asked_about_what_nobody_wants(void **state)
{
	struct revocation_row row = row_of(5);

	row.wanted_s = NOW - PREFETCH_WANTED_S - 1;
	assert_nobody_is_asked(*state, &row);
}

static void
a_question_renews_the_interest(void **state)
{
	struct revocation_row row = row_of(5);
	uint8_t key[FACT_ID_BYTES];

	row.wanted_s = NOW - PREFETCH_WANTED_S - 1;
	put(*state, 1, &row);
	key_of(1, key);
	revocation_interest_note(&interest, key, NOW);
	struct prefetch_queue q = fill(*state);

	assert_int_equal(q.count, 1);
	assert_in_range(q.items[0].wanted_s, NOW - 3600, NOW);
	prefetch_queue_clear(&q);
}

static void
a_certificate_and_an_issuer_that_failed_are_left_alone(void **state)
{
	struct revocation_row row = row_of(5);
	uint8_t key[FACT_ID_BYTES], issuer[FACT_ID_BYTES];

	put(*state, 1, &row);
	put(*state, 2, &row);
	key_of(1, key);
	prefetch_note_failure(&failures, key, 1000);
	struct prefetch_queue q = fill(*state);

	assert_int_equal(q.count, 1);
	assert_memory_not_equal(q.items[0].thumbprint, key, sizeof(key));
	prefetch_queue_clear(&q);
	sha256_of(span_str("issuer"), issuer);
	prefetch_note_failure(&failures, issuer, 1000);
	q = fill(*state);
	assert_int_equal(q.count, 0);
	/* It will be looked at again all the same. */
	assert_in_range(q.next_due_s, NOW + 1, NOW + 60);
}

static void
a_few_that_run_out_first_are_taken(void **state)
{
	for (int i = 0; i < 3 * PREFETCH_BATCH; i++) {
		struct revocation_row row = row_of(i * 7 % (3 * PREFETCH_BATCH) - 60);

		put(*state, (uint64_t)i, &row);
	}
	struct prefetch_queue q = fill(*state);

	assert_int_equal(q.count, PREFETCH_BATCH);
	for (int i = 0; i < PREFETCH_BATCH; i++) {
		assert_int_equal(q.items[i].next_update_s, NOW - 60 + i);
		assert_true(q.items[i].certificate.len > 0);
	}
	prefetch_queue_clear(&q);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, up, store_fixture_down)
	const struct CMUnitTest tests[] = {
		T(what_will_soon_run_out_is_found_with_its_certificates),
		T(what_lasts_is_not_and_says_when_to_look_again),
		T(what_has_run_out_is_asked_about_while_it_is_wanted),
		T(an_empty_table_has_nothing_to_do),
		T(nobody_is_asked_about_what_is_revoked),
		T(nobody_is_asked_about_what_names_nobody),
		T(nobody_is_asked_about_what_nobody_wants),
		T(a_question_renews_the_interest),
		T(a_certificate_and_an_issuer_that_failed_are_left_alone),
		T(a_few_that_run_out_first_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
