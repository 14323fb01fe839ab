/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_GATE_PATH_H
#define VERIFIER_GATE_PATH_H

#include "base/span.h"

/*
 * What a client wants of a registry, from the method and URI that a proxy passes on
 * (distribution-spec "Endpoints"). Pure. The URI is read as the strictest of servers and the
 * laxest of servers would both read it: whatever they could understand differently (encoded
 * slashes, empty or dot segments, escapes of escapes) is refused.
 */
enum gate_wish {
	GATE_REFUSE,   /* cannot be understood in one way only: zeroed memory refuses */
	GATE_PASS,     /* no manifest is read: blobs, uploads, lists, deletes */
	GATE_MANIFEST, /* name and reference say which */
};

#define GATE_NAME_BYTES 512
#define GATE_REFERENCE_BYTES 256

struct gate_request {
	enum gate_wish wish;
	const char *problem;                  /* REFUSE; static */
	char name[GATE_NAME_BYTES];           /* the repository */
	char reference[GATE_REFERENCE_BYTES]; /* tag or digest */
};

void gate_path_read(struct span method, struct span uri, struct gate_request *out);

#endif
