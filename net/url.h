/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/buf.h"

/*
 * Absolute http and https URLs, by libcurl's own parser, so that what is judged here is what
 * gets connected to. Refused: other schemes, user names inside, no host, control characters,
 * more than LIMIT_URL_BYTES. Fragments are dropped.
 */
struct url {
	char *text;
	char *host; /* IPv6 in brackets */
	char *path;
	unsigned port; /* never 0 */
	bool secure;   /* https */
};
void url_release(struct url *url);

/* NOTAR_E_FORMAT; the message never shows more than scheme, host and path. */
NOTAR_MUST_USE enum notar_code
url_parse(struct span text, struct url *out, struct notar_error *err);

/* A Location or Link target against the URL that it came from (RFC 3986 section 5). */
NOTAR_MUST_USE enum notar_code
url_resolve(const struct url *base, struct span target, struct url *out, struct notar_error *err);

/* The same with one more query parameter, escaped; what is there already stays as it is. */
NOTAR_MUST_USE enum notar_code
url_with_query(const struct url *base, const char *name, struct span value, struct url *out,
	       struct notar_error *err);

/* Scheme, host and port alike: the only place where credentials may be sent on. */
bool url_same_origin(const struct url *a, const struct url *b);
bool url_same_host(const struct url *a, const struct url *b);

/* localhost, 127.0.0.0/8 or [::1], by its spelling: nothing is looked up. */
bool url_is_loopback(const struct url *url);

#endif
