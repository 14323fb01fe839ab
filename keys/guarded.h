/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_GUARDED_H
#define KEYS_GUARDED_H

#include "base/buf.h"
#include "base/secret.h"

/*
 * A struct buf whose bytes live in guarded memory, so that what is decoded or built there
 * leaves no copy on the heap. Its cap is its room: it never grows, so it never moves.
 * Never give buf to buf_release.
 */
struct guarded {
	struct secret secret;
	struct buf buf;
};

static inline void
guarded_release(struct guarded *guarded)
{
	secret_release(&guarded->secret);
	guarded->buf = (struct buf){ 0 };
}

/* Room for that many bytes. */
NOTAR_MUST_USE static inline enum notar_code
guarded_alloc(size_t room, struct guarded *out, struct notar_error *err)
{
	size_t cap = room == 0 ? 1 : room; /* 0 would be the default cap */

	NOTAR_TRY(secret_alloc(cap, &out->secret, err));
	/* One more byte: a buf keeps room for a NUL, and so does a secret. */
	out->buf = (struct buf){ .ptr = out->secret.ptr, .room = cap + 1, .cap = cap };
	return NOTAR_OK;
}

/* A secret of exactly the bytes written; NOTAR_E_LIMIT when they did not fit. */
NOTAR_MUST_USE static inline enum notar_code
guarded_copy(const struct guarded *guarded, const char *what, struct secret *out,
	     struct notar_error *err)
{
	NOTAR_TRY(buf_finish(&guarded->buf, what, err));
	return secret_copy(buf_span(&guarded->buf), out, err);
}

#endif
