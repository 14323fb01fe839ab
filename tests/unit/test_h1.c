/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CAP 1000
#define GET "GET /path?a=1&b= HTTP/1.1\r\nHost: h\r\n"
#define POST "POST /path HTTP/1.1\r\nHost: h\r\n"

static enum h1_progress
read_all(struct span in, struct buf *decoded, struct h1_request *out)
{
	enum h1_progress progress = h1_read_head(in, out);

	return progress == H1_HEAD ? h1_read_body(in, CAP, decoded, out) : progress;
}

static void
a_request_is_taken_apart(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) decoded = { 0 };
	struct h1_request r;

	assert_int_equal(read_all(span_str(GET "X-Y: z \r\n\r\n"), &decoded, &r), H1_READY);
	assert_true(span_is(r.method, "GET"));
	assert_true(span_is(r.path, "/path"));
	assert_true(span_is(r.query, "a=1&b="));
	assert_true(span_is(h1_header(&r, "x-y"), "z"));
	assert_true(r.keep_alive);
	assert_true(span_is(h1_query_value(r.query, "a"), "1"));
	assert_non_null(h1_query_value(r.query, "b").ptr);
	assert_null(h1_query_value(r.query, "c").ptr);
	assert_null(h1_query_value(span_str("a=1&a=2"), "a").ptr);
}

static void
bodies_come_by_length_or_in_chunks(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) a = { 0 };
	NOTAR_AUTO_OF(buf) b = { 0 };
	struct h1_request r;

	assert_int_equal(read_all(span_str(POST "Content-Length: 5\r\n\r\nhelloGET"), &a, &r),
			 H1_READY);
	assert_true(span_is(r.body, "hello"));
	assert_int_equal(r.total_bytes, strlen(POST "Content-Length: 5\r\n\r\nhello"));
	assert_int_equal(read_all(span_str(POST "Transfer-Encoding: chunked\r\n\r\n"
						"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\nGET"),
				  &b, &r),
			 H1_READY);
	assert_true(span_is(r.body, "hello"));
}

static void
what_two_readers_could_understand_differently_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400 },
		{ POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400 },
		{ POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400 },
		{ POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
		{ POST "Transfer-Encoding: identity\r\n\r\n", 501 },
		{ POST "Transfer-Encoding: xchunked\r\n\r\n", 501 },
		{ POST "Content-Length: -1\r\n\r\n", 400 },
		{ POST "Content-Length: +1\r\n\r\nx", 400 },
		{ POST "Content-Length: 0x1\r\n\r\nx", 400 },
		{ POST "Content-Length: 1 1\r\n\r\nx", 400 },
		{ POST "Content-Length: 1,1\r\n\r\nx", 400 },
		{ POST "Content-Length:\r\n\r\n", 400 },
		{ POST "Content-Length: 99999999999999999999\r\n\r\n", 400 },
		{ POST "Content-Length: 1001\r\n\r\n", 413 },
		{ POST "Content-Length : 1\r\n\r\nx", 400 },
		{ POST " folded: 1\r\n\r\n", 400 },
		{ POST "X: 1\r\n folded\r\n\r\n", 400 },
		{ POST "X\r\n\r\n", 400 },
		{ POST ": x\r\n\r\n", 400 },
		{ POST "X: a\x01z\r\n\r\n", 400 },
		{ POST "X: a\rb\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\nHost: h\n\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
		{ "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505 },
		{ "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400 },
		{ "GET / http/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET /\r\nHost: h\r\n\r\n", 400 },
		{ "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400 },
		{ "\x16\x03\x01\x01", 400 },
		{ POST "Expect: 200-maybe\r\n\r\n", 417 },
		{ POST "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n1;ext=1\r\nx\r\n0\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n 1\r\nx\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n0\r\nTrailer: 1\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", 413 },
		{ POST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 413 },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) decoded = { 0 };
		struct h1_request r = { 0 };
		enum h1_progress progress = read_all(span_str(cases[i].text), &decoded, &r);

		if (progress != H1_WRONG || r.status != cases[i].status)
			fail_msg("%zu: progress %d status %d for %s", i, (int)progress, r.status,
				 cases[i].text);
		assert_non_null(r.problem);
	}
}

static void
a_header_is_bounded_in_bytes_and_lines(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) line = { 0 };
	NOTAR_AUTO_OF(buf) lines = { 0 };
	NOTAR_AUTO_OF(buf) target = { 0 };
	struct h1_request r;

	buf_append_str(&line, GET "X: ");
	while (line.len <= LIMIT_HTTP_HEADER_BYTES)
		buf_append_byte(&line, 'a');
	assert_int_equal(h1_read_head(buf_span(&line), &r), H1_WRONG);
	assert_int_equal(r.status, 431);
	buf_append_str(&lines, GET);
	for (int i = 0; i <= LIMIT_HTTP_HEADERS; i++)
		buf_append_str(&lines, "X: y\r\n");
	buf_append_str(&lines, "\r\n");
	assert_int_equal(h1_read_head(buf_span(&lines), &r), H1_WRONG);
	assert_int_equal(r.status, 431);
	buf_append_str(&target, "GET /");
	for (int i = 0; i < 8000; i++)
		buf_append_byte(&target, 'a');
	buf_append_str(&target, " HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_int_equal(h1_read_head(buf_span(&target), &r), H1_WRONG);
	assert_int_equal(r.status, 414);
}

static void
every_truncation_asks_for_more_and_nothing_else(void **state)
{
	(void)state;
	static const char *const texts[] = {
		GET "X: y\r\n\r\n",
		POST "Content-Length: 5\r\n\r\nhello",
		POST "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++)
		for (size_t len = 0; len < strlen(texts[i]); len++) {
			NOTAR_AUTO_OF(buf) decoded = { 0 };
			struct h1_request r;
			enum h1_progress progress = read_all(span_of(texts[i], len), &decoded, &r);

			assert_true(progress == H1_MORE || progress == H1_HEAD);
		}
}

static void
a_chunked_body_that_comes_byte_by_byte_is_the_same(void **state)
{
	(void)state;
	static const char text[] =
		POST "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
	NOTAR_AUTO_OF(buf) decoded = { 0 };
	struct h1_request r;
	size_t head = strlen(POST "Transfer-Encoding: chunked\r\n\r\n");

	assert_int_equal(h1_read_head(span_of(text, head), &r), H1_HEAD);
	for (size_t len = head; len < sizeof(text) - 1; len++)
		assert_int_equal(h1_read_body(span_of(text, len), CAP, &decoded, &r), H1_HEAD);
	assert_int_equal(h1_read_body(span_of(text, sizeof(text) - 1), CAP, &decoded, &r),
			 H1_READY);
	assert_true(span_is(r.body, "hello"));
}

static void
closing_is_understood_in_both_versions(void **state)
{
	(void)state;
	struct h1_request r;

	assert_int_equal(h1_read_head(span_str("GET / HTTP/1.0\r\n\r\n"), &r), H1_HEAD);
	assert_false(r.keep_alive);
	assert_int_equal(h1_read_head(span_str(GET "Connection: close\r\n\r\n"), &r), H1_HEAD);
	assert_false(r.keep_alive);
	assert_int_equal(h1_read_head(span_str(GET "Connection: keep-alive, Close\r\n\r\n"), &r),
			 H1_HEAD);
	assert_false(r.keep_alive);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(bodies_come_by_length_or_in_chunks),
		cmocka_unit_test(what_two_readers_could_understand_differently_is_refused),
		cmocka_unit_test(a_header_is_bounded_in_bytes_and_lines),
		cmocka_unit_test(every_truncation_asks_for_more_and_nothing_else),
		cmocka_unit_test(a_chunked_body_that_comes_byte_by_byte_is_the_same),
		cmocka_unit_test(closing_is_understood_in_both_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
