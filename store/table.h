/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/digest.h"
#include "base/span.h"

/*
 * What keys and rows of several tables share. A digest is its algorithm (1) and its 32 or 64
 * bytes. Takers work on a sticky reader: a value outside its set fails it for good.
 */
#define TABLE_DIGEST_BYTES (1 + NOTAR_DIGEST_MAX_BYTES)

/* Writes the digest's bytes at out, which has TABLE_DIGEST_BYTES of room; returns how many. */
static inline size_t
table_make_digest(const struct notar_digest *digest, uint8_t *out)
{
	size_t len = notar_digest_len(digest->alg);

	out[0] = (uint8_t)digest->alg;
	memcpy(out + 1, digest->bytes, len);
	return 1 + len;
}

static inline uint8_t
table_take_number(struct reader *r, uint64_t min, uint64_t max)
{
	uint64_t value = reader_be(r, 1);

	if (value < min || value > max)
		r->failed = true;
	return r->failed ? 0 : (uint8_t)value;
}

/* A time on disk is never negative. */
static inline int64_t
table_take_time(struct reader *r)
{
	uint64_t value = reader_be(r, 8);

	if (value > INT64_MAX)
		r->failed = true;
	return r->failed ? 0 : (int64_t)value;
}

static inline void
table_take_bytes(struct reader *r, uint8_t *out, size_t len)
{
	struct span bytes = reader_take(r, len);

	if (!r->failed)
		memcpy(out, bytes.ptr, len);
}

/* Of NOTAR_DIGEST_NONE too: what could not be read was in no manifest. */
static inline void
table_take_digest(struct reader *r, struct notar_digest *out)
{
	*out = (struct notar_digest){ 0 };
	out->alg = (enum notar_digest_alg)table_take_number(r, NOTAR_DIGEST_NONE, NOTAR_SHA512);
	table_take_bytes(r, out->bytes, notar_digest_len(out->alg));
}

#endif
