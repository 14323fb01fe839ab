/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

/* Answers later, from another thread, when the test says so. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_ticket waiting;
static bool is_waiting;

static enum http_next
echo(void *context, void *local, const struct http_request *request, struct http_answer *answer,
     const struct http_ticket *ticket)
{
	(void)context, (void)local, (void)ticket;
	buf_append_span(&answer->body, request->body);
	buf_append_span(&answer->body, request->query);
	return HTTP_ANSWERED;
}

static enum http_next
later(void *context, void *local, const struct http_request *request, struct http_answer *answer,
      const struct http_ticket *ticket)
{
	(void)context, (void)local, (void)request, (void)answer;
	(void)pthread_mutex_lock(&lock);
	waiting = *ticket;
	is_waiting = true;
	(void)pthread_mutex_unlock(&lock);
	return HTTP_LATER;
}

static const struct http_route routes[] = {
	{ "POST", "/echo", 100, 0, echo },
	{ "GET", "/echo", 0, 0, echo },
	{ "GET", "/later", 0, 0, later },
};

static const char *const any_port[] = { "127.0.0.1:0", NULL };

static struct http_server *
start(const struct http_server_options *more)
{
	struct http_server_options options =
		more == NULL ? (struct http_server_options){ 0 } : *more;
	struct http_server *server;
	struct notar_error err = { 0 };

	options.listen = options.listen == NULL ? any_port : options.listen;
	options.loops = 2;
	options.routes = routes;
	options.route_count = NOTAR_COUNT(routes);
	if (http_server_start(&options, &server, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	return server;
}

static void
stop(struct http_server *server)
{
	http_server_stop(server, clock_deadline_ms(2000));
	http_server_free(server);
}

static int
dial(const struct http_server *server)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)http_server_port(server, 0)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timeval patience = { .tv_sec = 5 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union {
		const struct sockaddr_in *in;
		const struct sockaddr *any;
	} address = { &to };

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, address.any, sizeof(to)), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads until `last` has come or the server closes. */
static const char *
hear(int fd, const char *last)
{
	static char text[65536];
	size_t len = 0;

	text[0] = '\0';
	while (last == NULL || strstr(text, last) == NULL) {
		ssize_t got = recv(fd, text + len, sizeof(text) - 1 - len, 0);

		if (got <= 0)
			break;
		len += (size_t)got;
		text[len] = '\0';
	}
	return text;
}

#define POST(body, len) "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " len "\r\n\r\n" body

static void
requests_on_one_connection_are_answered_in_order(void **state)
{
	(void)state;
	struct http_server *server = start(NULL);
	int fd = dial(server);

	say(fd, POST("first", "5") POST("second", "6"));
	const char *said = hear(fd, "second");
	const char *first = strstr(said, "first"), *second = strstr(said, "second");

	assert_non_null(first);
	assert_non_null(second);
	assert_true(first < second);
	say(fd, "GET /echo?again HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	assert_non_null(strstr(hear(fd, NULL), "again"));
	(void)close(fd);
	assert_int_equal(http_server_stats(server).requests, 3);
	stop(server);
}

static void
what_is_not_there_is_said_and_the_connection_closes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *status;
	} cases[] = {
		{ "GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", "404" },
		{ "DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n", "405" },
		{ "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n", "413" },
		{ "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
		  "413" },
		{ "GET /echo HTTP/1.1\r\n\r\n", "400" },
		{ "garbage\r\n\r\n", "400" },
	};
	struct http_server *server = start(NULL);

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		int fd = dial(server);

		say(fd, cases[i].text);
		const char *said = hear(fd, NULL);

		if (strncmp(said, "HTTP/1.1 ", 9) != 0 ||
		    strncmp(said + 9, cases[i].status, 3) != 0)
			fail_msg("%s: %s", cases[i].text, said);
		assert_non_null(strstr(said, "Connection: close"));
		(void)close(fd);
	}
	stop(server);
}

static void
a_dribbled_request_is_cut_at_its_deadline(void **state)
{
	(void)state;
	const struct http_server_options options = { .request_ms = 200 };
	struct http_server *server = start(&options);
	int fd = dial(server);

	say(fd, "GET /echo HT");
	assert_non_null(strstr(hear(fd, NULL), "408"));
	(void)close(fd);
	assert_true(http_server_stats(server).timeouts > 0);
	stop(server);
}

static void
wait_for_ticket(void)
{
	for (int i = 0; i < 500; i++) {
		(void)pthread_mutex_lock(&lock);
		bool there = is_waiting;

		is_waiting = false;
		(void)pthread_mutex_unlock(&lock);
		if (there)
			return;
		(void)usleep(10000);
	}
	fail_msg("nobody asked");
}

static void
answer_with(const char *text)
{
	struct http_answer answer = { 0 };

	buf_append_str(&answer.body, text);
	http_ticket_answer(&waiting, &answer);
}

static void
an_answer_may_come_later_and_only_once(void **state)
{
	(void)state;
	struct http_server *server = start(NULL);
	int fd = dial(server);

	say(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_ticket();
	answer_with("now");
	assert_non_null(strstr(hear(fd, "now"), "200"));
	answer_with("twice");
	say(fd, "GET /echo?x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	const char *said = hear(fd, NULL);

	assert_null(strstr(said, "twice"));
	assert_non_null(strstr(said, "\r\n\r\nx"));
	(void)close(fd);
	stop(server);
}

static void
an_answer_to_nobody_is_dropped(void **state)
{
	(void)state;
	struct http_server *server = start(NULL);
	int fd = dial(server);

	say(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_ticket();
	const struct linger reset = { .l_onoff = 1 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)close(fd);
	(void)usleep(50000);
	answer_with("too late");
	fd = dial(server);
	say(fd, "GET /echo?x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	assert_non_null(strstr(hear(fd, NULL), "\r\n\r\nx"));
	(void)close(fd);
	stop(server);
}

static void *
stop_in_background(void *server)
{
	http_server_stop(server, clock_deadline_ms(5000));
	return NULL;
}

static void
stopping_lets_what_has_begun_end(void **state)
{
	(void)state;
	struct http_server *server = start(NULL);
	int fd = dial(server);
	pthread_t thread;

	say(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
	wait_for_ticket();
	assert_int_equal(pthread_create(&thread, NULL, stop_in_background, server), 0);
	(void)usleep(300000);
	answer_with("goodbye");
	const char *said = hear(fd, NULL);

	assert_non_null(strstr(said, "goodbye"));
	assert_non_null(strstr(said, "Connection: close"));
	assert_int_equal(pthread_join(thread, NULL), 0);
	(void)close(fd);
	http_server_free(server);
}

static void
an_address_that_is_taken_or_none_is_an_error(void **state)
{
	(void)state;
	struct http_server *server = start(NULL), *second = NULL;
	char taken[32];
	static const char *const wrong[] = { "nonsense", "127.0.0.1",    "127.0.0.1:x",
					     ":80",      "localhost:80", "unix:" };
	struct notar_error err = { 0 };

	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%u", http_server_port(server, 0));
	const char *const again[] = { taken, NULL };
	struct http_server_options options = { .listen = again, .loops = 1 };

	assert_int_equal(http_server_start(&options, &second, &err), NOTAR_E_IO);
	for (size_t i = 0; i < NOTAR_COUNT(wrong); i++) {
		const char *const listen[] = { wrong[i], NULL };

		options.listen = listen;
		assert_int_equal(http_server_start(&options, &second, &err), NOTAR_E_CONFIG);
		assert_null(second);
	}
	stop(server);
}

static void
a_unix_socket_serves_and_is_removed(void **state)
{
	(void)state;
	char path[64], text[80];
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	union {
		const struct sockaddr_un *un;
		const struct sockaddr *any;
	} address = { &to };

	(void)snprintf(path, sizeof(path), "/tmp/notar-test-%d.sock", (int)getpid());
	(void)snprintf(text, sizeof(text), "unix:%s", path);
	const char *const listen[] = { text, NULL };
	const struct http_server_options options = { .listen = listen };
	struct http_server *server = start(&options);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, address.any, sizeof(to)), 0);
	say(fd, "GET /echo?x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	assert_non_null(strstr(hear(fd, NULL), "\r\n\r\nx"));
	(void)close(fd);
	stop(server);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* A self-signed certificate in two files. */
static void
make_pair(const char *certificate, const char *key, int days)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	FILE *f;

	assert_non_null(pkey);
	assert_non_null(x);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), -60);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
	(void)X509_set_pubkey(x, pkey);
	assert_true(X509_sign(x, pkey, EVP_sha256()) > 0);
	assert_non_null(f = fopen(certificate, "w"));
	assert_int_equal(PEM_write_X509(f, x), 1);
	(void)fclose(f);
	assert_non_null(f = fopen(key, "w"));
	assert_int_equal(PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL), 1);
	(void)fclose(f);
	X509_free(x);
	EVP_PKEY_free(pkey);
}

static bool
shake_hands(const struct http_server *server)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(context);
	char text[2000] = "";
	int fd = dial(server);
	static const char request[] =
		"GET /echo?x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

	(void)SSL_set_fd(ssl, fd);
	bool ok = SSL_connect(ssl) == 1 && SSL_write(ssl, request, (int)sizeof(request) - 1) > 0 &&
		  SSL_read(ssl, text, sizeof(text) - 1) > 0 && strstr(text, "200 OK") != NULL;

	SSL_free(ssl);
	SSL_CTX_free(context);
	(void)close(fd);
	return ok;
}

static void
tls_follows_its_files_and_keeps_the_old_pair_when_the_new_one_is_bad(void **state)
{
	(void)state;
	char folder[] = "/tmp/notar-tls-XXXXXX", certificate[64], key[64];
	struct http_tls *tls;
	struct notar_error err = { 0 };
	bool changed;

	assert_non_null(mkdtemp(folder));
	(void)snprintf(certificate, sizeof(certificate), "%s/c", folder);
	(void)snprintf(key, sizeof(key), "%s/k", folder);
	const struct http_tls_options files = { .certificate = certificate, .key = key };

	assert_int_equal(http_tls_new(&files, &tls, &err), NOTAR_E_CONFIG);
	assert_non_null(strstr(err.msg, certificate));
	make_pair(certificate, key, 10);
	assert_int_equal(http_tls_new(&files, &tls, &err), NOTAR_OK);
	const struct http_server_options options = { .tls = tls };
	struct http_server *server = start(&options);

	assert_true(shake_hands(server));
	assert_int_equal(http_tls_refresh(tls, &changed, &err), NOTAR_OK);
	assert_false(changed);
	int64_t before = http_tls_expires_s(tls);

	make_pair(certificate, key, 20);
	assert_int_equal(http_tls_refresh(tls, &changed, &err), NOTAR_OK);
	assert_true(changed);
	assert_true(http_tls_expires_s(tls) > before + 86400);
	assert_true(shake_hands(server));
	FILE *f = fopen(key, "w");

	assert_non_null(f);
	(void)fputs("no key at all\n", f);
	(void)fclose(f);
	assert_int_equal(http_tls_refresh(tls, &changed, &err), NOTAR_E_CONFIG);
	assert_true(shake_hands(server));
	int fd = dial(server);

	say(fd, "GET / HTTP/1.1\r\nHost: plain\r\n\r\n");
	assert_null(strstr(hear(fd, NULL), "200"));
	(void)close(fd);
	stop(server);
	http_tls_free(tls);
	(void)unlink(certificate);
	(void)unlink(key);
	(void)rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_on_one_connection_are_answered_in_order),
		cmocka_unit_test(what_is_not_there_is_said_and_the_connection_closes),
		cmocka_unit_test(a_dribbled_request_is_cut_at_its_deadline),
		cmocka_unit_test(an_answer_may_come_later_and_only_once),
		cmocka_unit_test(an_answer_to_nobody_is_dropped),
		cmocka_unit_test(stopping_lets_what_has_begun_end),
		cmocka_unit_test(an_address_that_is_taken_or_none_is_an_error),
		cmocka_unit_test(a_unix_socket_serves_and_is_removed),
		cmocka_unit_test(
			tls_follows_its_files_and_keeps_the_old_pair_when_the_new_one_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
