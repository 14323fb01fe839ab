/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>

#include "base/clock.h"
#include "http/loop.h"

#define EVENTS 128
#define TICK_MS 100
#define ACCEPTS_A_TURN 64
#define MOST_HANDSHAKES 64

/* What an epoll event is about: a connection's slot, a listener, or the wake-up. */
#define TAG_LISTENER (1ULL << 32)
#define TAG_WAKEUP (2ULL << 32)

static bool
watch(struct http_loop *loop, int fd, uint64_t tag, uint32_t events, int how)
{
	struct epoll_event event = { .events = events, .data.u64 = tag };

	return epoll_ctl(loop->epoll, how, fd, &event) == 0;
}

void
loop_set_interest(struct conn *conn, uint32_t events)
{
	if (conn->interest == events)
		return;
	conn->interest = events;
	(void)watch(conn->loop, conn->fd, conn->slot, events, EPOLL_CTL_MOD);
}

void
loop_close_conn(struct conn *conn)
{
	struct http_loop *loop = conn->loop;

	const struct http_server_options *o = &loop->server->options;

	if (conn->state == CONN_HANDSHAKE && conn->ssl != NULL)
		loop->handshakes--;
	if (conn->caller.id != 0 && o->leave != NULL)
		o->leave(o->context, &conn->caller);
	loop->server->body_bytes -= conn->budget;
	loop->server->open--;
	loop->open--;
	loop->conns[conn->slot] = NULL;
	SSL_free(conn->ssl);
	(void)close(conn->fd); /* epoll forgets it with that */
	buf_release(&conn->in);
	buf_release(&conn->out);
	buf_release(&conn->decoded);
	free(conn->head);
	free(conn);
}

/*
 * All slots are taken: the one goes that has been idle for longest; else the one that has been
 * sending its request for longest, since honest requests come in whole. Nobody who waits for an
 * answer is put out.
 */
static void
evict_one(struct http_loop *loop)
{
	struct conn *victim = NULL;

	for (size_t i = 0; i < loop->slots; i++) {
		struct conn *conn = loop->conns[i];

		if (conn == NULL || (!conn_is_idle(conn) && conn->state != CONN_READING))
			continue;
		if (victim == NULL || (conn_is_idle(conn) && !conn_is_idle(victim)) ||
		    (conn_is_idle(conn) == conn_is_idle(victim) &&
		     conn->since_ms < victim->since_ms))
			victim = conn;
	}
	if (victim == NULL)
		return;
	loop->server->evicted++;
	loop_close_conn(victim);
}

void
loop_count_handshake(struct http_loop *loop)
{
	struct conn *oldest = NULL;

	if (++loop->handshakes <= MOST_HANDSHAKES)
		return;
	for (size_t i = 0; i < loop->slots; i++) {
		struct conn *conn = loop->conns[i];

		if (conn != NULL && conn->state == CONN_HANDSHAKE && conn->ssl != NULL &&
		    (oldest == NULL || conn->since_ms < oldest->since_ms))
			oldest = conn;
	}
	if (oldest != NULL) {
		loop->server->evicted++;
		loop_close_conn(oldest);
	}
}

static size_t
free_slot(const struct http_loop *loop)
{
	for (size_t i = 0; i < loop->slots; i++)
		if (loop->conns[i] == NULL)
			return i;
	return loop->slots;
}

static void
name_peer(struct conn *conn, const struct sockaddr_storage *address)
{
	char host[INET6_ADDRSTRLEN] = "";
	union {
		const struct sockaddr_storage *any;
		const struct sockaddr_in *v4;
		const struct sockaddr_in6 *v6;
	} a = { address };

	if (address->ss_family == AF_INET) {
		(void)inet_ntop(AF_INET, &a.v4->sin_addr, host, sizeof(host));
		(void)snprintf(conn->peer, sizeof(conn->peer), "%s:%u", host,
			       ntohs(a.v4->sin_port));
	} else if (address->ss_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &a.v6->sin6_addr, host, sizeof(host));
		(void)snprintf(conn->peer, sizeof(conn->peer), "[%s]:%u", host,
			       ntohs(a.v6->sin6_port));
	} else {
		(void)snprintf(conn->peer, sizeof(conn->peer), "unix");
	}
}

/* The kernel's word for who opened the other end of a Unix socket. */
static void
know_peer(struct conn *conn)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	conn->uid = UINT32_MAX;
	conn->is_unix = true;
	if (getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) == 0)
		conn->uid = credentials.uid;
}

/* NULL: no room or no memory; fd is closed then. */
static struct conn *
make_conn(struct http_loop *loop, int fd, bool secure)
{
	if (loop->open == loop->slots)
		evict_one(loop);
	size_t slot = free_slot(loop);
	struct conn *conn = slot < loop->slots ? calloc(1, sizeof(*conn)) : NULL;

	if (conn != NULL) {
		*conn = (struct conn){
			.loop = loop, .fd = fd, .slot = (uint32_t)slot, .secure = secure
		};
		if (watch(loop, fd, slot, 0, EPOLL_CTL_ADD))
			return conn;
		free(conn);
	}
	loop->server->refused++;
	(void)close(fd);
	return NULL;
}

static void
set_accepting(struct http_loop *loop, bool on)
{
	struct http_server *server = loop->server;

	if (loop->accepting == on)
		return;
	loop->accepting = on;
	for (size_t i = 0; i < server->listener_count; i++)
		if (&server->loops[server->listeners[i].loop] == loop)
			(void)watch(loop, server->listeners[i].fd, TAG_LISTENER | i,
				    on ? EPOLLIN : 0, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL);
}

static void
accept_some(struct http_loop *loop, const struct listener *listener)
{
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t len = sizeof(address);
		union {
			struct sockaddr_storage *any;
			struct sockaddr *sa;
		} to = { &address };
		int fd = accept4(listener->fd, to.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			/* Out of descriptors: look again at the next tick, do not spin. */
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
				set_accepting(loop, false);
			return;
		}
		struct conn *conn = make_conn(
			loop, fd, loop->server->options.tls != NULL && !listener->is_unix);

		if (conn == NULL)
			continue;
		if (!listener->is_unix)
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		name_peer(conn, &address);
		if (listener->is_unix)
			know_peer(conn);
		loop->conns[conn->slot] = conn;
		loop->open++;
		loop->server->accepted++;
		loop->server->open++;
		conn_start(conn);
	}
}

void
http_ticket_answer(const struct http_ticket *ticket, struct http_answer *answer)
{
	struct http_loop *loop = ticket->loop;
	struct inbox_item *item = calloc(1, sizeof(*item));

	if (item == NULL) { /* the client waits for its own time limit, and gets no answer */
		http_answer_release(answer);
		return;
	}
	*item = (struct inbox_item){ *ticket, *answer, NULL };
	*answer = (struct http_answer){ 0 };
	(void)pthread_mutex_lock(&loop->lock);
	bool wake = loop->inbox_first == NULL;

	if (loop->inbox_last == NULL)
		loop->inbox_first = item;
	else
		loop->inbox_last->next = item;
	loop->inbox_last = item;
	(void)pthread_mutex_unlock(&loop->lock);
	if (wake)
		(void)eventfd_write(loop->wakeup, 1);
}

static void
deliver(struct http_loop *loop, struct inbox_item *item)
{
	struct conn *conn = item->ticket.slot < loop->slots ? loop->conns[item->ticket.slot] : NULL;

	if (conn != NULL && conn->state == CONN_WAITING && conn->serial == item->ticket.serial)
		conn_answer(conn, &item->answer);
	http_answer_release(&item->answer);
	free(item);
}

static void
read_inbox(struct http_loop *loop)
{
	(void)pthread_mutex_lock(&loop->lock);
	struct inbox_item *item = loop->inbox_first;

	loop->inbox_first = loop->inbox_last = NULL;
	(void)pthread_mutex_unlock(&loop->lock);
	while (item != NULL) {
		struct inbox_item *next = item->next;

		deliver(loop, item);
		item = next;
	}
}

/* Connections that had more to do when their turn ended. */
static void
serve_again(struct http_loop *loop)
{
	loop->any_again = false;
	for (size_t i = 0; i < loop->slots; i++) {
		struct conn *conn = loop->conns[i];

		if (conn == NULL || !conn->again)
			continue;
		conn->again = false;
		conn_ready(conn);
	}
}

static void
tick(struct http_loop *loop)
{
	struct http_server *server = loop->server;
	int64_t now = clock_monotonic_ms();
	bool stopping = server->stopping;

	set_accepting(loop, !stopping);
	for (size_t i = 0; loop->open > 0 && i < loop->slots; i++) {
		struct conn *conn = loop->conns[i];

		if (conn == NULL)
			continue;
		if (stopping && (conn_is_idle(conn) || now >= server->stop_deadline_ms))
			loop_close_conn(conn);
		else if (now >= conn->deadline_ms)
			conn_expire(conn);
	}
}

static void
handle(struct http_loop *loop, const struct epoll_event *event)
{
	uint64_t tag = event->data.u64;
	eventfd_t count;

	if ((tag & TAG_WAKEUP) != 0) {
		(void)eventfd_read(loop->wakeup, &count);
	} else if ((tag & TAG_LISTENER) != 0) {
		accept_some(loop, &loop->server->listeners[tag & 0xffff]);
	} else if (tag < loop->slots && loop->conns[tag] != NULL) {
		conn_ready(loop->conns[tag]);
	}
}

static bool
is_over(const struct http_loop *loop)
{
	return loop->server->stopping && loop->open == 0;
}

static void
turn(struct http_loop *loop)
{
	struct epoll_event events[EVENTS];
	int wait_ms = loop->any_again ? 0 : loop->open > 0 ? TICK_MS : 10 * TICK_MS;
	int count = epoll_wait(loop->epoll, events, EVENTS, wait_ms);

	for (int i = 0; i < count; i++)
		handle(loop, &events[i]);
	/* Behind the events: what this closes must not be in the list above. */
	read_inbox(loop);
	if (loop->any_again)
		serve_again(loop);
}

void *
loop_run(void *context)
{
	struct http_loop *loop = context;
	int64_t next_tick = 0;

	(void)watch(loop, loop->wakeup, TAG_WAKEUP, EPOLLIN, EPOLL_CTL_ADD);
	while (!is_over(loop)) {
		if (clock_monotonic_ms() >= next_tick) {
			tick(loop);
			next_tick = clock_deadline_ms(TICK_MS);
			if (is_over(loop))
				break;
		}
		turn(loop);
	}
	return NULL;
}
