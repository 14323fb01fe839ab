/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "tests/lib/fake_http.h"

#define SOON_MS 5000

static struct http_client *client;

static int
setup(void **state)
{
	(void)state;
	const struct http_client_options options = { 0 };

	return http_client_new(&options, &client, NULL) == NOTAR_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	http_client_free(client);
	return 0;
}

static struct http_request
get(const char *url)
{
	return (struct http_request){ .method = "GET",
				      .url = url,
				      .cap = 1000,
				      .deadline_ms = clock_deadline_ms(SOON_MS),
				      .reach = NET_ANYWHERE };
}

static void
say_hello(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	(void)user;
	fake_reply(out, 200, "X-One:  a b \r\nx-one: second\r\n", "hello");
}

/* The raw text that the test gives. */
static void
say_raw(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	buf_append_str(out, user);
}

/* Redirects everything to the URL that the test gives. */
static void
send_away(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	NOTAR_AUTO_OF(buf) header = { 0 };

	(void)server;
	(void)nth;
	(void)request;
	buf_printf(&header, "Location: %s\r\n", (const char *)user);
	fake_reply(out, 307, buf_cstr(&header), "");
}

static void
an_answer_has_status_body_headers_and_where_it_came_from(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", say_hello, NULL);
	NOTAR_AUTO_OF(http_response) r = { 0 };
	struct http_request request = get(fake_http_url(server));

	request.headers[0] = (struct http_header){ "Accept", "a/b" };
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_int_equal(r.status, 200);
	assert_true(span_is(buf_span(&r.body), "hello"));
	assert_true(span_is(http_header_find(&r, "x-ONE", 0), "a b"));
	assert_true(span_is(http_header_find(&r, "X-One", 1), "second"));
	assert_null(http_header_find(&r, "X-One", 2).ptr);
	assert_null(http_header_find(&r, "X-On", 0).ptr);
	assert_int_equal(r.peer, NET_LOOPBACK);
	assert_int_equal(r.requests, 1);
	assert_true(fake_http_saw(server, "Accept: a/b\r\n"));
	assert_true(fake_http_saw(server, "User-Agent: notar/"));
	assert_false(fake_http_saw(server, "Accept-Encoding"));
	assert_false(fake_http_saw(server, "Expect"));
	fake_http_stop(server);
}

static void
a_body_over_the_cap_is_a_limit_with_and_without_a_length(void **state)
{
	(void)state;
	char *const texts[] = {
		(char[]){ "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890" },
		(char[]){ "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n01234567890" },
		(char[]){ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			  "b\r\n01234567890\r\n0\r\n\r\n" },
		(char[]){ "HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n0" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		struct fake_http *server = fake_http_start("127.0.0.1", say_raw, texts[i]);
		struct http_request request = get(fake_http_url(server));
		struct http_response r = { 0 };
		request.cap = 10;
		request.retry = true;
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_LIMIT);
		assert_int_equal(fake_http_count(server), 1);
		fake_http_stop(server);
	}
}

static void
a_body_of_exactly_the_cap_fits(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", say_hello, NULL);
	NOTAR_AUTO_OF(http_response) r = { 0 };
	struct http_request request = get(fake_http_url(server));

	request.cap = 5;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	fake_http_stop(server);
}

static void
flood_headers(struct fake_http *server, unsigned nth, const char *request, struct buf *out,
	      void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	(void)user;
	buf_append_str(out, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 2000; i++)
		buf_printf(out, "X-%d: %090d\r\n", i, i);
	buf_append_str(out, "\r\n");
}

static void
a_flood_of_headers_is_a_limit(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", flood_headers, NULL);
	struct http_request request = get(fake_http_url(server));
	struct http_response r = { 0 };

	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_LIMIT);
	fake_http_stop(server);
}

static void
say_long_error(struct fake_http *server, unsigned nth, const char *request, struct buf *out,
	       void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	(void)user;
	buf_append_str(out, "HTTP/1.1 404 No\r\nConnection: close\r\n\r\n");
	for (size_t i = 0; i < 3 * LIMIT_ERROR_BODY_BYTES; i++)
		buf_append_byte(out, 'x');
}

static void
a_long_error_body_is_cut_but_is_an_answer(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", say_long_error, NULL);
	struct http_request request = get(fake_http_url(server));
	NOTAR_AUTO_OF(http_response) r = { 0 };

	request.cap = 10;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_int_equal(r.status, 404);
	assert_true(r.body.len <= LIMIT_ERROR_BODY_BYTES);
	fake_http_stop(server);
}

static void
compressed_bodies_stay_as_they_are(void **state)
{
	(void)state;
	char text[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz";
	struct fake_http *server = fake_http_start("127.0.0.1", say_raw, text);
	struct http_request request = get(fake_http_url(server));
	NOTAR_AUTO_OF(http_response) r = { 0 };

	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_true(span_is(buf_span(&r.body), "zzzz"));
	fake_http_stop(server);
}

static void
cve_2026_59891_a_redirect_to_another_host_takes_no_credentials_along(void **state)
{
	(void)state;
	struct fake_http *other = fake_http_start("127.0.0.2", say_hello, NULL);
	struct fake_http *server =
		fake_http_start("127.0.0.1", send_away, (void *)(uintptr_t)fake_http_url(other));
	struct http_request request = get(fake_http_url(server));
	NOTAR_AUTO_OF(http_response) r = { 0 };

	request.authorization = "Basic c2VjcmV0";
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_int_equal(r.requests, 2);
	assert_string_equal(r.url.host, "127.0.0.2");
	assert_true(fake_http_saw(server, "c2VjcmV0"));
	assert_int_equal(fake_http_count(other), 1);
	assert_false(fake_http_saw(other, "c2VjcmV0"));
	fake_http_stop(server);
	fake_http_stop(other);
}

static void
cve_2022_27774_a_redirect_to_another_port_takes_no_credentials_along(void **state)
{
	(void)state;
	struct fake_http *other = fake_http_start("127.0.0.1", say_hello, NULL);
	struct fake_http *server =
		fake_http_start("127.0.0.1", send_away, (void *)(uintptr_t)fake_http_url(other));
	struct http_request request = get(fake_http_url(server));
	NOTAR_AUTO_OF(http_response) r = { 0 };

	request.authorization = "Bearer c2VjcmV0";
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_int_equal(fake_http_count(other), 1);
	assert_false(fake_http_saw(other, "uthorization"));
	fake_http_stop(server);
	fake_http_stop(other);
}

static void
redirect_once(struct fake_http *server, unsigned nth, const char *request, struct buf *out,
	      void *user)
{
	(void)server;
	(void)request;
	if (nth == 0)
		fake_reply(out, *(int *)user, "Location: ../there?x=1#part\r\n", "moved");
	else
		fake_reply(out, 200, "", "hello");
}

static void
a_relative_redirect_stays_at_home_with_its_credentials(void **state)
{
	(void)state;
	int statuses[] = { 301, 302, 303, 307, 308 };

	for (size_t i = 0; i < NOTAR_COUNT(statuses); i++) {
		struct fake_http *server =
			fake_http_start("127.0.0.1", redirect_once, &statuses[i]);
		NOTAR_AUTO_OF(http_response) r = { 0 };
		NOTAR_AUTO_OF(buf) url = { 0 };
		buf_printf(&url, "%s/a/b/c", fake_http_url(server));
		struct http_request request = get(buf_cstr(&url));
		request.authorization = "Bearer c2VjcmV0";
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
		assert_non_null(strstr(fake_http_request(server, 1), "GET /a/there?x=1 HTTP"));
		assert_non_null(strstr(fake_http_request(server, 1), "c2VjcmV0"));
		fake_http_stop(server);
	}
}

static void
a_post_is_sent_again_on_307_and_not_at_all_on_302(void **state)
{
	(void)state;
	int statuses[] = { 307, 302 };

	for (size_t i = 0; i < NOTAR_COUNT(statuses); i++) {
		struct fake_http *server =
			fake_http_start("127.0.0.1", redirect_once, &statuses[i]);
		NOTAR_AUTO_OF(http_response) r = { 0 };
		struct http_request request = get(fake_http_url(server));
		request.method = "POST";
		request.body = span_str("the body");
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
		assert_int_equal(r.status, i == 0 ? 200 : 302);
		assert_int_equal(fake_http_count(server), i == 0 ? 2 : 1);
		if (i == 0)
			assert_non_null(strstr(fake_http_request(server, 1), "the body"));
		fake_http_stop(server);
	}
}

static void
redirects_to_what_is_no_http_url_are_refused(void **state)
{
	(void)state;
	static const char *const targets[] = {
		"file:///etc/passwd",
		"ftp://127.0.0.1/",
		"gopher://127.0.0.1:70/_x",
		"//",
		"http://",
		"http://user:pw@127.0.0.1/",
		"",
		"http://127.0.0.1:0/",
		"http://[::1",
	};

	for (size_t i = 0; i < NOTAR_COUNT(targets); i++) {
		struct fake_http *server =
			fake_http_start("127.0.0.1", send_away, (void *)(uintptr_t)targets[i]);
		struct http_request request = get(fake_http_url(server));
		struct http_response r = { 0 };
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_NET);
		assert_int_equal(fake_http_count(server), 1);
		fake_http_stop(server);
	}
}

static void
a_redirect_loop_ends(void **state)
{
	(void)state;
	char here[] = "/again";
	struct fake_http *server = fake_http_start("127.0.0.1", send_away, here);
	struct http_request request = get(fake_http_url(server));
	struct http_response r = { 0 };

	request.retry = true;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_NET);
	assert_int_equal(fake_http_count(server), LIMIT_REDIRECTS + 1);
	fake_http_stop(server);
}

static void
who_stays_gets_the_redirect_itself(void **state)
{
	(void)state;
	struct fake_http *other = fake_http_start("127.0.0.2", say_hello, NULL);
	struct fake_http *server =
		fake_http_start("127.0.0.1", send_away, (void *)(uintptr_t)fake_http_url(other));
	struct http_request request = get(fake_http_url(server));
	NOTAR_AUTO_OF(http_response) r = { 0 };

	request.stay = true;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_int_equal(r.status, 307);
	assert_int_equal(fake_http_count(other), 0);
	fake_http_stop(server);
	fake_http_stop(other);
}

static void
guarded_clients_go_no_further_in_than_they_are_allowed(void **state)
{
	(void)state;
	const struct http_client_options options = { .guard_private = true };
	struct http_client *guarded = NULL;
	char metadata[] = "http://169.254.169.254/latest";
	struct fake_http *server = fake_http_start("127.0.0.1", send_away, metadata);
	struct http_request request = get(fake_http_url(server));
	struct http_response r = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(http_client_new(&options, &guarded, NULL), NOTAR_OK);
	assert_int_equal(http_client_do(guarded, &request, &r, &err), NOTAR_E_NET);
	assert_non_null(strstr(err.msg, "private address"));
	assert_int_equal(fake_http_count(server), 1);
	request.reach = NET_PUBLIC;
	request.retry = true;
	assert_int_equal(http_client_do(guarded, &request, &r, &err), NOTAR_E_NET);
	assert_int_equal(fake_http_count(server), 1);
	http_client_free(guarded);
	fake_http_stop(server);
}

static void
busy_twice(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)request;
	fake_reply(out, nth < 2 ? *(int *)user : 200, "", "x");
}

static void
what_is_transient_is_tried_again_only_where_that_is_harmless(void **state)
{
	(void)state;
	int statuses[] = { 408, 429, 500, 502, 503, 504 };

	for (size_t i = 0; i < NOTAR_COUNT(statuses); i++) {
		struct fake_http *server = fake_http_start("127.0.0.1", busy_twice, &statuses[i]);
		NOTAR_AUTO_OF(http_response) r = { 0 };
		struct http_request request = get(fake_http_url(server));
		request.retry = true;
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
		assert_int_equal(r.status, 200);
		assert_int_equal(r.requests, 3);
		fake_http_stop(server);
	}
	int status = 503;
	struct fake_http *server = fake_http_start("127.0.0.1", busy_twice, &status);
	NOTAR_AUTO_OF(http_response) r = { 0 };
	const struct http_request once = get(fake_http_url(server));
	assert_int_equal(http_client_do(client, &once, &r, NULL), NOTAR_OK);
	assert_int_equal(r.status, 503);
	assert_int_equal(fake_http_count(server), 1);
	fake_http_stop(server);
}

static void
other_errors_are_not_tried_again(void **state)
{
	(void)state;
	int statuses[] = { 400, 401, 403, 404, 405, 501 };

	for (size_t i = 0; i < NOTAR_COUNT(statuses); i++) {
		struct fake_http *server = fake_http_start("127.0.0.1", busy_twice, &statuses[i]);
		NOTAR_AUTO_OF(http_response) r = { 0 };
		struct http_request request = get(fake_http_url(server));
		request.retry = true;
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
		assert_int_equal(r.status, statuses[i]);
		assert_int_equal(fake_http_count(server), 1);
		fake_http_stop(server);
	}
}

static void
say_busy(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	fake_reply(out, 429, user, "");
}

static void
a_retry_after_beyond_the_deadline_is_not_awaited_and_then_respected(void **state)
{
	(void)state;
	char *const headers[] = {
		(char[]){ "Retry-After: 86400\r\n" },
		(char[]){ "Retry-After: Fri, 31 Dec 2038 23:59:59 GMT\r\n" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(headers); i++) {
		struct fake_http *server = fake_http_start("127.0.0.1", say_busy, headers[i]);
		NOTAR_AUTO_OF(http_response) r = { 0 };
		struct http_response none = { 0 };
		struct http_request request = get(fake_http_url(server));
		request.retry = true;
		int64_t start = clock_monotonic_ms();
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
		assert_int_equal(r.status, 429);
		assert_true(clock_monotonic_ms() - start < 1000);
		assert_int_equal(http_client_do(client, &request, &none, NULL), NOTAR_E_THROTTLED);
		assert_int_equal(fake_http_count(server), 1);
		fake_http_stop(server);
	}
}

static void
busy_once(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)request;
	(void)user;
	fake_reply(out, nth == 0 ? 503 : 200, nth == 0 ? "Retry-After: 1\r\n" : "", "");
}

static void
a_short_retry_after_is_waited_out(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", busy_once, NULL);
	NOTAR_AUTO_OF(http_response) r = { 0 };
	struct http_request request = get(fake_http_url(server));
	int64_t start = clock_monotonic_ms();

	request.retry = true;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_OK);
	assert_int_equal(r.status, 200);
	assert_true(clock_monotonic_ms() - start >= 1000);
	fake_http_stop(server);
}

static void
be_slow(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	struct timespec wait = { 0, 700 * 1000000L };

	(void)server;
	(void)nth;
	(void)request;
	(void)user;
	(void)nanosleep(&wait, NULL);
	fake_reply(out, 200, "", "");
}

static void
the_deadline_ends_waiting(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", be_slow, NULL);
	struct http_response r = { 0 };
	struct http_request request = get(fake_http_url(server));
	int64_t start = clock_monotonic_ms();

	request.deadline_ms = clock_deadline_ms(200);
	request.retry = true;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_TIMEOUT);
	assert_true(clock_monotonic_ms() - start < 600);
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_TIMEOUT);
	fake_http_stop(server);
}

struct useless {
	atomic_bool useless;
	atomic_uint asked;
};

static void
make_it_useless(struct fake_http *server, unsigned nth, const char *request, struct buf *out,
		void *user)
{
	struct useless *u = user;

	u->asked++;
	u->useless = true;
	be_slow(server, nth, request, out, NULL);
}

static void
an_answer_that_nobody_waits_for_any_more_is_given_up(void **state)
{
	(void)state;
	struct useless u = { 0 };
	struct fake_http *server = fake_http_start("127.0.0.1", make_it_useless, &u);
	struct http_response r = { 0 };
	struct http_request request = get(fake_http_url(server));

	request.deadline_ms = clock_deadline_ms(60000);
	request.retry = true;
	request.give_up = &u.useless;
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_TIMEOUT);
	assert_int_equal(u.asked, 1);
	/* Nor is anybody asked in the first place. */
	assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_TIMEOUT);
	assert_int_equal(u.asked, 1);
	fake_http_stop(server);
}

static void
say_nothing(struct fake_http *server, unsigned nth, const char *request, struct buf *out,
	    void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	(void)out;
	(void)user;
}

static void
nobody_there_or_broken_off_is_a_network_failure(void **state)
{
	(void)state;
	char cut[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort";
	char junk[] = "SSH-2.0-OpenSSH_9.2\r\n";
	struct fake_http *servers[] = { fake_http_start("127.0.0.1", say_nothing, NULL),
					fake_http_start("127.0.0.1", say_raw, cut),
					fake_http_start("127.0.0.1", say_raw, junk) };
	struct http_response r = { 0 };

	for (size_t i = 0; i < NOTAR_COUNT(servers); i++) {
		const struct http_request request = get(fake_http_url(servers[i]));
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_NET);
		fake_http_stop(servers[i]);
	}
	const struct http_request closed = get("http://127.0.0.1:1/");
	assert_int_equal(http_client_do(client, &closed, &r, NULL), NOTAR_E_NET);
}

static void
urls_that_are_none_send_nothing(void **state)
{
	(void)state;
	static const char *const urls[] = { "", "x", "ftp://h/", "http://a b/", "http://u:p@h/" };
	struct http_response r = { 0 };

	for (size_t i = 0; i < NOTAR_COUNT(urls); i++) {
		const struct http_request request = get(urls[i]);
		assert_int_equal(http_client_do(client, &request, &r, NULL), NOTAR_E_FORMAT);
	}
}

static void
messages_keep_the_query_to_themselves(void **state)
{
	(void)state;
	const struct http_request request = get("http://127.0.0.1:1/path?signature=c2VjcmV0");
	struct http_response r = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(http_client_do(client, &request, &r, &err), NOTAR_E_NET);
	assert_non_null(strstr(err.msg, "/path"));
	assert_null(strstr(err.msg, "c2VjcmV0"));
}

static void
many_side_by_side_succeed_and_fail_each_for_itself(void **state)
{
	(void)state;
	struct fake_http *server = fake_http_start("127.0.0.1", say_hello, NULL);
	struct http_exchange x[12] = { 0 };

	for (size_t i = 0; i < NOTAR_COUNT(x); i++)
		x[i].request = get(i % 3 == 2 ? "http://127.0.0.1:1/" : fake_http_url(server));
	x[3].settled = true;
	x[3].code = NOTAR_E_EXISTS;
	assert_int_equal(http_client_run(client, x, NOTAR_COUNT(x), NULL), NOTAR_OK);
	for (size_t i = 0; i < NOTAR_COUNT(x); i++) {
		assert_true(x[i].settled);
		assert_int_equal(x[i].code, i == 3     ? NOTAR_E_EXISTS :
					    i % 3 == 2 ? NOTAR_E_NET :
							 NOTAR_OK);
		http_response_release(&x[i].response);
	}
	fake_http_stop(server);
}

static void
backoff_grows_and_is_bounded(void **state)
{
	(void)state;
	for (unsigned tries = 0; tries < 100; tries++) {
		int64_t ms = http_backoff_ms(tries);
		assert_true(ms >= 1 && ms <= 3000);
		if (tries <= 1)
			assert_true(ms <= 200);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_has_status_body_headers_and_where_it_came_from),
		cmocka_unit_test(a_body_over_the_cap_is_a_limit_with_and_without_a_length),
		cmocka_unit_test(a_body_of_exactly_the_cap_fits),
		cmocka_unit_test(a_flood_of_headers_is_a_limit),
		cmocka_unit_test(a_long_error_body_is_cut_but_is_an_answer),
		cmocka_unit_test(compressed_bodies_stay_as_they_are),
		cmocka_unit_test(
			cve_2026_59891_a_redirect_to_another_host_takes_no_credentials_along),
		cmocka_unit_test(
			cve_2022_27774_a_redirect_to_another_port_takes_no_credentials_along),
		cmocka_unit_test(a_relative_redirect_stays_at_home_with_its_credentials),
		cmocka_unit_test(a_post_is_sent_again_on_307_and_not_at_all_on_302),
		cmocka_unit_test(redirects_to_what_is_no_http_url_are_refused),
		cmocka_unit_test(a_redirect_loop_ends),
		cmocka_unit_test(who_stays_gets_the_redirect_itself),
		cmocka_unit_test(guarded_clients_go_no_further_in_than_they_are_allowed),
		cmocka_unit_test(what_is_transient_is_tried_again_only_where_that_is_harmless),
		cmocka_unit_test(other_errors_are_not_tried_again),
		cmocka_unit_test(
			a_retry_after_beyond_the_deadline_is_not_awaited_and_then_respected),
		cmocka_unit_test(a_short_retry_after_is_waited_out),
		cmocka_unit_test(the_deadline_ends_waiting),
		cmocka_unit_test(an_answer_that_nobody_waits_for_any_more_is_given_up),
		cmocka_unit_test(nobody_there_or_broken_off_is_a_network_failure),
		cmocka_unit_test(urls_that_are_none_send_nothing),
		cmocka_unit_test(messages_keep_the_query_to_themselves),
		cmocka_unit_test(many_side_by_side_succeed_and_fail_each_for_itself),
		cmocka_unit_test(backoff_grows_and_is_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
