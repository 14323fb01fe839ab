/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_BEARER_H
#define SYNC_BEARER_H

#include "base/secret.h"
#include "net/http_client.h"

/* Tokens on their way to a service and out of its answer, never outside guarded memory for longer
 * than a request. */

/* "scheme token", NUL-terminated, for http_request.authorization. NOTAR_E_AUTH for a token that
 * cannot stand in a header. */
NOTAR_MUST_USE enum notar_code
bearer_header(const char *scheme, struct span token, struct secret *out, struct notar_error *err);

/* https, or loopback: nobody else may listen. NOTAR_E_CONFIG. */
NOTAR_MUST_USE enum notar_code bearer_check_url(const char *url, struct notar_error *err);

/* A token that is the string member `name` of a JSON answer. Wipes the answer's body. */
NOTAR_MUST_USE enum notar_code bearer_take(struct http_response *response, const char *name,
					   struct secret *out, struct notar_error *err);

/* base without its last slash, and what is behind it. */
void bearer_join(const char *base, const char *path, struct buf *out);

/* Now and `ms` more, but not beyond deadline_ms (0: none). */
int64_t bearer_deadline_ms(int64_t deadline_ms, int64_t ms);

#endif
