/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/span.h"
#include "notar/digest.h"

/* Hashing, over libsodium. The value type and its text form are in notar/digest.h. */

#define SHA256_BYTES 32

/* The digest of bytes. alg must be sha256 or sha512, anything else gives the empty digest. */
struct notar_digest digest_of(enum notar_digest_alg alg, struct span bytes);

void sha256_of(struct span bytes, uint8_t out[SHA256_BYTES]);

/* Several pieces, one hash. Zero-initialise nothing: call digest_start first. */
struct digest_stream {
	enum notar_digest_alg alg;
	union {
		uint8_t opaque[256];
		uint64_t align;
	} state;
	uint64_t total; /* bytes hashed so far */
};
void digest_start(struct digest_stream *s, enum notar_digest_alg alg);
void digest_add(struct digest_stream *s, struct span bytes);
struct notar_digest digest_end(struct digest_stream *s);

/* NOTAR_E_DIGEST unless bytes hash to want; the message names what, and both digests. */
NOTAR_MUST_USE enum notar_code digest_check(const struct notar_digest *want, struct span bytes,
					    const char *what, struct notar_error *err);

static inline struct span
digest_span(const struct notar_digest *digest)
{
	return (struct span){ digest->bytes, notar_digest_len(digest->alg) };
}

NOTAR_MUST_USE static inline enum notar_code
digest_parse_span(struct span text, struct notar_digest *out, struct notar_error *err)
{
	return notar_digest_parse((const char *)text.ptr, text.len, out, err);
}

#endif
