/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define GOOD "-----BEGIN PUBLIC KEY-----\nZm9vYmFy\n-----END PUBLIC KEY-----\n"

static enum notar_code
decode(const char *text, struct buf *body)
{
	struct span label;

	return pem_decode(span_str(text), &label, body, NULL, NULL);
}

static void
assert_refused(const char *text, enum notar_code want)
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	struct notar_error err = { 0 };
	struct span label = span_str("untouched");

	if (pem_decode(span_str(text), &label, &body, NULL, &err) != want)
		fail_msg("not refused as it should be: %s", text);
	assert_true(span_is(label, "untouched"));
	assert_int_equal(body.len, 0);
	assert_non_null(strstr(err.msg, "PEM"));
}

static void
a_block_gives_its_label_its_body_and_what_follows(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) body = { 0 };
	struct span label, rest;

	assert_int_equal(pem_decode(span_str(GOOD "rest"), &label, &body, &rest, NULL), NOTAR_OK);
	assert_true(span_is(label, "PUBLIC KEY"));
	assert_string_equal(buf_cstr(&body), "foobar");
	assert_true(span_is(rest, "rest"));
}

static void
several_blocks_are_read_one_by_one(void **state)
{
	(void)state;
	struct span label, rest = span_str("intro\n" GOOD "between\n" GOOD);
	size_t count = 0;

	for (;;) {
		NOTAR_AUTO_OF(buf) body = { 0 };
		enum notar_code code = pem_decode(rest, &label, &body, &rest, NULL);
		if (code == NOTAR_E_NOT_FOUND)
			break;
		assert_int_equal(code, NOTAR_OK);
		count++;
	}
	assert_int_equal(count, 2);
}

static void
crlf_and_lines_of_any_length_and_no_last_line_break_are_read(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) body = { 0 };

	assert_int_equal(decode("-----BEGIN X-----\r\nZm9v\r\nYmFy\r\n-----END X-----\r\n", &body),
			 NOTAR_OK);
	assert_int_equal(decode("-----BEGIN X-----\nZ\nm9v\n-----END X-----", &body), NOTAR_OK);
	assert_int_equal(decode("-----BEGIN X-Y Z1-----\nZg==\n-----END X-Y Z1-----", &body),
			 NOTAR_OK);
	assert_string_equal(buf_cstr(&body), "foobarfoof");
}

static void
text_without_a_begin_line_is_not_found(void **state)
{
	(void)state;
	assert_refused("", NOTAR_E_NOT_FOUND);
	assert_refused("\n\n", NOTAR_E_NOT_FOUND);
	assert_refused("Zm9v", NOTAR_E_NOT_FOUND);
	assert_refused("-----END X-----\n", NOTAR_E_NOT_FOUND);
	assert_refused(" " GOOD, NOTAR_E_NOT_FOUND);
	assert_refused("-----begin X-----\nZm9v\n-----end X-----\n", NOTAR_E_NOT_FOUND);
}

static void
malformed_blocks_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"-----BEGIN X-----\nZm9v\n",                          /* no END */
		"-----BEGIN X-----\nZm9v\n-----END X----\n",          /* four dashes */
		"-----BEGIN X-----\nZm9v\n-----END X------\n",        /* six dashes */
		"-----BEGIN X----\nZm9v\n-----END X-----\n",          /* four dashes */
		"-----BEGIN X-----\nZm9v\n-----END Y-----\n",         /* labels differ */
		"-----BEGIN X-----\nZm9v\n-----END X-----x\n",        /* behind it */
		"-----BEGIN X----- \nZm9v\n-----END X-----\n",        /* blank */
		"-----BEGIN -----\nZm9v\n-----END -----\n",           /* no label */
		"-----BEGIN  X-----\nZm9v\n-----END  X-----\n",       /* blank first */
		"-----BEGIN X -----\nZm9v\n-----END X -----\n",       /* blank last */
		"-----BEGIN X\t-----\nZm9v\n-----END X\t-----\n",     /* control */
		"-----BEGIN X-----\n-----END X-----\n",               /* no body */
		"-----BEGIN X-----\n\nZm9v\n-----END X-----\n",       /* blank line */
		"-----BEGIN X-----\nZm9v\n\n-----END X-----\n",       /* blank line */
		"-----BEGIN X-----\nA: b\n\nZm9v\n-----END X-----\n", /* header */
		"-----BEGIN X-----\nZm 9v\n-----END X-----\n",        /* white space */
		"-----BEGIN X-----\n Zm9v\n-----END X-----\n",        /* white space */
		"-----BEGIN X-----\nZm9v \n-----END X-----\n",        /* white space */
		"-----BEGIN X-----\nZm9v\r\r\n-----END X-----\n",     /* stray CR */
		"-----BEGIN X-----\rZm9v\r-----END X-----\r",         /* only CR */
		"-----BEGIN X-----\nZg\n-----END X-----\n",           /* no padding */
		"-----BEGIN X-----\nZh==\n-----END X-----\n",         /* trailing bits */
		"-----BEGIN X-----\nZg==\nZg==\n-----END X-----\n",   /* padding inside */
		"-----BEGIN X-----\n-_-_\n-----END X-----\n",         /* URL alphabet */
		"-----BEGIN X-----\nZm9v-----END X-----\n",           /* one line */
		"-----BEGIN X-----\nZm9v\n-----BEGIN X-----\nZm9v\n-----END X-----\n",
		"-----BEGIN X-----Zm9v-----END X-----\n",
		"-----BEGIN X-----\n\xfc/+/\n-----END X-----\n", /* not ASCII */
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_refused(bad[i], NOTAR_E_FORMAT);
}

static void
a_nul_anywhere_but_before_the_block_is_refused(void **state)
{
	(void)state;
	for (size_t at = 0; at < strlen(GOOD) - 1; at++) {
		NOTAR_AUTO_OF(buf) body = { 0 };
		struct span label;
		char text[] = GOOD;
		text[at] = '\0';
		assert_int_not_equal(
			pem_decode(span_of(text, strlen(GOOD)), &label, &body, NULL, NULL),
			NOTAR_OK);
	}
}

static void
every_truncation_is_an_error(void **state)
{
	(void)state;
	/* The last line break may be missing. */
	for (size_t len = 0; len < strlen(GOOD) - 1; len++) {
		NOTAR_AUTO_OF(buf) body = { 0 };
		struct span label;
		assert_int_not_equal(pem_decode(span_of(GOOD, len), &label, &body, NULL, NULL),
				     NOTAR_OK);
		assert_int_equal(body.len, 0);
	}
}

static void
a_label_longer_than_64_characters_is_refused(void **state)
{
	(void)state;
	char label[66];

	memset(label, 'A', sizeof(label));
	for (size_t len = 64; len <= 65; len++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO_OF(buf) body = { 0 };
		struct span found;
		label[len] = '\0';
		pem_append(&text, label, span_str("foo"));
		assert_int_equal(pem_decode(buf_span(&text), &found, &body, NULL, NULL),
				 len == 64 ? NOTAR_OK : NOTAR_E_FORMAT);
		label[len] = 'A';
	}
}

static void
what_is_written_has_lines_of_64_and_reads_back(void **state)
{
	(void)state;
	uint8_t bytes[200];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO_OF(buf) body = { 0 };
		struct span label, rest;
		pem_append(&text, "PRIVATE KEY", span_of(bytes, len));
		assert_int_equal(pem_decode(buf_span(&text), &label, &body, &rest, NULL), NOTAR_OK);
		assert_true(span_equal(buf_span(&body), span_of(bytes, len)));
		assert_int_equal(rest.len, 0);
		struct span line =
			span_from(buf_span(&text), strlen("-----BEGIN PRIVATE KEY-----\n"));
		assert_int_equal(span_find(line, '\n'), len > 48 ? 64 : (len + 2) / 3 * 4);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_gives_its_label_its_body_and_what_follows),
		cmocka_unit_test(several_blocks_are_read_one_by_one),
		cmocka_unit_test(crlf_and_lines_of_any_length_and_no_last_line_break_are_read),
		cmocka_unit_test(text_without_a_begin_line_is_not_found),
		cmocka_unit_test(malformed_blocks_are_refused),
		cmocka_unit_test(a_nul_anywhere_but_before_the_block_is_refused),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(a_label_longer_than_64_characters_is_refused),
		cmocka_unit_test(what_is_written_has_lines_of_64_and_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
