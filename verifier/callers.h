/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_CALLERS_H
#define VERIFIER_CALLERS_H

#include "http/server.h"
#include "verifier/config.h"

/*
 * Who is asking, and may they: by bearer token, client certificate or the kernel's word over a
 * Unix socket; else anonymous. A proof that does not fit is never read as anonymous. Counts what
 * each caller does against its caps. Any thread.
 */
struct callers;

struct callers *callers_new(void); /* NULL: no memory */
void callers_free(struct callers *callers);

/* What a route wants besides a right: somebody with a name, or who is on this machine. */
#define CALLERS_KNOWN 4U

/*
 * http_server_options.admit, for a route whose `right` is enum config_right, perhaps with
 * CALLERS_KNOWN. False: *answer is 401, 403, 429 or 503.
 */
bool callers_admit(struct callers *callers, const struct config_callers *config,
		   const struct http_route *route, const struct http_request *request,
		   struct http_caller *caller, struct http_answer *answer);
void callers_leave(struct callers *callers, const struct http_caller *caller);

#endif
