/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/own.h"
#include "base/span.h"

/*
 * Other people's programs, run to their end within bounds: credential helpers, signing plugins.
 *
 * The program gets a process group of its own, which is killed when it ends, says too much or takes
 * too long; what leaves that group is out of reach. It gets its three standard streams and no other
 * descriptor, and our environment without what is secret in it (NOTAR_REGISTRY_*, NOTAR_PASSWORD,
 * COSIGN_PASSWORD, and the tokens of a CI's identity). No shell is involved.
 */

/* Room for one of its streams, the caller's: guarded memory for what may be secret. Full room is
 * too much: bytes[0..len) is what was said only when len < room. Zeroed: it goes nowhere. */
struct child_stream {
	uint8_t *bytes;
	size_t room;
	size_t len; /* out */
};

struct child_call {
	const char *const
		*argv;     /* ends with NULL; argv[0] is looked for in PATH unless it has a / */
	struct span input; /* its standard input, then the end */
	int64_t limit_ms;  /* for everything, from the call on */
};

/*
 * Blocks until the program has ended and its streams are closed, by whoever holds them. *status is
 * its exit status, or 128 and the signal that ended it.
 *
 * NOTAR_E_NOT_FOUND   there is no such program
 * NOTAR_E_IO          it cannot be started, or a call of ours failed
 * NOTAR_E_LIMIT       it says too much
 * NOTAR_E_TIMEOUT     it takes too long
 */
NOTAR_MUST_USE enum notar_code
child_run(const struct child_call *call, struct child_stream *output, struct child_stream *errors,
	  int *status, struct notar_error *err);

static inline struct span
child_said(const struct child_stream *stream)
{
	return span_of(stream->bytes, stream->len);
}

#endif
