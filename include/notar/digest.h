/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_DIGEST_H
#define NOTAR_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notar/error.h"

/*
 * Content digests as OCI writes them (image-spec, descriptor.md "Digests"):
 * "sha256:" and 64, or "sha512:" and 128 lower-case hexadecimal characters.
 * One spelling each; every other algorithm or case is refused.
 */

#ifdef __cplusplus
extern "C" {
#endif

enum notar_digest_alg {
	NOTAR_DIGEST_NONE = 0, /* a zeroed digest equals no digest, itself included */
	NOTAR_SHA256 = 1,
	NOTAR_SHA512 = 2,
};

#define NOTAR_DIGEST_MAX_BYTES 64
#define NOTAR_DIGEST_TEXT_BYTES 136 /* longest text and its NUL */

/* A plain value: copy it freely. Bytes past the algorithm's length are zero. */
struct notar_digest {
	enum notar_digest_alg alg;
	uint8_t bytes[NOTAR_DIGEST_MAX_BYTES];
};

/* Bytes of the raw digest: 32, 64, or 0 for none. */
NOTAR_API size_t notar_digest_len(enum notar_digest_alg alg);

/* Reads text[0..len). NOTAR_E_FORMAT for anything but the two exact spellings. */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_digest_parse(const char *text, size_t len, struct notar_digest *out, struct notar_error *err);

/* Writes the text form and returns out. An empty digest writes "none". */
NOTAR_API const char *
notar_digest_format(const struct notar_digest *digest, char out[NOTAR_DIGEST_TEXT_BYTES]);

NOTAR_API bool notar_digest_equal(const struct notar_digest *a, const struct notar_digest *b);

#ifdef __cplusplus
}
#endif
#endif
