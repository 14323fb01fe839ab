/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_H1_H
#define HTTP_H1_H

#include "base/buf.h"
#include "base/limits.h"

/*
 * A strict reader of HTTP/1.1 requests (RFC 9112). Pure: bytes in, a request or a refusal out.
 * Whatever two readers could understand differently is refused: repeated or conflicting lengths,
 * Content-Length beside Transfer-Encoding, folded lines, bare CR or LF, spaces before a colon,
 * control bytes, targets that are no path, versions that are not 1.0 or 1.1, chunk extensions
 * and trailers.
 */
enum h1_progress {
	H1_MORE,  /* nothing wrong so far; more bytes are needed */
	H1_HEAD,  /* the header is complete; the body is not */
	H1_READY, /* the whole request is there */
	H1_WRONG, /* status says how to refuse it; the connection must close */
};

struct h1_header {
	struct span name, value;
};

/* Spans borrow from the input of the last h1_read_head; valid until its bytes move. */
struct h1_request {
	struct span method, path, query; /* query without '?'; empty when absent */
	struct h1_header headers[LIMIT_HTTP_HEADERS];
	size_t header_count;
	bool keep_alive;
	bool expects_continue;
	bool chunked;
	uint64_t content_length; /* 0 when absent or chunked */
	size_t head_bytes;       /* up to and with the empty line */
	size_t total_bytes;      /* READY: head and body as they came in */
	struct span body;        /* READY: for chunked bodies within `decoded` */
	size_t chunk_offset;     /* chunked: up to here the input is decoded */
	size_t chunk_left;       /* chunked: data bytes and the CRLF behind them still to come */
	bool chunk_last;         /* chunked: the chunk being read is the one of size 0 */
	int status;              /* WRONG */
	const char *problem;     /* WRONG; static */
};

/* The header only: H1_MORE, H1_WRONG, or H1_HEAD with everything but the body filled in. */
enum h1_progress h1_read_head(struct span in, struct h1_request *out);

/* Whether h1_read_head can say more of `in` than of its first `seen` bytes, for which it said
 * H1_MORE. Asking first keeps a header that comes byte by byte from costing its square. */
bool h1_may_progress(struct span in, size_t seen);

/*
 * The body, once the head is known; H1_HEAD while it is not whole. Chunked bodies are gathered
 * in `decoded` (empty at the first call) as they come, so the input between head_bytes and
 * chunk_offset may be cut out (h1_forget_chunks). Spans of the request must still be valid, or
 * not be used: after READY read the head again when the input has moved.
 */
enum h1_progress
h1_read_body(struct span in, size_t body_cap, struct buf *decoded, struct h1_request *request);

/* Cuts decoded chunks out of the input that they were read from. */
void h1_forget_chunks(struct buf *in, struct h1_request *request);

/* The value of the only header of this name (case does not matter); ptr NULL when absent or
 * repeated. */
struct span h1_header(const struct h1_request *request, const char *name);
size_t h1_header_count(const struct h1_request *request, const char *name);

/* Whether a comma-separated header value has this word, in whatever case (RFC 9110, 5.6.1). */
bool h1_has_word(struct span value, const char *word);

/* The value of a query's only parameter of this name, as written; ptr NULL when absent or
 * repeated, not NULL when it is there and empty. */
struct span h1_query_value(struct span query, const char *name);

/* A query's value with its escapes resolved, as a string; empty for an absent one. False: a
 * broken escape, a control byte, or too long. */
bool h1_unescape(struct span value, char *out, size_t room);

/* Fills in a refusal. */
enum h1_progress h1_refuse(struct h1_request *request, int status, const char *problem);

#endif
