/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_HANDLER_H
#define VERIFIER_HANDLER_H

#include "verifier/daemon.h"

/* What the question routes share: a loop's own decider, and the way from images to an answer. */
struct handler_local {
	struct decider decider;
};

/* For http_server_options. */
NOTAR_MUST_USE enum notar_code
handler_loop_begin(void *context, void **local, struct notar_error *err);
void handler_loop_end(void *context, void *local);

/*
 * Asks about every image of the ask: what the store knows is settled at once, the rest goes to
 * the workers. Takes the ask over. Rules for names as in oci/reference.h.
 */
enum http_next handler_ask(struct daemon *daemon, struct handler_local *local, struct ask *taken,
			   enum reference_rules rules, struct http_answer *answer,
			   const struct http_ticket *ticket);

/*
 * "?timeout=10s", as the API server writes it: the answer must be out before, so a second is
 * kept back, or 40 percent of very short times. Absent: fallback_ms from now, whole.
 * NOTAR_E_USAGE for anything else than 1ms to 300 s.
 */
NOTAR_MUST_USE enum notar_code handler_deadline(struct span query, int64_t fallback_ms,
						int64_t *deadline_ms, struct notar_error *err);

/* The default for calls whose caller says nothing. */
#define HANDLER_TIMEOUT_MS 10000

/* Who asks, from the request: caller, and trace if it has a traceparent (W3C Trace Context). */
void handler_origin(const struct http_request *request, struct ask_origin *out);

/*
 * Counts, logs and audits a finished ask. False: the audit log cannot take it, and *answer says
 * so: a decision that leaves no record is not given.
 */
NOTAR_MUST_USE bool
handler_record(const struct ask *ask, enum metrics_path path, struct http_answer *answer);

#endif
