/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include <stdatomic.h>

#include "base/buf.h"
#include "net/reach.h"
#include "net/url.h"

/*
 * net/: everything that speaks to the network goes through here.
 *
 * The one way out: HTTP requests with a deadline and caps on every byte that comes back
 * (specs/oci-registry.md section 5). TLS 1.2 or later, always verified; http and https only;
 * no .netrc, no cookies, no decompression. Redirects are followed by hand: credentials are
 * sent to the scheme, host and port they were meant for and to nobody else (CVE-2022-27774,
 * CVE-2026-59891), and never from https to http. Connections are kept for the next request.
 */
struct http_client;

struct http_client_options {
	const char *ca_file; /* trusted beside the system's; NULL: the system's alone */
	bool guard_private;  /* peers may send us only to what is as public as they are */
};

NOTAR_MUST_USE enum notar_code http_client_new(const struct http_client_options *options,
					       struct http_client **out, struct notar_error *err);
void http_client_free(struct http_client *client);
NOTAR_AUTO_DEFINE(http_client)

struct http_header {
	const char *name;
	const char *value; /* NULL: not sent */
};

/* Everything is borrowed until the request is done. */
struct http_request {
	const char *method; /* GET HEAD POST PUT DELETE */
	const char *url;
	const char *authorization; /* the header's whole value; NULL: none */
	struct http_header headers[3];
	struct span body; /* POST and PUT */
	size_t cap;       /* most bytes of a body below status 400 */
	int64_t deadline_ms;
	bool retry;           /* repeating it does no harm: try again what may be transient */
	bool stay;            /* a redirect to another host is not followed, it is the answer */
	bool no_redirects;    /* any redirect is the answer */
	enum net_reach reach; /* of the first hop; guard_private only */
	/* Turns true when nobody wants the answer any more: NOTAR_E_TIMEOUT soon after. May be
	 * NULL. */
	const atomic_bool *give_up;
};

/* An answer of whatever status. Bodies from 400 on are cut at LIMIT_ERROR_BODY_BYTES. */
struct http_response {
	int status;
	struct buf body;
	struct buf headers;  /* http_header_find */
	struct url url;      /* who answered in the end */
	enum net_reach peer; /* where the first hop was */
	unsigned requests;   /* sent for this answer: redirects and retries count */
};
void http_response_release(struct http_response *response);

/* The nth header of that name (any case), trimmed; NULL ptr when there is none. */
struct span http_header_find(const struct http_response *response, const char *name, size_t nth);

struct http_exchange {
	struct http_request request;
	struct http_response response; /* the caller releases it, also after failures */
	enum notar_code code;
	struct notar_error err;
	bool settled; /* has its answer; whoever wants it run again clears this */
};

/*
 * Runs all of them side by side and blocks until each has an answer or has failed: NOTAR_E_NET
 * (nobody there, broken off, TLS), NOTAR_E_LIMIT (a cap), NOTAR_E_TIMEOUT (its deadline),
 * NOTAR_E_THROTTLED (the host has asked for peace a moment ago). The result says only whether
 * they could be run: look at each code. Settled ones are left alone. One thread at a time per
 * client.
 */
NOTAR_MUST_USE enum notar_code
http_client_run(struct http_client *client, struct http_exchange *exchanges, size_t count,
		struct notar_error *err);

/* One request. */
NOTAR_MUST_USE enum notar_code
http_client_do(struct http_client *client, const struct http_request *request,
	       struct http_response *out, struct notar_error *err);

/* How long to wait before try number `tries` + 1: exponential, with full jitter. */
int64_t http_backoff_ms(unsigned tries);

#endif
