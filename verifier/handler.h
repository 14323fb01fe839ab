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
 * kept back, or 40 percent of very short times. Absent: 10 s. NOTAR_E_USAGE for anything else
 * than 1ms to 300 s.
 */
NOTAR_MUST_USE enum notar_code
handler_deadline(struct span query, int64_t *deadline_ms, struct notar_error *err);

/* Counts and logs a finished ask. */
void handler_record(const struct ask *ask, enum metrics_path path);

#endif
