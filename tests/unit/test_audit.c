/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"

#define TIME_MS INT64_C(1800000000123)

/* Appends a record to the chain that ends in hash. */
static void
add(struct buf *out, uint64_t seq, const struct audit_field *fields, size_t count,
    uint8_t hash[SHA256_BYTES])
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(audit_encode_body(&body, "decision", fields, count, &err), NOTAR_OK);
	audit_encode(out, seq, TIME_MS, buf_span(&body), hash);
}

static void
add_usual(struct buf *out, uint64_t seq, uint8_t hash[SHA256_BYTES])
{
	const struct audit_field fields[] = {
		AUDIT_F_STR("image", "registry.example/app:1.0"),
		AUDIT_F_SPAN("verdict", span_str("deny")),
		AUDIT_F_STR("rule", NULL),
		AUDIT_F_INT("us", -12),
	};

	add(out, seq, fields, NOTAR_COUNT(fields), hash);
}

/* Reads lines up to the first that is wrong; the chain says how many were good. */
static enum notar_code
verify(struct span log, struct audit_chain *chain)
{
	*chain = (struct audit_chain){ 0 };
	while (log.len > 0) {
		NOTAR_AUTO_OF(audit_record) record = { 0 };
		struct notar_error err = { 0 };
		size_t end = span_find(log, '\n');

		if (end == log.len)
			return NOTAR_E_FORMAT;
		NOTAR_TRY(audit_decode(span_of(log.ptr, end), &record, &err));
		NOTAR_TRY(audit_chain_add(chain, &record, &err));
		log = span_from(log, end + 1);
	}
	return NOTAR_OK;
}

static void
a_record_is_these_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(buf) covered = { 0 };
	uint8_t hash[SHA256_BYTES] = { 0 }, want[SHA256_BYTES];
	char hex[AUDIT_HEX_BYTES + 1];

	add_usual(&line, 1, hash);
	/* What sha256sum says of 32 zero bytes and the covered part. */
	buf_append(&covered, (uint8_t[SHA256_BYTES]){ 0 }, SHA256_BYTES);
	buf_append_str(&covered, "{\"seq\":1,\"time\":\"2027-01-15T08:00:00.123Z\","
				 "\"event\":\"decision\",\"image\":\"registry.example/app:1.0\","
				 "\"verdict\":\"deny\",\"us\":-12,\"prev\":\"00000000000000000000"
				 "00000000000000000000000000000000000000000000\"");
	sha256_of(buf_span(&covered), want);
	assert_memory_equal(hash, want, SHA256_BYTES);
	buf_printf(&covered, ",\"hash\":\"%s\"}\n", hex_encode(span_of(want, SHA256_BYTES), hex));
	assert_true(span_equal(buf_span(&line), span_from(buf_span(&covered), SHA256_BYTES)));
}

static void
what_is_encoded_decodes_to_the_same(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	uint8_t hash[SHA256_BYTES] = { 1 };
	struct notar_error err = { 0 };

	add_usual(&line, 7, hash);
	assert_int_equal(audit_decode(span_of(line.ptr, line.len - 1), &record, &err), NOTAR_OK);
	assert_int_equal(record.seq, 7);
	assert_int_equal(record.time_ms, TIME_MS);
	assert_true(span_is(record.event, "decision"));
	assert_int_equal(record.count, 3);
	assert_true(span_is(audit_record_text(&record, "verdict"), "deny"));
	assert_null(audit_record_text(&record, "rule").ptr);
	assert_int_equal(record.fields[2].number, -12);
	assert_int_equal(record.prev[0], 1);
	assert_memory_equal(record.hash, hash, SHA256_BYTES);
}

static void
every_change_of_a_byte_is_found(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) log = { 0 };
	uint8_t hash[SHA256_BYTES] = { 0 };
	struct audit_chain chain;

	for (uint64_t seq = 1; seq <= 3; seq++)
		add_usual(&log, seq, hash);
	assert_int_equal(verify(buf_span(&log), &chain), NOTAR_OK);
	assert_int_equal(chain.seq, 3);
	assert_memory_equal(chain.hash, hash, SHA256_BYTES);
	for (size_t at = 0; at < log.len; at++) {
		for (unsigned change = 1; change < 256; change++) {
			log.ptr[at] ^= (uint8_t)change;
			assert_int_not_equal(verify(buf_span(&log), &chain), NOTAR_OK);
			assert_int_equal(chain.count, at * 3 / log.len);
			log.ptr[at] ^= (uint8_t)change;
		}
	}
}

static void
every_byte_left_out_or_put_in_is_found(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) log = { 0 };
	uint8_t hash[SHA256_BYTES] = { 0 };
	struct audit_chain chain;

	add_usual(&log, 1, hash);
	add_usual(&log, 2, hash);
	for (size_t at = 0; at < log.len; at++) {
		NOTAR_AUTO_OF(buf) other = { 0 };

		buf_append(&other, log.ptr, at);
		buf_append(&other, log.ptr + at + 1, log.len - at - 1);
		assert_int_not_equal(verify(buf_span(&other), &chain), NOTAR_OK);
		for (const char *c = " \n0\"\\}"; *c != '\0'; c++) {
			buf_clear(&other);
			buf_append(&other, log.ptr, at);
			buf_append_byte(&other, (uint8_t)*c);
			buf_append(&other, log.ptr + at, log.len - at);
			assert_int_not_equal(verify(buf_span(&other), &chain), NOTAR_OK);
		}
	}
}

/* Records of a log as spans. */
static size_t
split(struct span log, struct span lines[8])
{
	size_t count = 0;

	while (log.len > 0) {
		size_t end = span_find(log, '\n') + 1;

		lines[count++] = span_of(log.ptr, end);
		log = span_from(log, end);
	}
	return count;
}

static void
removed_swapped_and_repeated_records_are_found(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) log = { 0 };
	uint8_t hash[SHA256_BYTES] = { 0 };
	struct audit_chain chain;
	struct span lines[8];
	static const struct {
		unsigned order[4]; /* record numbers; 0 ends */
		uint64_t good;
		enum notar_code code;
	} cases[] = {
		{ { 1, 2, 3, 4 }, 4, NOTAR_OK },
		{ { 1, 2, 4 }, 2, NOTAR_E_FORMAT },
		{ { 1, 3, 2, 4 }, 1, NOTAR_E_FORMAT },
		{ { 2, 1 }, 1, NOTAR_E_FORMAT },
		{ { 1, 1 }, 1, NOTAR_E_FORMAT },
		{ { 3, 4 }, 2, NOTAR_OK }, /* older ones may be elsewhere */
		{ { 1, 2 }, 2, NOTAR_OK }, /* a cut tail shows by seq and hash alone */
	};

	for (uint64_t seq = 1; seq <= 4; seq++)
		add_usual(&log, seq, hash);
	assert_int_equal(split(buf_span(&log), lines), 4);
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) other = { 0 };

		for (size_t k = 0; k < 4 && cases[i].order[k] != 0; k++)
			buf_append_span(&other, lines[cases[i].order[k] - 1]);
		assert_int_equal(verify(buf_span(&other), &chain), cases[i].code);
		assert_int_equal(chain.count, cases[i].good);
	}
}

static void
a_forged_record_with_a_good_hash_breaks_the_next(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) log = { 0 };
	NOTAR_AUTO_OF(buf) forged = { 0 };
	uint8_t hash[SHA256_BYTES] = { 0 }, other[SHA256_BYTES] = { 0 };
	const struct audit_field fields[] = { AUDIT_F_STR("verdict", "allow") };
	struct audit_chain chain;
	struct span lines[8];

	add_usual(&log, 1, hash);
	add_usual(&log, 2, hash);
	assert_int_equal(split(buf_span(&log), lines), 2);
	add(&forged, 1, fields, 1, other);
	buf_append_span(&forged, lines[1]);
	assert_int_equal(verify(buf_span(&forged), &chain), NOTAR_E_FORMAT);
	assert_int_equal(chain.count, 1);
}

static void
only_the_first_record_starts_a_chain(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) late = { 0 };
	NOTAR_AUTO_OF(buf) chained = { 0 };
	uint8_t zeros[SHA256_BYTES] = { 0 }, hash[SHA256_BYTES] = { 5 };
	struct audit_chain chain;

	add_usual(&late, 9, zeros);
	assert_int_equal(verify(buf_span(&late), &chain), NOTAR_E_FORMAT);
	add_usual(&chained, 1, hash);
	assert_int_equal(verify(buf_span(&chained), &chain), NOTAR_E_FORMAT);
}

/* Hashed as it should be, but not as the writer writes: whatever the text before prev is. */
static enum notar_code
decode_hashed(const char *text)
{
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	uint8_t prev[SHA256_BYTES] = { 3 }, hash[SHA256_BYTES];
	char hex[AUDIT_HEX_BYTES + 1];
	struct notar_error err = { 0 };

	buf_append_str(&line, text);
	buf_printf(&line, AUDIT_PREV_OPENS "%s\"", hex_encode(span_of(prev, SHA256_BYTES), hex));
	audit_hash(prev, buf_span(&line), hash);
	buf_printf(&line, AUDIT_HASH_OPENS "%s\"}", hex_encode(span_of(hash, SHA256_BYTES), hex));
	return audit_decode(buf_span(&line), &record, &err);
}

static void
a_record_has_one_spelling(void **state)
{
	(void)state;
#define HEAD "{\"seq\":2,\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":\"e\""
	static const char *const bad[] = {
		"",
		"{",
		"{\"seq\":2,\"time\":\"2027-01-15T08:00:00.123Z\"",                 /* no event */
		"{\"time\":\"2027-01-15T08:00:00.123Z\",\"seq\":2,\"event\":\"e\"", /* order */
		"{\"seq\":0,\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":\"e\"",
		"{\"seq\":-2,\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":\"e\"",
		"{\"seq\":\"2\",\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":\"e\"",
		"{\"seq\":2,\"time\":\"2027-01-15T08:00:00Z\",\"event\":\"e\"",
		"{\"seq\":2,\"time\":\"2027-01-15T08:00:00.1Z\",\"event\":\"e\"",
		"{\"seq\":2,\"time\":\"2027-01-15T08:00+00:00\",\"event\":\"e\"",
		"{\"seq\":2,\"time\":\"2027-02-30T08:00:00.123Z\",\"event\":\"e\"",
		"{\"seq\":2,\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":\"e e\"",
		"{\"seq\":2,\"time\":\"2027-01-15T08:00:00.123Z\",\"event\":1",
		HEAD ",\"a\":true",
		HEAD ",\"a\":null",
		HEAD ",\"a\":1.5",
		HEAD ",\"a\":{}",
		HEAD ",\"a\":-0",
		HEAD ",\"a\":99999999999999999999",
		HEAD ",\"a\":1,\"a\":1",
		HEAD ",\"event\":\"e\"",
		HEAD ",\"a-b\":1",
		HEAD ",\"\":1",
		HEAD ", \"a\":1",
		HEAD ",\"a\":\"\\u0041\"",
		HEAD ",\"a\":\"\\/\"",
		HEAD ",\"a\":\"\x1f\"",
		HEAD ",\"a\":\"\xff\"",
		HEAD ",\"hash\":\"\"",
		HEAD ",\"prev\":\"\"",
		"\xef\xbb\xbf" HEAD,
		" " HEAD,
	};

	assert_int_equal(decode_hashed(HEAD), NOTAR_OK);
	assert_int_equal(decode_hashed(HEAD ",\"a\":1,\"b\":\"\\u001f\\n\""), NOTAR_OK);
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_int_not_equal(decode_hashed(bad[i]), NOTAR_OK);
#undef HEAD
}

static void
names_that_would_break_a_record_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "",      "seq",
					   "time",  "event",
					   "prev",  "hash",
					   "a b",   "1a",
					   "a\"",   "\xc3\xa4",
					   "_a",    "a.b",
					   "twice", "abcdefghijklmnopqrstuvwxyzabcdefg" };

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) body = { 0 };
		struct notar_error err = { 0 };
		const struct audit_field fields[] = { AUDIT_F_INT("twice", 1),
						      AUDIT_F_INT(bad[i], 1) };

		assert_int_equal(audit_encode_body(&body, "e", fields, 2, &err), NOTAR_E_USAGE);
		assert_int_equal(body.len, 0);
		if (strcmp(bad[i], "twice") != 0 && !audit_is_own(bad[i]))
			assert_int_equal(audit_encode_body(&body, bad[i], fields, 1, &err),
					 NOTAR_E_USAGE);
	}
}

/* Whatever is said of a record, it reads back, is cut, and fits a line. */
static void
assert_reads_back(struct span text)
{
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	uint8_t hash[SHA256_BYTES] = { 1 };
	struct audit_field fields[AUDIT_FIELDS];
	char names[AUDIT_FIELDS][8];
	struct notar_error err = { 0 };

	for (size_t i = 0; i < AUDIT_FIELDS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "f%zu", i);
		fields[i] = AUDIT_F_SPAN(names[i], text);
	}
	add(&line, INT64_MAX, fields, AUDIT_FIELDS, hash);
	assert_true(line.len <= AUDIT_LINE_BYTES);
	assert_int_equal(audit_decode(span_of(line.ptr, line.len - 1), &record, &err), NOTAR_OK);
	assert_int_equal(record.count, AUDIT_FIELDS);
	assert_true(record.fields[0].span.len <= AUDIT_VALUE_BYTES);
}

static void
strangers_text_is_escaped_cut_and_reads_back(void **state)
{
	(void)state;
	static const char *const pieces[] = {
		"a",        "\"",          "\\",       "\n",   "\x01",
		"\xff",     "\x80",        "\xc3\xa4", "\x7f", "\xf0\x9f\x92\xa9",
		"\xed\xa0", "\xe2\x80\xae"
	};

	assert_reads_back(span_of("\0x", 2));
	assert_reads_back(span_of("", 0));
	for (size_t i = 0; i < NOTAR_COUNT(pieces); i++) {
		for (size_t lead = 0; lead < 8; lead++) {
			NOTAR_AUTO_OF(buf) text = { 0 };

			buf_append(&text, "xxxxxxxx", lead);
			while (text.len < 2000)
				buf_append_str(&text, pieces[i]);
			assert_reads_back(buf_span(&text));
		}
	}
}

static void
random_bytes_read_back(void **state)
{
	(void)state;
	uint8_t bytes[700];
	uint32_t seed = 12345;

	for (size_t turn = 0; turn < 300; turn++) {
		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(seed >> 24);
		}
		assert_reads_back(span_of(bytes, turn * 2));
	}
}

static void
what_cannot_be_a_record_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	uint8_t hash[SHA256_BYTES] = { 1 };
	struct notar_error err = { 0 };

	assert_int_equal(audit_decode(span_of(NULL, 0), &record, &err), NOTAR_E_FORMAT);
	while (line.len < AUDIT_LINE_BYTES)
		buf_append_byte(&line, ' ');
	assert_int_equal(audit_decode(buf_span(&line), &record, &err), NOTAR_E_LIMIT);
	buf_clear(&line);
	add_usual(&line, 1, hash);
	for (size_t len = 0; len < line.len - 1; len++)
		assert_int_not_equal(audit_decode(span_of(line.ptr, len), &record, &err), NOTAR_OK);
	assert_null(record.root);
}

static void
times_have_milliseconds(void **state)
{
	(void)state;
	char text[AUDIT_TIME_BYTES];

	assert_string_equal(audit_format_time(0, text), "1970-01-01T00:00:00.000Z");
	assert_string_equal(audit_format_time(999, text), "1970-01-01T00:00:00.999Z");
	assert_string_equal(audit_format_time(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(audit_format_time(INT64_MAX, text), "9999-12-31T23:59:59.807Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_these_bytes),
		cmocka_unit_test(what_is_encoded_decodes_to_the_same),
		cmocka_unit_test(every_change_of_a_byte_is_found),
		cmocka_unit_test(every_byte_left_out_or_put_in_is_found),
		cmocka_unit_test(removed_swapped_and_repeated_records_are_found),
		cmocka_unit_test(a_forged_record_with_a_good_hash_breaks_the_next),
		cmocka_unit_test(only_the_first_record_starts_a_chain),
		cmocka_unit_test(a_record_has_one_spelling),
		cmocka_unit_test(names_that_would_break_a_record_are_refused),
		cmocka_unit_test(strangers_text_is_escaped_cut_and_reads_back),
		cmocka_unit_test(random_bytes_read_back),
		cmocka_unit_test(what_cannot_be_a_record_is_refused),
		cmocka_unit_test(times_have_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
