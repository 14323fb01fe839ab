/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/buf.h"
#include "http/tls.h"

/*
 * http/: who asks: the daemon's server, and knows nothing of images.
 *
 * notard's own HTTP/1.1 server (design section 5): a few event loops, each a thread with a
 * listener of its own, TLS or plain, TCP or a Unix socket. Deadlines are absolute: 5 s for a
 * handshake, 10 s from a request's first byte to its last, 10 s to drain an answer, 120 s idle.
 *
 * Handlers run on the loops and must not wait. What needs time is answered later, from any
 * thread, through a ticket.
 */
struct http_server;
struct http_loop;

/* Who is at the other end, as far as the connection itself tells. */
struct http_peer {
	const char *name; /* "127.0.0.1:4711", "unix" */
	bool is_unix;
	uint32_t uid;                      /* of a Unix socket's other end */
	const struct x509_st *certificate; /* that it proved to have; NULL: none */
};

/* Who `admit` found it to be. Kept for the connection's life. */
struct http_caller {
	uint32_t id; /* 0: nobody has said */
	char name[64];
};

/* Spans are valid during the handler's call only. */
struct http_request {
	struct span method, path, query, body;
	struct span content_type; /* ptr NULL when absent */
	struct http_peer peer;
	struct http_caller caller;
	const struct h1_request *head;
};

/* What is sent. body is taken over. Zeroed: 200 without a body. */
struct http_answer {
	int status;               /* 0 means 200 */
	const char *content_type; /* static; NULL: application/json */
	const char *allow;        /* static; for 405 */
	struct buf body;
	struct buf headers;     /* whole lines, each with its CRLF; taken over */
	unsigned retry_after_s; /* 0: not said */
};

/* Adds a header line; bytes of the value that no header may have become '?'. */
void http_answer_header(struct http_answer *answer, const char *name, struct span value);
void http_answer_release(struct http_answer *answer);

/* A text answer for people: {"error": message}. */
void http_answer_error(struct http_answer *answer, int status, const char *message);

/* Where a later answer goes. A plain value; good until it is used once. */
struct http_ticket {
	struct http_loop *loop;
	uint32_t slot, serial;
};

/* Takes the body over. Any thread, until http_server_free; dropped when the client is gone. */
void http_ticket_answer(const struct http_ticket *ticket, struct http_answer *answer);

enum http_next {
	HTTP_ANSWERED, /* *answer is filled in */
	HTTP_LATER,    /* the ticket will be answered, and has been copied */
};

struct http_route {
	const char *method, *path; /* the whole path; one that ends in '/' stands for all below */
	size_t body_cap;
	unsigned right; /* the caller's own number; for admit */
	/* context: of the options; local: what loop_begin gave for this loop. */
	enum http_next (*handle)(void *context, void *local, const struct http_request *request,
				 struct http_answer *answer, const struct http_ticket *ticket);
};

struct http_server_options {
	const char *const *listen; /* "127.0.0.1:0", "[::1]:8443", "unix:/path"; NULL ends it */
	size_t loops;              /* 0: one a CPU, at most 8 */
	struct http_tls *tls;      /* borrowed; NULL: plain. Unix sockets are always plain */
	const struct http_route *routes;
	size_t route_count;
	void *context;
	/* On each loop's own thread, before the first and after the last request. May be NULL. */
	enum notar_code (*loop_begin)(void *context, void **local, struct notar_error *err);
	void (*loop_end)(void *context, void *local);
	/*
	 * May this request be read on? Asked once its header is there, before its body is. False:
	 * *answer says why, and the connection closes. *caller is what the last request of this
	 * connection left. `leave` when a connection whose caller has an id closes. May be NULL.
	 */
	bool (*admit)(void *context, const struct http_route *route,
		      const struct http_request *request, struct http_caller *caller,
		      struct http_answer *answer);
	void (*leave)(void *context, const struct http_caller *caller);
	/* Most at a time per loop; 0: 1024. One more takes the place of the one that has been
	 * idle, or sending a request, for longest. */
	size_t connections;
	size_t body_budget; /* bytes of bodies being read at a time; 0: 256 MiB */
	int64_t handshake_ms, request_ms, drain_ms, idle_ms; /* 0: as above */
};

/* How many loops there will be when so many are asked for. */
size_t http_server_loops(size_t wanted);

NOTAR_MUST_USE enum notar_code http_server_start(const struct http_server_options *options,
						 struct http_server **out, struct notar_error *err);

/* The port that the i-th address of `listen` got; 0 for a Unix socket. */
unsigned http_server_port(const struct http_server *server, size_t i);

struct http_server_stats {
	uint64_t accepted, refused, requests, timeouts, evicted;
	uint64_t answers[6]; /* by status / 100 */
	uint64_t open;
};
struct http_server_stats http_server_stats(const struct http_server *server);

/* Stops accepting, lets what has begun end (Connection: close) until deadline_ms (monotonic),
 * then closes everything and ends the loops. */
void http_server_stop(struct http_server *server, int64_t deadline_ms);

/* After http_server_stop, and after the last ticket. NULL is allowed. */
void http_server_free(struct http_server *server);

#endif
