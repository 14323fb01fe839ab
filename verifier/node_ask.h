/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_NODE_ASK_H
#define VERIFIER_NODE_ASK_H

#include "notar/verdict.h"

/* One question to a notard on this machine, over its Unix socket: for the node's verifier, which
 * must be small and start in milliseconds, so there is no curl here. */
struct node_answer {
	enum notar_verdict verdict;
	bool let_run;    /* refused, and the rule lets it run */
	char reason[64]; /* "unsigned" */
	char message[512];
};

/*
 * image: "host/path@digest". Blocks until deadline_ms (monotonic). NOTAR_E_NET when nobody
 * answers, NOTAR_E_TIMEOUT, NOTAR_E_FORMAT for an answer that is none: then nothing is known.
 */
NOTAR_MUST_USE enum notar_code
node_ask(const char *socket_path, const char *image, int64_t deadline_ms, struct node_answer *out,
	 struct notar_error *err);

#endif
