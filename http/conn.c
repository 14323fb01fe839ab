/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "http/loop.h"

#define CLOSING_MS 2000
#define REQUESTS_A_TURN 16 /* of one connection, before others have theirs */
#define CHUNKED_BUDGET (1U << 20)
#define SMALL_BODY_BYTES (64U << 10) /* not counted against the budget */

static const struct http_server_options *
options_of(const struct conn *conn)
{
	return &conn->loop->server->options;
}

/* Calls that may free the connection return false when it is gone or must be left alone now. */
static bool
finish(struct conn *conn)
{
	loop_close_conn(conn);
	return false;
}

static void
release_budget(struct conn *conn)
{
	conn->loop->server->body_bytes -= conn->budget;
	conn->budget = 0;
}

static bool
begin_closing(struct conn *conn)
{
	if (conn->ssl != NULL)
		(void)SSL_shutdown(conn->ssl);
	if (shutdown(conn->fd, SHUT_WR) != 0)
		return finish(conn);
	conn->state = CONN_CLOSING;
	conn->deadline_ms = clock_deadline_ms(CLOSING_MS);
	loop_set_interest(conn, EPOLLIN);
	return false;
}

/* True: everything is written, and the next request may be read. */
static bool
flush(struct conn *conn)
{
	switch (conn_write(conn)) {
	case IO_DONE:
		break;
	case IO_WANT_READ:
	case IO_WANT_WRITE:
		if (conn->state != CONN_WRITING)
			conn->deadline_ms = clock_deadline_ms(options_of(conn)->drain_ms);
		conn->state = CONN_WRITING;
		loop_set_interest(conn, EPOLLIN | EPOLLOUT);
		return false;
	case IO_END:
	case IO_FAILED:
		return finish(conn);
	}
	buf_clear(&conn->out);
	conn->sent = 0;
	if (conn->close_after)
		return begin_closing(conn);
	conn->state = CONN_READING;
	return true;
}

static bool
say(struct conn *conn, struct http_answer *answer)
{
	struct http_server *server = conn->loop->server;
	int status = answer->status == 0 ? 200 : answer->status;

	if (server->stopping)
		conn->close_after = true;
	server->answers[(status / 100) % 6]++;
	answer_write(&conn->out, answer, conn->close_after);
	return flush(conn);
}

/* An answer after which nothing more can be understood. */
static bool
refuse(struct conn *conn, int status, const char *problem)
{
	struct http_answer answer;

	release_budget(conn);
	http_answer_error(&answer, status, problem);
	answer.retry_after_s = status == 503 ? 1 : 0;
	conn->close_after = true;
	return say(conn, &answer);
}

static bool
refuse_method(struct conn *conn, const struct http_route *route)
{
	struct http_answer answer;

	http_answer_error(&answer, 405, "not with this method");
	answer.allow = route->method;
	conn->close_after = true;
	return say(conn, &answer);
}

static bool
is_route_of(const struct http_route *route, struct span path)
{
	size_t len = strlen(route->path);

	if (route->path[len - 1] == '/')
		return path.len > len && memcmp(path.ptr, route->path, len) == 0;
	return span_is(path, route->path);
}

/* Finds the route; without one the connection is answered and closes: its body is unread. */
static bool
find_route(struct conn *conn)
{
	const struct http_server_options *o = options_of(conn);
	const struct http_route *other = NULL;

	for (size_t i = 0; i < o->route_count; i++) {
		if (!is_route_of(&o->routes[i], conn->head->path))
			continue;
		other = &o->routes[i];
		if (span_is(conn->head->method, other->method)) {
			conn->route = other;
			return true;
		}
	}
	return other != NULL ? refuse_method(conn, other) :
			       refuse(conn, 404, "there is nothing at this path");
}

/* Bodies that are being read are bounded over all connections (decision 13). */
static bool
reserve_budget(struct conn *conn)
{
	struct http_server *server = conn->loop->server;
	size_t bytes = conn->head->chunked ? CHUNKED_BUDGET : (size_t)conn->head->content_length;

	if (bytes <= SMALL_BODY_BYTES)
		return true;
	if (atomic_fetch_add(&server->body_bytes, bytes) + bytes > options_of(conn)->body_budget) {
		server->body_bytes -= bytes;
		return false;
	}
	conn->budget = bytes;
	return true;
}

static struct http_request
request_of(const struct conn *conn, const struct h1_request *head)
{
	return (struct http_request){
		.method = head->method,
		.path = head->path,
		.query = head->query,
		.content_type = h1_header(head, "content-type"),
		.peer = { conn->peer, conn->is_unix, conn->uid,
			  conn->ssl == NULL ? NULL : SSL_get0_peer_certificate(conn->ssl) },
		.caller = conn->caller,
		.head = head,
	};
}

/* Whoever may not ask is told before the body is read. */
static bool
admit(struct conn *conn)
{
	const struct http_server_options *o = options_of(conn);
	const struct http_request request = request_of(conn, conn->head);
	struct http_answer answer = { 0 };

	if (o->admit == NULL || o->admit(o->context, conn->route, &request, &conn->caller, &answer))
		return true;
	conn->close_after = true;
	return say(conn, &answer);
}

static bool
take_head(struct conn *conn)
{
	conn->head_known = true;
	if (!find_route(conn) || !admit(conn))
		return false;
	if (!conn->head->chunked && conn->head->content_length > conn->route->body_cap)
		return refuse(conn, 413, "too large a body");
	if (!reserve_budget(conn))
		return refuse(conn, 503, "too many bodies at a time");
	if (conn->head->expects_continue) {
		buf_append_str(&conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
		return flush(conn);
	}
	return true;
}

/* Drops the request that was just handled from the front of what came in. */
static void
consume(struct conn *conn)
{
	size_t left = conn->in.len - conn->head->total_bytes;

	release_budget(conn);
	if (left > 0)
		memmove(conn->in.ptr, conn->in.ptr + conn->head->total_bytes, left);
	buf_cut(&conn->in, left);
	buf_release(&conn->decoded);
	free(conn->head);
	conn->head = NULL;
	conn->head_known = false;
	conn->begun = false;
}

static bool
dispatch(struct conn *conn)
{
	struct http_loop *loop = conn->loop;
	struct http_answer answer = { 0 };
	struct h1_request head;

	/* The header's spans point to where it was when it was read. */
	(void)h1_read_head(buf_span(&conn->in), &head);
	conn->serial = ++loop->serial;
	const struct http_ticket ticket = { loop, conn->slot, conn->serial };
	struct http_request request = request_of(conn, &head);

	request.body = conn->head->body;

	loop->server->requests++;
	if (!conn->head->keep_alive)
		conn->close_after = true;
	enum http_next next = conn->route->handle(options_of(conn)->context, loop->local, &request,
						  &answer, &ticket);

	consume(conn);
	if (next == HTTP_ANSWERED)
		return say(conn, &answer);
	conn->state = CONN_WAITING;
	conn->deadline_ms = INT64_MAX;
	loop_set_interest(conn, 0);
	return false;
}

/* What has come in, up to one request. *more: bytes are missing. */
static bool
process(struct conn *conn, bool *more)
{
	enum h1_progress progress = H1_HEAD;

	*more = false;
	if (!conn->begun) {
		conn->head = calloc(1, sizeof(*conn->head));
		if (conn->head == NULL)
			return finish(conn);
		conn->begun = true;
		conn->since_ms = clock_monotonic_ms();
		conn->deadline_ms = clock_deadline_ms(options_of(conn)->request_ms);
	}
	if (!conn->head_known) {
		progress = h1_read_head(buf_span(&conn->in), conn->head);
		if (progress == H1_HEAD && !take_head(conn))
			return false;
	}
	if (progress == H1_HEAD)
		progress = h1_read_body(buf_span(&conn->in), conn->route->body_cap, &conn->decoded,
					conn->head);
	switch (progress) {
	case H1_MORE:
	case H1_HEAD:
		*more = true;
		return true;
	case H1_WRONG:
		return refuse(conn, conn->head->status, conn->head->problem);
	case H1_READY:
		break;
	}
	return dispatch(conn);
}

/* Thousands of idle connections must not own thousands of buffers. */
static void
forget_buffers(struct conn *conn)
{
	size_t cap = conn->in.cap;

	buf_release(&conn->in);
	conn->in.cap = cap;
	buf_release(&conn->out);
}

/* Waits for the next request, or for more of this one. */
static void
rest(struct conn *conn, uint32_t events)
{
	if (!conn->begun) {
		if (conn->loop->server->stopping) {
			loop_close_conn(conn);
			return;
		}
		forget_buffers(conn);
		conn->since_ms = clock_monotonic_ms();
		conn->deadline_ms = clock_deadline_ms(options_of(conn)->idle_ms);
	}
	loop_set_interest(conn, events);
}

/* Reads and answers until the socket has no more, or an answer must wait. */
static void
pump(struct conn *conn)
{
	for (int turns = 0; turns < REQUESTS_A_TURN; turns += conn->begun ? 0 : 1) {
		bool more = conn->in.len == 0;

		if (!more && !process(conn, &more))
			return;
		if (!more)
			continue;
		switch (conn_read(conn)) {
		case IO_DONE:
			break;
		case IO_WANT_READ:
			rest(conn, EPOLLIN);
			return;
		case IO_WANT_WRITE:
			rest(conn, EPOLLOUT);
			return;
		case IO_END:
		case IO_FAILED:
			loop_close_conn(conn);
			return;
		}
	}
	conn->again = true;
	conn->loop->any_again = true;
}

/*
 * OpenSSL sets some 60 KiB aside for a handshake. Until a client has sent its whole first record
 * it gets nothing of that: thousands that say half a word cost what their sockets cost.
 */
static bool
begin_tls(struct conn *conn)
{
	switch (conn_await_hello(conn)) {
	case IO_DONE:
		break;
	case IO_WANT_READ:
	case IO_WANT_WRITE:
		loop_set_interest(conn, EPOLLIN);
		return false;
	case IO_END:
	case IO_FAILED:
		return finish(conn);
	}
	loop_count_handshake(conn->loop);
	conn->ssl = http_tls_connect(options_of(conn)->tls, conn->fd);
	return conn->ssl != NULL ? true : finish(conn);
}

static void
handshake(struct conn *conn)
{
	if (conn->ssl == NULL && !begin_tls(conn))
		return;
	switch (conn_handshake(conn)) {
	case IO_DONE:
		conn->loop->handshakes--;
		conn->state = CONN_READING;
		pump(conn);
		return;
	case IO_WANT_READ:
		loop_set_interest(conn, EPOLLIN);
		return;
	case IO_WANT_WRITE:
		loop_set_interest(conn, EPOLLOUT);
		return;
	case IO_END:
	case IO_FAILED:
		loop_close_conn(conn);
		return;
	}
}

static void
discard(struct conn *conn)
{
	uint8_t waste[16384];
	ssize_t got = recv(conn->fd, waste, sizeof(waste), 0);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		loop_close_conn(conn);
}

void
conn_start(struct conn *conn)
{
	const struct http_server_options *o = options_of(conn);

	conn->in.cap = LIMIT_HTTP_HEADER_BYTES + 2 * (size_t)LIMIT_HTTP_ADMISSION_BODY_BYTES;
	conn->decoded.cap = LIMIT_HTTP_ADMISSION_BODY_BYTES;
	conn->state = conn->secure ? CONN_HANDSHAKE : CONN_READING;
	conn->since_ms = clock_monotonic_ms();
	conn->deadline_ms = clock_deadline_ms(conn->secure ? o->handshake_ms : o->request_ms);
	loop_set_interest(conn, EPOLLIN);
}

void
conn_ready(struct conn *conn)
{
	switch (conn->state) {
	case CONN_HANDSHAKE:
		handshake(conn);
		return;
	case CONN_READING:
		pump(conn);
		return;
	case CONN_WRITING:
		if (flush(conn))
			pump(conn);
		return;
	case CONN_CLOSING:
		discard(conn);
		return;
	case CONN_WAITING: /* only a hang-up or an error wakes it */
		loop_close_conn(conn);
		return;
	}
}

void
conn_answer(struct conn *conn, struct http_answer *answer)
{
	conn->state = CONN_READING;
	if (say(conn, answer))
		pump(conn);
}

bool
conn_is_idle(const struct conn *conn)
{
	return conn->state == CONN_HANDSHAKE || (conn->state == CONN_READING && !conn->begun);
}

void
conn_expire(struct conn *conn)
{
	conn->loop->server->timeouts++;
	if (conn->state == CONN_READING && conn->begun)
		(void)refuse(conn, 408, "the request did not come in time");
	else
		loop_close_conn(conn);
}
