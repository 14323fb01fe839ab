/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_AUDIT_API_H
#define VERIFIER_AUDIT_API_H

#include "http/server.h"

/*
 * GET /v1/audit: the last decisions, newest first, out of the audit log: "?limit=100" and the
 * filters image, digest, verdict, reason, event, each an exact value. Reading is done by a thread
 * of its own, since it may wait for the disk; a few questions at a time.
 */
struct audit_desk;

/* path: the log's; copied. */
NOTAR_MUST_USE enum notar_code
audit_desk_start(const char *path, struct audit_desk **out, struct notar_error *err);
/* Questions that wait are answered 503. NULL is allowed. */
void audit_desk_stop(struct audit_desk *desk);

enum http_next audit_read_log(void *context, void *local, const struct http_request *request,
			      struct http_answer *answer, const struct http_ticket *ticket);

#endif
