/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_INTERNAL_H
#define NET_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "net/http_client.h"

/* Private to net/: one exchange on its way through redirects and retries. */

struct http_client {
	CURLM *multi;
	char *ca_file;
	bool guard_private;
	struct url cool; /* a host that throttled us, until cool_until_ms */
	int64_t cool_until_ms;
};

enum transfer_state { TRANSFER_WAITING, TRANSFER_RUNNING, TRANSFER_DONE };

struct transfer {
	struct http_client *client;
	struct http_exchange *x;
	enum transfer_state state;
	int64_t due_ms; /* when WAITING: not before */
	CURL *easy;
	struct curl_slist *headers;
	struct url first; /* where its credentials belong */
	struct url at;
	enum net_reach reach;
	unsigned hops;
	unsigned tries;
	size_t sent; /* bytes of the body handed to curl */
	bool over_cap;
	bool over_headers;
	bool error_body_cut;
	bool blocked; /* by the guard */
	char why[CURL_ERROR_SIZE];
};

/* Everything until the first byte is sent; a failure is stored in x and ends it. */
void transfer_prepare(struct transfer *t, struct http_client *client, struct http_exchange *x);
void transfer_release(struct transfer *t);

/* Gives the current hop to the multi handle. */
void transfer_start(struct transfer *t);
/* curl is through with the current hop: done, a redirect or another try. */
void transfer_finished(struct transfer *t, CURLcode rc);
void transfer_fail(struct transfer *t, enum notar_code code, const char *what);

/* Options of the easy handle for the current hop (http_setup.c). */
NOTAR_MUST_USE enum notar_code transfer_setup(struct transfer *t, struct notar_error *err);

#endif
