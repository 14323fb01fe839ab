/* SPDX-License-Identifier: Apache-2.0 */
#include "store/listings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "store/facts.h"
#include "store/objects.h"
#include "store/quota.h"
#include "store/writer.h"
#include "tests/lib/store_fixture.h"

static struct notar_digest
digest_number(unsigned number)
{
	return digest_of(NOTAR_SHA256, span_of(&number, sizeof(number)));
}

/* One that holds and one candidate, under "h/app". */
static void
fill(struct listing *listing)
{
	*listing = (struct listing){ .repository = span_str("h/app"), .listed_s = 1800000000 };
	listing->places[0] = (struct listing_place){ 1, NOTAR_REASON_NONE, span_str("") };
	listing->places[2] =
		(struct listing_place){ 3, NOTAR_REASON_THROTTLED, span_str("try later") };
	listing->items[0] = (struct listing_item){ .format = FACT_BUNDLE,
						   .reason = NOTAR_REASON_TRUSTED,
						   .artifact = digest_number(1),
						   .judged_at = 3 };
	listing->items[1] = (struct listing_item){ .place = 2,
						   .format = FACT_SIMPLE,
						   .reason = NOTAR_REASON_UNTRUSTED_KEY,
						   .artifact = digest_number(2),
						   .has_candidate = true,
						   .has_key_hint = true,
						   .judged_at = 4,
						   .message = span_str("nobody's") };
	memset(listing->items[0].id, 7, FACT_ID_BYTES);
	memset(listing->items[1].key_hint, 9, FACT_ID_BYTES);
	listing->count = 2;
}

static struct listing decoded, made;

static void
what_is_encoded_decodes_to_the_same(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) row = { 0 };
	NOTAR_AUTO_OF(buf) again = { 0 };
	struct notar_error err = { 0 };

	fill(&made);
	listing_encode(&made, &row);
	assert_int_equal(listing_decode(buf_span(&row), &decoded, &err), NOTAR_OK);
	assert_int_equal(decoded.count, 2);
	assert_int_equal(decoded.places[2].reason, NOTAR_REASON_THROTTLED);
	assert_true(span_is(decoded.places[2].message, "try later"));
	assert_true(decoded.items[1].has_candidate);
	assert_int_equal(decoded.items[1].judged_at, 4);
	listing_encode(&decoded, &again);
	assert_true(span_equal(buf_span(&row), buf_span(&again)));
}

static void
every_truncation_is_an_error_and_so_is_a_byte_more(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) row = { 0 };
	struct notar_error err = { 0 };

	fill(&made);
	listing_encode(&made, &row);
	for (size_t len = 0; len < row.len; len++)
		assert_int_equal(listing_decode(span_of(row.ptr, len), &decoded, &err),
				 NOTAR_E_STORE);
	buf_append_byte(&row, 0);
	assert_int_equal(listing_decode(buf_span(&row), &decoded, &err), NOTAR_E_STORE);
}

static void
no_flipped_bit_is_read_out_of_bounds(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) row = { 0 };
	struct notar_error err = { 0 };
	size_t refused = 0;

	fill(&made);
	listing_encode(&made, &row);
	for (size_t bit = 0; bit < row.len * 8; bit++) {
		row.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (listing_decode(buf_span(&row), &decoded, &err) != NOTAR_OK)
			refused++;
		else
			assert_true(decoded.count <= LIMIT_SIGNATURES);
		row.ptr[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_true(refused > 0);
}

static void
put(struct store_fixture *f, const char *repository, const struct notar_digest *subject)
{
	NOTAR_AUTO_OF(buf) row = { 0 };
	struct store_write *write;
	struct notar_error err = { 0 };

	fill(&made);
	made.repository = span_str(repository);
	listing_encode(&made, &row);
	assert_int_equal(store_write_begin(f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(listing_put(write, span_str(repository), subject, buf_span(&row), &err),
			 NOTAR_OK);
	assert_int_equal(store_write_commit(write, &err), NOTAR_OK);
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
}

static void
a_listing_is_its_repositorys_alone(void **state)
{
	struct store_fixture *f = *state;
	struct notar_digest subject = digest_number(10), other = digest_number(11);
	struct notar_error err = { 0 };

	put(f, "h/app", &subject);
	assert_int_equal(listing_get(f->reader, span_str("h/app"), &subject, &decoded, &err),
			 NOTAR_OK);
	assert_int_equal(listing_get(f->reader, span_str("h/app2"), &subject, &decoded, &err),
			 NOTAR_E_NOT_FOUND);
	assert_int_equal(listing_get(f->reader, span_str("h/app"), &other, &decoded, &err),
			 NOTAR_E_NOT_FOUND);
}

static void
a_row_that_names_another_repository_is_a_miss(void **state)
{
	struct store_fixture *f = *state;
	struct notar_digest subject = digest_number(10);
	NOTAR_AUTO_OF(buf) row = { 0 };
	struct store_write *write;
	struct notar_error err = { 0 };

	fill(&made);
	listing_encode(&made, &row);
	assert_int_equal(store_write_begin(f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(listing_put(write, span_str("h/evil"), &subject, buf_span(&row), &err),
			 NOTAR_OK);
	assert_int_equal(store_write_commit(write, &err), NOTAR_OK);
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_int_equal(listing_get(f->reader, span_str("h/evil"), &subject, &decoded, &err),
			 NOTAR_E_STORE);
}

static void
a_damaged_object_is_not_given_out(void **state)
{
	struct store_fixture *f = *state;
	uint8_t id[OBJECT_ID_BYTES];
	struct store_write *write;
	struct span out = { 0 };
	struct notar_error err = { 0 };

	object_id(span_str("bytes"), id);
	assert_int_equal(store_write_begin(f->store, STORE_LAZY, &write, &err), NOTAR_OK);
	assert_int_equal(store_put(write, TABLE_OBJECTS, span_of(id, sizeof(id)),
				   span_str("other bytes"), &err),
			 NOTAR_OK);
	assert_int_equal(store_write_commit(write, &err), NOTAR_OK);
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	assert_int_equal(object_get(f->reader, id, &out, &err), NOTAR_E_DIGEST);
	assert_null(out.ptr);
}

static struct store_batch *
batch(unsigned number)
{
	struct store_batch *b = calloc(1, sizeof(*b));
	struct fact fact = { .format = FACT_BUNDLE, .proof = FACT_BY_KEY, .subject_size = -1 };

	assert_non_null(b);
	b->subject = digest_number(number);
	buf_append_str(&b->repository, "h/app");
	b->facts = calloc(1, sizeof(*b->facts));
	assert_non_null(b->facts);
	b->fact_count = 1;
	fact.subject = b->subject;
	fact.artifact = fact.payload = b->subject;
	memset(fact.sig_id, 7, FACT_ID_BYTES);
	memset(b->facts[0].sig_id, 7, FACT_ID_BYTES);
	fact_encode(&fact, &b->facts[0].row);
	fill(&made);
	listing_encode(&made, &b->listing);
	return b;
}

static void
what_was_submitted_is_readable_after_a_flush(void **state)
{
	struct store_fixture *f = *state;
	struct store_writer *writer;
	struct notar_error err = { 0 };
	const uint8_t sig_id[FACT_ID_BYTES] = { 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
						7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7 };

	assert_int_equal(store_writer_start(f->store, 1U << 30, &writer, &err), NOTAR_OK);
	for (unsigned i = 0; i < 200; i++)
		store_writer_submit(writer, batch(i));
	store_writer_flush(writer);
	assert_int_equal(store_writer_stats(writer).written, 200);
	assert_int_equal(store_reader_renew(f->reader, &err), NOTAR_OK);
	for (unsigned i = 0; i < 200; i++) {
		struct notar_digest subject = digest_number(i);
		struct span row;

		assert_int_equal(
			listing_get(f->reader, span_str("h/app"), &subject, &decoded, &err),
			NOTAR_OK);
		assert_int_equal(fact_row_get(f->reader, &subject, sig_id, &row, &err), NOTAR_OK);
	}
	store_writer_stop(writer);
}

static void
the_quota_evicts_the_cache_and_never_trust(void **state)
{
	struct store_fixture *f = *state;
	struct store_writer *writer;
	struct store_usage usage;
	struct trusted_key key;
	struct notar_error err = { 0 };

	assert_true(fixture_trust(f, TRUST_ADD, "one", "release"));
	store_reader_reset(f->reader);
	assert_int_equal(store_writer_start(f->store, 1U << 20, &writer, &err), NOTAR_OK);
	for (unsigned i = 0; i < 8000; i++) {
		store_writer_submit(writer, batch(i));
		if (i % 200 == 0)
			store_writer_flush(writer);
	}
	store_writer_flush(writer);
	assert_true(store_writer_stats(writer).evicted > 0);
	store_writer_stop(writer);
	assert_int_equal(store_usage(f->store, &usage, &err), NOTAR_OK);
	assert_true(usage.cache_bytes < 2U << 20);
	assert_int_equal(fixture_get(f, "one", &key), NOTAR_OK);
	assert_int_equal(fixture_log_length(f), 1);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_fixture_up, store_fixture_down)
	const struct CMUnitTest tests[] = {
		T(what_is_encoded_decodes_to_the_same),
		T(every_truncation_is_an_error_and_so_is_a_byte_more),
		T(no_flipped_bit_is_read_out_of_bounds),
		T(a_listing_is_its_repositorys_alone),
		T(a_row_that_names_another_repository_is_a_miss),
		T(a_damaged_object_is_not_given_out),
		T(what_was_submitted_is_readable_after_a_flush),
		T(the_quota_evicts_the_cache_and_never_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
