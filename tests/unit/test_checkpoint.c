/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "tests/lib/envelope_fixture.h"
#include "tests/lib/log_fixture.h"

#define ROOT "TccV/2pEVAPaSxqMNeW4o7Ng+uNm8rrFv2vMKGjR1tE="
#define LINE "\xe2\x80\x94 log.example AAAAAAE=\n"
#define GOOD "log.example\n7\n" ROOT "\n\n" LINE

static void
a_checkpoint_is_read_and_what_is_signed_ends_before_the_blank_line(void **state)
{
	(void)state;
	static const char *const good[] = { GOOD,
					    "log.example\n7\n" ROOT "\nTimestamp: 1\n\n" LINE LINE,
					    "log.example\n7\n" ROOT "\nother\nlines\n\n" LINE };

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		struct checkpoint c;

		assert_int_equal(checkpoint_parse(span_str(good[i]), &c, NULL), NOTAR_OK);
		assert_true(span_is(c.origin, "log.example"));
		assert_int_equal(c.size, 7);
		assert_int_equal(c.root[0], 0x4d);
		assert_int_equal(c.text.len, strstr(good[i], "\n\n") + 1 - good[i]);
		assert_true(span_starts_with(c.signatures, LINE));
	}
}

static void
what_is_no_checkpoint_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		"\n\n" LINE,
		"log.example\n7\n" ROOT "\n\n",
		"log.example\n7\n" ROOT "\n" LINE,
		"log.example\n7\n" ROOT "\n\n\xe2\x80\x94 log.example AAAAAAE=", /* no newline */
		"7\n" ROOT "\n\n" LINE,                                          /* no origin */
		"\n7\n" ROOT "\n\n" LINE,
		"log.example\n" ROOT "\n\n" LINE,
		"log.example\n7\n\n" LINE,
		"log.example\n7\n \n\n" LINE,
		"log.example\n07\n" ROOT "\n\n" LINE,
		"log.example\n\n" ROOT "\n\n" LINE,
		"log.example\n-7\n" ROOT "\n\n" LINE,
		"log.example\n+7\n" ROOT "\n\n" LINE,
		"log.example\n7 \n" ROOT "\n\n" LINE,
		"log.example\n0x7\n" ROOT "\n\n" LINE,
		"log.example\n9223372036854775808\n" ROOT "\n\n" LINE,
		"log.example\n7\nAAAA\n\n" LINE,
		"log.example\n7\n" ROOT "AAAA\n\n" LINE,
		"log.example\n7\nTccV_2pEVAPaSxqMNeW4o7Ng-uNm8rrFv2vMKGjR1tE=\n\n" LINE,
		"log.example\n7\n" ROOT "\n\nmore\n\n" LINE,
		"log.example\n7\r\n" ROOT "\n\n" LINE,
		"log.example\n7\n" ROOT "\n\x01\n\n" LINE,
		"log.example\n7\n" ROOT "\n\xff\n\n" LINE,
		"log.example\n7\n" ROOT "\n\n- log.example AAAAAAE=\n",
		"log.example\n7\n" ROOT "\n\n\xe2\x80\x94 log.example\n",
		"log.example\n7\n" ROOT "\n\n\xe2\x80\x94  AAAAAAE=\n",
		"log.example\n7\n" ROOT "\n\n\xe2\x80\x94 log.example AAAAAA==\n", /* only an id */
		"log.example\n7\n" ROOT "\n\n\xe2\x80\x94 log.example AAAAAAE\n",
		"log.example\n7\n" ROOT "\n\n\xe2\x80\x94 log.example AAAAAAE= x\n",
		"log.example\n7\n" ROOT "\n\n" LINE "junk\n",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct checkpoint c = { .size = 1 };
		struct notar_error err = { 0 };

		if (checkpoint_parse(span_str(bad[i]), &c, &err) != NOTAR_E_FORMAT)
			fail_msg("%zu: \"%s\"", i, bad[i]);
		assert_int_equal(c.size, 1);
		assert_true(err.msg[0] != '\0');
	}
}

static void
more_than_the_bounds_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) note = { 0 };
	NOTAR_AUTO_OF(buf) large = { 0 };
	struct checkpoint c;

	buf_append_str(&note, GOOD);
	for (size_t i = 1; i < LIMIT_CHECKPOINT_SIGNATURES; i++)
		buf_append_str(&note, LINE);
	assert_int_equal(checkpoint_parse(buf_span(&note), &c, NULL), NOTAR_OK);
	buf_append_str(&note, LINE);
	assert_int_equal(checkpoint_parse(buf_span(&note), &c, NULL), NOTAR_E_LIMIT);
	while (large.len <= LIMIT_CHECKPOINT_BYTES)
		buf_append_str(&large, "a line\n");
	assert_int_equal(checkpoint_parse(buf_span(&large), &c, NULL), NOTAR_E_LIMIT);
}

/* A log of the tests' own Ed25519 key. */
struct own {
	struct root_log log;
	struct buf note;
};

static void
own_release(struct own *own)
{
	key_free(own->log.key);
	buf_release(&own->log.base_url);
	buf_release(&own->note);
}

static void
own_init(struct own *own, const char *base_url, size_t host_len, const char *origin)
{
	*own = (struct own){ .log = { .key = fixture_signer(), .host_len = host_len } };
	buf_append_str(&own->log.base_url, base_url);
	buf_printf(&own->note, "%s\n7\n" ROOT "\n", origin);
}

/* C2SP: SHA-256(name, newline, 0x01, key), and the signature over all lines before. */
static void
sign_as(struct own *own, const char *name)
{
	NOTAR_AUTO_OF(buf) id = { 0 };
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	uint8_t hash[SHA256_BYTES];
	struct span spki = key_spki(own->log.key);

	buf_printf(&id, "%s\n\x01", name);
	buf_append_span(&id, span_from(spki, spki.len - 32));
	sha256_of(buf_span(&id), hash);
	buf_append(&bytes, hash, 4);
	assert_int_equal(key_sign(own->log.key, buf_span(&own->note), SIG_DER, &bytes, NULL),
			 NOTAR_OK);
	buf_printf(&own->note, "\n\xe2\x80\x94 %s ", name);
	base64_append(&own->note, buf_span(&bytes));
	buf_append_str(&own->note, "\n");
}

static enum notar_code
verify_own(const struct own *own)
{
	struct checkpoint c;

	assert_int_equal(checkpoint_parse(buf_span(&own->note), &c, NULL), NOTAR_OK);
	return checkpoint_verify(&c, &own->log, NULL);
}

static void
the_origin_is_the_log_s_address_or_its_host(void **state)
{
	(void)state;
	static const struct {
		const char *origin, *name;
		enum notar_code code;
	} rows[] = {
		{ "log.example/2025", "log.example/2025", NOTAR_OK },
		{ "log.example", "log.example", NOTAR_OK },
		{ "log.example - 12", "log.example", NOTAR_OK },
		{ "log.example/2025 - 12", "log.example/2025", NOTAR_E_SIGNATURE },
		{ "log.example - ", "log.example", NOTAR_E_SIGNATURE },
		{ "log.example - x12", "log.example", NOTAR_E_SIGNATURE },
		{ "log.example/2026", "log.example/2026", NOTAR_E_SIGNATURE },
		{ "log.exampl", "log.exampl", NOTAR_E_SIGNATURE },
		{ "other.example", "other.example", NOTAR_E_SIGNATURE },
		{ "log.example", "log.example/2025", NOTAR_E_SIGNATURE },
		{ " - 12", "x", NOTAR_E_SIGNATURE },
	};

	for (size_t i = 0; i < NOTAR_COUNT(rows); i++) {
		NOTAR_AUTO_OF(own) own;

		own_init(&own, "log.example/2025", strlen("log.example"), rows[i].origin);
		sign_as(&own, rows[i].name);
		if (verify_own(&own) != rows[i].code)
			fail_msg("%s as %s", rows[i].origin, rows[i].name);
	}
}

static void
lines_of_others_are_passed_over_but_the_log_s_own_must_hold(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(own) own;

	own_init(&own, "log.example", strlen("log.example"), "log.example");
	sign_as(&own, "log.example");
	buf_append_str(&own.note, "\xe2\x80\x94 witness.example AAAAAAEC\n");
	buf_append_str(&own.note, LINE); /* the name, another key */
	assert_int_equal(verify_own(&own), NOTAR_OK);
	/* One more line with the log's name and key id, which is not by it. */
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	const char *good = strstr(buf_cstr(&own.note), "\xe2\x80\x94 log.example ") + 16;
	struct span text = span_of(good, strcspn(good, "\n"));

	assert_int_equal(base64_decode(text, &bytes, "line", NULL), NOTAR_OK);
	bytes.ptr[bytes.len - 1] ^= 1;
	buf_append_str(&own.note, "\xe2\x80\x94 log.example ");
	base64_append(&own.note, buf_span(&bytes));
	buf_append_str(&own.note, "\n");
	assert_int_equal(verify_own(&own), NOTAR_E_SIGNATURE);
}

static void
a_log_without_an_address_signs_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(own) own;

	own_init(&own, "", 0, "log.example");
	sign_as(&own, "log.example");
	assert_int_equal(verify_own(&own), NOTAR_E_SIGNATURE);
}

static void
every_flipped_bit_of_a_real_note_is_refused_CVE_2024_54140(void **state)
{
	(void)state;
	static const char *const folders[] = { "log-dsse", "log-tiled-dsse" };

	for (size_t i = 0; i < NOTAR_COUNT(folders); i++) {
		NOTAR_AUTO_OF(log_fixture) f;
		struct checkpoint c;

		log_fixture_init(&f, folders[i]);
		struct span note = buf_span(&f.entry.proof.checkpoint);

		assert_int_equal(checkpoint_parse(note, &c, NULL), NOTAR_OK);
		assert_int_equal(checkpoint_verify(&c, &f.log, NULL), NOTAR_OK);
		size_t signed_len = c.text.len;

		for (size_t at = 0; at < signed_len; at++) {
			f.entry.proof.checkpoint.ptr[at] ^= 1;
			assert_false(checkpoint_parse(note, &c, NULL) == NOTAR_OK &&
				     checkpoint_verify(&c, &f.log, NULL) == NOTAR_OK);
			f.entry.proof.checkpoint.ptr[at] ^= 1;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_checkpoint_is_read_and_what_is_signed_ends_before_the_blank_line),
		cmocka_unit_test(what_is_no_checkpoint_is_refused),
		cmocka_unit_test(more_than_the_bounds_is_refused),
		cmocka_unit_test(the_origin_is_the_log_s_address_or_its_host),
		cmocka_unit_test(lines_of_others_are_passed_over_but_the_log_s_own_must_hold),
		cmocka_unit_test(a_log_without_an_address_signs_nothing),
		cmocka_unit_test(every_flipped_bit_of_a_real_note_is_refused_CVE_2024_54140),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
