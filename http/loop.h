/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/h1.h"
#include "http/server.h"

/* Private to http/: what a loop and its connections are made of. One thread each; only the
 * inbox, the counters and `stopping` are shared. */

enum conn_state {
	CONN_HANDSHAKE,
	CONN_READING, /* idle when nothing has come in */
	CONN_WAITING, /* for a ticket */
	CONN_WRITING, /* an answer that the socket did not take at once */
	CONN_CLOSING, /* all is said; what still comes in is thrown away, so that the client
		       * can read the answer before the connection is reset */
};

struct conn {
	struct http_loop *loop;
	int fd;
	SSL *ssl; /* NULL: plain */
	enum conn_state state;
	uint32_t slot, serial; /* serial grows with each request: old tickets do not fit */
	uint32_t interest;     /* epoll events asked for */
	int64_t deadline_ms;
	struct buf in, out, decoded;
	size_t sent;
	struct h1_request *head; /* while a request is being read; valid flags once head_known */
	bool head_known, begun, close_after;
	bool again;       /* had its share of this turn, and may have more to do */
	int64_t since_ms; /* idle, or reading this request, since then */
	bool secure;      /* speaks TLS; ssl is made when its first record is there */
	bool is_unix;
	uint32_t uid;
	struct http_caller caller;
	size_t budget; /* bytes of the server's body budget that it holds */
	const struct http_route *route;
	char peer[64];
};

struct inbox_item {
	struct http_ticket ticket;
	struct http_answer answer;
	struct inbox_item *next;
};

struct http_loop {
	struct http_server *server;
	pthread_t thread;
	bool started;
	int epoll, wakeup;
	void *local;
	struct conn **conns; /* by slot */
	size_t open, slots;
	size_t handshakes; /* under way, with all that OpenSSL sets aside for one */
	bool any_again, accepting;
	uint8_t scratch[16384]; /* what was just read: idle connections own no buffer */
	uint32_t serial;
	pthread_mutex_t lock;
	struct inbox_item *inbox_first, *inbox_last; /* under the lock */
	/* How loop_begin ended; under the lock. */
	pthread_cond_t has_begun;
	bool begun;
	enum notar_code begin_code;
	struct notar_error begin_error;
};

#define LISTENERS 8
#define LOOPS 64

struct listener {
	int fd;
	bool is_unix;
	size_t loop; /* which accepts from it */
};

struct http_server {
	struct http_server_options options;
	struct listener listeners[LISTENERS * LOOPS];
	size_t listener_count;
	unsigned ports[LISTENERS];
	char *unix_paths[LISTENERS];
	struct http_loop loops[LOOPS];
	size_t loop_count;
	atomic_bool stopping;
	_Atomic int64_t stop_deadline_ms;
	_Atomic size_t body_bytes;
	_Atomic uint64_t accepted, refused, requests, timeouts, evicted, open, answers[6];
};

/* listen.c: opens every address for loop number `loop`; a Unix socket for the first only. */
NOTAR_MUST_USE enum notar_code
listen_all(struct http_server *server, size_t loop, struct notar_error *err);
void listen_close(struct http_server *server);

/* loop.c */
void *loop_run(void *context);
void loop_close_conn(struct conn *conn); /* frees it */
/* Few handshakes at a time: the oldest goes when there are too many. */
void loop_count_handshake(struct http_loop *loop);
void loop_set_interest(struct conn *conn, uint32_t events);

/* conn.c: what to do when its socket is ready, its answer is there, its time is over. Each may
 * close and free the connection. */
void conn_start(struct conn *conn);
void conn_ready(struct conn *conn);
void conn_answer(struct conn *conn, struct http_answer *answer);
void conn_expire(struct conn *conn);
bool conn_is_idle(const struct conn *conn);

/* conn_io.c: bytes through TLS or plainly. */
enum io { IO_DONE, IO_WANT_READ, IO_WANT_WRITE, IO_END, IO_FAILED };
/* IO_DONE: the first record is whole, and still unread; IO_FAILED: that is no TLS. */
enum io conn_await_hello(struct conn *conn);
enum io conn_handshake(struct conn *conn);
enum io conn_read(struct conn *conn);  /* appends to in */
enum io conn_write(struct conn *conn); /* from out; IO_DONE: all of it */

/* answer.c: the head and body of an answer, appended to out. */
void answer_write(struct buf *out, struct http_answer *answer, bool close);

#endif
