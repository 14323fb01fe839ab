/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"

/* A fact of a certificate of Fulcio, and what its spans borrow from. */
struct sample {
	struct fact fact;
	struct buf paths, logs, scts, extensions, row;
};

static void
sample_release(struct sample *s)
{
	buf_release(&s->paths);
	buf_release(&s->logs);
	buf_release(&s->scts);
	buf_release(&s->extensions);
	buf_release(&s->row);
}

static const uint8_t one[FACT_ID_BYTES] = { 1 }, two[FACT_ID_BYTES] = { 2 };

static void
fill(struct sample *s)
{
	const struct fact_path path = { one, 10, 20 };
	const struct fact_log promised = { one, false, 1700000000 }, tiled = { two, true, 0 };

	fact_path_append(&s->paths, &path);
	fact_log_append(&s->logs, &promised);
	fact_log_append(&s->logs, &tiled);
	fact_sct_append(&s->scts, two, 1700000000123);
	fact_extension_append(&s->extensions, 12, span_str("https://example.org"));
	s->fact = (struct fact){ .format = FACT_BUNDLE,
				 .proof = FACT_BY_FULCIO,
				 .issuer = span_str("https://issuer.example"),
				 .san = span_str("who@example.org"),
				 .subject_size = -1,
				 .paths = buf_span(&s->paths),
				 .logs = buf_span(&s->logs),
				 .scts = buf_span(&s->scts),
				 .extensions = buf_span(&s->extensions) };
	s->fact.subject = digest_of(NOTAR_SHA256, span_str("subject"));
	s->fact.payload = digest_of(NOTAR_SHA256, span_str("payload"));
}

static enum notar_code
pass_through(struct sample *s, struct fact *out)
{
	buf_release(&s->row);
	s->row = (struct buf){ 0 };
	fact_encode(&s->fact, &s->row);
	return fact_decode(buf_span(&s->row), out, NULL);
}

static void
what_services_vouched_for_comes_back(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) s = { 0 };
	struct fact fact = { 0 };
	struct fact_path path;
	struct fact_log log;
	const uint8_t *id;
	int64_t time_ms;
	size_t number;
	struct span text;

	fill(&s);
	assert_int_equal(pass_through(&s, &fact), NOTAR_OK);
	assert_true(fact_path_next(&fact.paths, &path));
	assert_memory_equal(path.authority, one, FACT_ID_BYTES);
	assert_int_equal(path.from_s, 10);
	assert_int_equal(path.to_s, 20);
	assert_false(fact_path_next(&fact.paths, &path));
	assert_true(fact_log_next(&fact.logs, &log));
	assert_false(log.is_tiled);
	assert_int_equal(log.time_s, 1700000000);
	assert_true(fact_log_next(&fact.logs, &log));
	assert_true(log.is_tiled);
	assert_memory_equal(log.log, two, FACT_ID_BYTES);
	assert_true(fact_sct_next(&fact.scts, &id, &time_ms));
	assert_int_equal(time_ms, 1700000000123);
	assert_true(fact_extension_next(&fact.extensions, &number, &text));
	assert_int_equal(number, 12);
	assert_true(span_is(text, "https://example.org"));
}

static void
a_part_that_is_no_whole_sequence_is_damage(void **state)
{
	(void)state;
	for (size_t part = 0; part < 4; part++) {
		NOTAR_AUTO_OF(sample) s = { 0 };
		struct fact fact = { 0 };

		fill(&s);
		struct span *const cut[] = { &s.fact.paths, &s.fact.logs, &s.fact.scts,
					     &s.fact.extensions };

		cut[part]->len--;
		assert_int_equal(pass_through(&s, &fact), NOTAR_E_STORE);
	}
}

static void
a_certificate_of_nobody_is_damage(void **state)
{
	(void)state;
	for (size_t part = 0; part < 3; part++) {
		NOTAR_AUTO_OF(sample) s = { 0 };
		struct fact fact = { 0 };

		fill(&s);
		struct span *const missing[] = { &s.fact.paths, &s.fact.issuer, &s.fact.san };

		*missing[part] = (struct span){ 0 };
		assert_int_equal(pass_through(&s, &fact), NOTAR_E_STORE);
	}
}

static void
numbers_that_cannot_be_are_damage(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) extension = { 0 };
	NOTAR_AUTO_OF(buf) log = { 0 };
	struct fact_log found;
	struct span text;
	size_t number;
	const struct fact_log odd = { one, true, -1 };

	fact_extension_append(&extension, FACT_EXTENSIONS, span_str("x"));
	assert_int_not_equal(extension.failed, NOTAR_OK);
	assert_false(fact_extension_next(&(struct span){ (const uint8_t *)"\x19\0\0", 3 }, &number,
					 &text));
	fact_log_append(&log, &odd);
	struct span rest = buf_span(&log);

	assert_false(fact_log_next(&rest, &found));
}

static size_t
count_logs(struct span rest)
{
	struct fact_log log;
	size_t count = 0;

	while (fact_log_next(&rest, &log))
		count++;
	return count;
}

static void
what_was_found_earlier_is_not_lost(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) rich = { 0 };
	NOTAR_AUTO_OF(sample) poor = { 0 };
	NOTAR_AUTO_OF(buf) united = { 0 };
	NOTAR_AUTO_OF(buf) again = { 0 };
	struct fact fact = { 0 };

	fill(&rich);
	fill(&poor);
	fact_encode(&rich.fact, &rich.row);
	poor.fact.logs = poor.fact.scts = (struct span){ 0 };
	fact_encode(&poor.fact, &poor.row);
	fact_unite(buf_span(&poor.row), buf_span(&rich.row), &united);
	assert_int_equal(fact_decode(buf_span(&united), &fact, NULL), NOTAR_OK);
	assert_int_equal(count_logs(fact.logs), 2);
	assert_true(fact.scts.len > 0);
	/* Once more adds nothing. */
	fact_unite(buf_span(&united), buf_span(&rich.row), &again);
	assert_true(span_equal(buf_span(&again), buf_span(&united)));
}

static void
what_is_of_another_signature_adds_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(sample) mine = { 0 };
	NOTAR_AUTO_OF(sample) other = { 0 };
	NOTAR_AUTO_OF(buf) united = { 0 };
	NOTAR_AUTO_OF(buf) damaged = { 0 };

	fill(&mine);
	fill(&other);
	mine.fact.logs = (struct span){ 0 };
	other.fact.sig_id[0] ^= 1;
	fact_encode(&mine.fact, &mine.row);
	fact_encode(&other.fact, &other.row);
	fact_unite(buf_span(&mine.row), buf_span(&other.row), &united);
	assert_true(span_equal(buf_span(&united), buf_span(&mine.row)));
	fact_unite(buf_span(&mine.row), span_of(other.row.ptr, other.row.len - 1), &damaged);
	assert_true(span_equal(buf_span(&damaged), buf_span(&mine.row)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_services_vouched_for_comes_back),
		cmocka_unit_test(a_part_that_is_no_whole_sequence_is_damage),
		cmocka_unit_test(a_certificate_of_nobody_is_damage),
		cmocka_unit_test(what_was_found_earlier_is_not_lost),
		cmocka_unit_test(what_is_of_another_signature_adds_nothing),
		cmocka_unit_test(numbers_that_cannot_be_are_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
