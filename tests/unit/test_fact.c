/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/digest.h"

#define BYTES(...)                                                                                 \
	((struct span){ (const uint8_t[]){ __VA_ARGS__ },                                          \
			sizeof((const uint8_t[]){ __VA_ARGS__ }) })

/* What the tests encode, and the buffers its spans borrow from. */
struct sample {
	struct fact fact;
	struct buf annotations;
	struct buf times;
	struct buf paths;
	struct buf row;
};

static void
sample_release(struct sample *s)
{
	buf_release(&s->annotations);
	buf_release(&s->times);
	buf_release(&s->paths);
	buf_release(&s->row);
}

static struct fact
least_fact(void)
{
	struct fact fact = { .format = FACT_DSSE, .proof = FACT_BY_KEY, .subject_size = -1 };

	memset(fact.sig_id, 's', sizeof(fact.sig_id));
	memset(fact.key_id, 'k', sizeof(fact.key_id));
	fact.subject = digest_of(NOTAR_SHA256, span_str("subject"));
	fact.payload = digest_of(NOTAR_SHA512, span_str("payload"));
	return fact;
}

static struct sample
full_sample(void)
{
	struct sample s = { .fact = least_fact() };
	uint8_t id[FACT_ID_BYTES] = { 1, 2, 3 };

	fact_annotation_append(&s.annotations, span_str("git"), span_str("c0ffee"));
	fact_annotation_append(&s.annotations, span_str("empty"), span_str(""));
	fact_time_append(&s.times, FACT_TIME_LOG, id, 1700000000);
	fact_time_append(&s.times, FACT_TIME_TSA, id, 1700000001);
	const struct fact_path path = { id, 1600000000, 1800000000 };

	fact_path_append(&s.paths, &path);
	s.fact.paths = buf_span(&s.paths);
	s.fact.proof = FACT_BY_FULCIO;
	s.fact.artifact = digest_of(NOTAR_SHA256, span_str("artifact"));
	s.fact.predicate_type = span_str("https://slsa.dev/provenance/v1");
	s.fact.docker_reference = span_str("registry.example/app");
	s.fact.annotations = buf_span(&s.annotations);
	s.fact.issuer = span_str("https://issuer.example");
	s.fact.san = span_str("mail@example.org");
	s.fact.anchor = span_str("root");
	s.fact.subject_media_type = span_str("application/vnd.oci.image.manifest.v1+json");
	s.fact.subject_size = 0;
	s.fact.expires_s = 1800000000;
	s.fact.times = buf_span(&s.times);
	fact_encode(&s.fact, &s.row);
	return s;
}

static void
assert_damaged(struct span row)
{
	struct fact fact = { .expires_s = 77 };
	struct notar_error err = { 0 };

	assert_int_equal(fact_decode(row, &fact, &err), NOTAR_E_STORE);
	assert_int_equal(fact.expires_s, 77);
	assert_non_null(strstr(err.msg, "fact row"));
}

static void
a_full_fact_is_read_back_whole(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();
	const struct fact *want = &s.fact;
	struct fact got;

	assert_int_equal(fact_decode(buf_span(&s.row), &got, NULL), NOTAR_OK);
	assert_int_equal(got.format, want->format);
	assert_int_equal(got.proof, want->proof);
	assert_memory_equal(got.sig_id, want->sig_id, FACT_ID_BYTES);
	assert_memory_equal(got.key_id, want->key_id, FACT_ID_BYTES);
	assert_true(notar_digest_equal(&got.subject, &want->subject));
	assert_true(notar_digest_equal(&got.artifact, &want->artifact));
	assert_true(notar_digest_equal(&got.payload, &want->payload));
	assert_true(span_equal(got.predicate_type, want->predicate_type));
	assert_true(span_equal(got.docker_reference, want->docker_reference));
	assert_true(span_equal(got.annotations, want->annotations));
	assert_true(span_equal(got.issuer, want->issuer));
	assert_true(span_equal(got.san, want->san));
	assert_true(span_equal(got.anchor, want->anchor));
	assert_true(span_equal(got.subject_media_type, want->subject_media_type));
	assert_int_equal(got.subject_size, 0);
	assert_int_equal(got.expires_s, want->expires_s);
	assert_true(span_equal(got.times, want->times));
}

static void
what_is_absent_stays_absent(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) row = { 0 };
	struct fact fact = least_fact();
	struct fact got;

	fact_encode(&fact, &row);
	assert_int_equal(fact_decode(buf_span(&row), &got, NULL), NOTAR_OK);
	assert_int_equal(got.artifact.alg, NOTAR_DIGEST_NONE);
	assert_int_equal(got.subject_size, -1);
	assert_int_equal(got.expires_s, 0);
	assert_int_equal(got.times.len + got.annotations.len + got.predicate_type.len, 0);
	assert_int_equal(got.san.len + got.issuer.len + got.anchor.len, 0);
}

/* The bytes are on disk: a change here needs a new row version. */
static void
the_encoded_form_starts_as_it_always_did(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();
	struct span row = buf_span(&s.row);

	assert_true(span_equal(span_of(row.ptr, 18),
			       BYTES(1, 1, 0, 0, 0, 1, 3, 2, 0, 0, 0, 1, 2, 3, 0, 0, 0, 32)));
	assert_true(span_equal(span_from(row, row.len - 5), BYTES(255, 0, 0, 0, 0)));
}

static void
every_truncation_is_an_error_and_leaves_the_output_alone(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();

	for (size_t len = 0; len < s.row.len; len++)
		assert_damaged(span_of(s.row.ptr, len));
}

static void
one_byte_more_is_an_error(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();

	buf_append_byte(&s.row, 0);
	assert_damaged(buf_span(&s.row));
}

/* A flipped bit is refused, or is another fact with its own one spelling: never two rows for
 * one fact, and never a read outside the row (the copy has its exact size). */
static void
every_flipped_bit_is_an_error_or_another_fact(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();

	for (size_t bit = 0; bit < 8 * s.row.len; bit++) {
		NOTAR_AUTO_OF(buf) again = { 0 };
		uint8_t *flipped = malloc(s.row.len);
		struct fact fact;
		assert_non_null(flipped);
		memcpy(flipped, s.row.ptr, s.row.len);
		flipped[bit / 8] ^= (uint8_t)(1U << bit % 8);
		struct span row = span_of(flipped, s.row.len);
		if (fact_decode(row, &fact, NULL) == NOTAR_OK) {
			fact_encode(&fact, &again);
			assert_true(span_equal(buf_span(&again), row));
		}
		free(flipped);
	}
}

/* A row of the required parts, with one TLV put in front of the end tag or in place of its own
 * tag's. len of the value may lie. */
static void
row_with(struct buf *row, uint8_t tag, struct span value)
{
	NOTAR_AUTO_OF(buf) plain = { 0 };
	struct fact fact = least_fact();
	bool done = false;

	fact_encode(&fact, &plain);
	struct reader r = { .rest = span_from(buf_span(&plain), 1) };
	buf_append_byte(row, 1);
	while (r.rest.len > 0) {
		uint8_t at = (uint8_t)reader_be(&r, 1);
		struct span old = reader_take(&r, (size_t)reader_be(&r, 4));
		if (!done && at >= tag) {
			buf_append_byte(row, tag);
			buf_append_be(row, value.len, 4);
			buf_append_span(row, value);
			done = true;
			if (at == tag)
				continue;
		}
		buf_append_byte(row, at);
		buf_append_be(row, old.len, 4);
		buf_append_span(row, old);
	}
}

static void
values_that_are_not_what_their_tag_says_are_damage(void **state)
{
	(void)state;
	static const uint8_t zeros[80];
	const struct {
		uint8_t tag;
		struct span value;
	} rows[] = {
		{ 1, BYTES(0) },                    /* no such format */
		{ 1, BYTES(FACT_FORMAT_LAST + 1) }, /* a newer format */
		{ 1, BYTES(1, 1) },                 /* too long */
		{ 1, span_of(zeros, 0) },           /* empty */
		{ 2, BYTES(0) },                    /* no such proof */
		{ 2, BYTES(FACT_PROOF_LAST + 1) },
		{ 3, span_of(zeros, 31) },
		{ 4, span_of(zeros, 33) },
		{ 5, span_of(zeros, 0) },
		{ 5, span_of(zeros, 33) }, /* a digest of no algorithm */
		{ 5, BYTES(1, 2, 3) },     /* too short for sha256 */
		{ 6, BYTES(3) },           /* unknown algorithm */
		{ 8, span_of(zeros, 0) },  /* empty is written as absent */
		{ 10, span_of(zeros, 0) },
		{ 10, span_of(zeros, 5) }, /* cut short */
		{ 10, BYTES(0, 1, 'a', 0, 0, 0, 9, 'b') },
		{ 15, BYTES(0x80, 0, 0, 0, 0, 0, 0, 0) }, /* negative */
		{ 15, span_of(zeros, 7) },
		{ 16, span_of(zeros, 8) }, /* never is written as absent */
		{ 16, span_of(zeros, 9) },
		{ 17, span_of(zeros, 41) }, /* no such source */
		{ 17, span_of(zeros, 0) },
		{ 17, BYTES(1, 2, 3) },
		{ 0, BYTES(1) }, /* unknown tags */
		{ 18, BYTES(1) },
		{ 32, BYTES(1) },
		{ 33, BYTES(1) },
		{ 254, BYTES(1) },
		{ 255, BYTES(1) }, /* the end is empty */
	};

	for (size_t i = 0; i < NOTAR_COUNT(rows); i++) {
		NOTAR_AUTO_OF(buf) row = { 0 };
		row_with(&row, rows[i].tag, rows[i].value);
		assert_damaged(buf_span(&row));
	}
}

static void
a_required_part_may_not_be_missing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) plain = { 0 };
	struct fact fact = least_fact();

	fact_encode(&fact, &plain);
	for (uint8_t missing = 1; missing <= 7; missing++) {
		NOTAR_AUTO_OF(buf) row = { 0 };
		struct reader r = { .rest = span_from(buf_span(&plain), 1) };
		buf_append_byte(&row, 1);
		while (r.rest.len > 0) {
			uint8_t at = (uint8_t)reader_be(&r, 1);
			struct span value = reader_take(&r, (size_t)reader_be(&r, 4));
			if (at == missing)
				continue;
			buf_append_byte(&row, at);
			buf_append_be(&row, value.len, 4);
			buf_append_span(&row, value);
		}
		if (missing != 6) /* the artifact is only a reference */
			assert_damaged(buf_span(&row));
	}
}

static void
tags_ascend_and_come_once(void **state)
{
	(void)state;
	assert_damaged(BYTES(1, 2, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1));
	assert_damaged(BYTES(1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1));
	assert_damaged(BYTES(1, 255, 0, 0, 0, 0));
	assert_damaged(BYTES(1, 1, 0xff, 0xff, 0xff, 0xff, 1));
	assert_damaged((struct span){ 0 });
}

static void
another_row_version_is_a_miss(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();

	for (unsigned version = 0; version < 256; version++) {
		if (version == 1)
			continue;
		s.row.ptr[0] = (uint8_t)version;
		assert_damaged(buf_span(&s.row));
	}
}

/* Computed apart, from the header's description. */
static void
the_id_of_a_signature_is_the_documented_hash(void **state)
{
	(void)state;
	struct notar_digest payload = digest_of(NOTAR_SHA256, span_str("payload"));
	uint8_t id[FACT_ID_BYTES];
	char hex[2 * FACT_ID_BYTES + 1];

	fact_sig_id(FACT_SIMPLE, &payload, span_str("signature"), span_str("leaf"), id);
	assert_string_equal(hex_encode(span_of(id, sizeof(id)), hex),
			    "50108487b1ff79b6058c9532df0d8c992da32d8ff67ecea146e83352b1040623");
}

static void
bytes_cannot_slide_between_the_parts_of_an_id(void **state)
{
	(void)state;
	struct notar_digest payload = digest_of(NOTAR_SHA256, span_str("payload"));
	uint8_t a[FACT_ID_BYTES], b[FACT_ID_BYTES];

	fact_sig_id(FACT_SIMPLE, &payload, span_str("ab"), span_str("c"), a);
	fact_sig_id(FACT_SIMPLE, &payload, span_str("a"), span_str("bc"), b);
	assert_memory_not_equal(a, b, FACT_ID_BYTES);
	fact_sig_id(FACT_SIMPLE, &payload, span_str("ab"), span_str(""), a);
	fact_sig_id(FACT_SIMPLE, &payload, span_str(""), span_str("ab"), b);
	assert_memory_not_equal(a, b, FACT_ID_BYTES);
	fact_sig_id(FACT_DSSE, &payload, span_str(""), span_str("ab"), a);
	assert_memory_not_equal(a, b, FACT_ID_BYTES);
}

static void
only_no_predicate_or_cosigns_own_is_a_signature(void **state)
{
	(void)state;
	static const char *const others[] = { "https://slsa.dev/provenance/v1",
					      "https://sigstore.dev/cosign/sign/v2",
					      "https://sigstore.dev/cosign/sign/v1/",
					      "https://sigstore.dev/cosign/sign/v" };
	struct fact fact = least_fact();

	assert_true(fact_is_signature(&fact));
	fact.predicate_type = span_str("https://sigstore.dev/cosign/sign/v1");
	assert_true(fact_is_signature(&fact));
	for (size_t i = 0; i < NOTAR_COUNT(others); i++) {
		fact.predicate_type = span_str(others[i]);
		assert_false(fact_is_signature(&fact));
	}
}

static void
annotations_are_walked_in_order_and_stop_where_damaged(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();
	struct span name, value, rest = s.fact.annotations;

	assert_true(fact_annotation_next(&rest, &name, &value));
	assert_true(span_is(name, "git") && span_is(value, "c0ffee"));
	assert_true(fact_annotation_next(&rest, &name, &value));
	assert_true(span_is(name, "empty") && value.len == 0);
	assert_false(fact_annotation_next(&rest, &name, &value));
	assert_int_equal(rest.len, 0);
	for (size_t len = 1; len < 15; len++) {
		rest = span_of(s.fact.annotations.ptr, len);
		name = span_str("untouched");
		assert_false(fact_annotation_next(&rest, &name, &value));
		assert_true(span_is(name, "untouched"));
		assert_int_equal(rest.len, len);
	}
}

static void
a_name_that_its_length_field_cannot_hold_sticks_as_an_error(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) b = { 0 };
	static const uint8_t name[UINT16_MAX + 1];

	fact_annotation_append(&b, span_of(name, UINT16_MAX), span_str("x"));
	assert_int_equal(b.failed, NOTAR_OK);
	fact_annotation_append(&b, span_of(name, sizeof(name)), span_str("x"));
	assert_int_equal(b.failed, NOTAR_E_LIMIT);
}

static void
times_are_walked_in_order_and_bad_ones_end_the_walk(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = full_sample();
	NOTAR_AUTO_OF(buf) bad = { 0 };
	enum fact_time_source source;
	struct span id, rest = s.fact.times;
	int64_t time_s;

	assert_true(fact_time_next(&rest, &source, &id, &time_s));
	assert_true(source == FACT_TIME_LOG && time_s == 1700000000 && id.ptr[2] == 3);
	assert_true(fact_time_next(&rest, &source, &id, &time_s));
	assert_true(source == FACT_TIME_TSA && time_s == 1700000001);
	assert_false(fact_time_next(&rest, &source, &id, &time_s));
	fact_time_append(&bad, FACT_TIME_LOG, least_fact().key_id, -1);
	rest = buf_span(&bad);
	assert_false(fact_time_next(&rest, &source, &id, &time_s));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_fact_is_read_back_whole),
		cmocka_unit_test(what_is_absent_stays_absent),
		cmocka_unit_test(the_encoded_form_starts_as_it_always_did),
		cmocka_unit_test(every_truncation_is_an_error_and_leaves_the_output_alone),
		cmocka_unit_test(one_byte_more_is_an_error),
		cmocka_unit_test(every_flipped_bit_is_an_error_or_another_fact),
		cmocka_unit_test(values_that_are_not_what_their_tag_says_are_damage),
		cmocka_unit_test(a_required_part_may_not_be_missing),
		cmocka_unit_test(tags_ascend_and_come_once),
		cmocka_unit_test(another_row_version_is_a_miss),
		cmocka_unit_test(the_id_of_a_signature_is_the_documented_hash),
		cmocka_unit_test(bytes_cannot_slide_between_the_parts_of_an_id),
		cmocka_unit_test(only_no_predicate_or_cosigns_own_is_a_signature),
		cmocka_unit_test(annotations_are_walked_in_order_and_stop_where_damaged),
		cmocka_unit_test(a_name_that_its_length_field_cannot_hold_sticks_as_an_error),
		cmocka_unit_test(times_are_walked_in_order_and_bad_ones_end_the_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
