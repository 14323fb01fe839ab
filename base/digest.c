/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <sodium.h>

#include "base/codec.h"

struct alg_row {
	enum notar_digest_alg alg;
	const char *prefix;
	size_t bytes;
};

static const struct alg_row algs[] = {
	{ NOTAR_SHA256, "sha256:", crypto_hash_sha256_BYTES },
	{ NOTAR_SHA512, "sha512:", crypto_hash_sha512_BYTES },
};

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(((struct digest_stream *)0)->state) &&
		       sizeof(crypto_hash_sha512_state) <=
			       sizeof(((struct digest_stream *)0)->state),
	       "a hash state fits its place");
_Static_assert(_Alignof(crypto_hash_sha256_state) <= _Alignof(uint64_t) &&
		       _Alignof(crypto_hash_sha512_state) <= _Alignof(uint64_t),
	       "a hash state is aligned there");

static const struct alg_row *
row_of(enum notar_digest_alg alg)
{
	for (size_t i = 0; i < NOTAR_COUNT(algs); i++) {
		if (algs[i].alg == alg)
			return &algs[i];
	}
	return NULL;
}

size_t
notar_digest_len(enum notar_digest_alg alg)
{
	const struct alg_row *row = row_of(alg);

	return row == NULL ? 0 : row->bytes;
}

enum notar_code
notar_digest_parse(const char *text, size_t len, struct notar_digest *out, struct notar_error *err)
{
	struct span all = span_of(text, len);

	for (size_t i = 0; i < NOTAR_COUNT(algs); i++) {
		if (!span_starts_with(all, algs[i].prefix))
			continue;
		struct notar_digest digest = { .alg = algs[i].alg };
		struct span hex = span_from(all, strlen(algs[i].prefix));
		NOTAR_TRY(hex_decode(hex, digest.bytes, algs[i].bytes, "digest", err));
		*out = digest;
		return NOTAR_OK;
	}
	return notar_fail(err, NOTAR_E_FORMAT, "digest: neither sha256:… nor sha512:…");
}

const char *
notar_digest_format(const struct notar_digest *digest, char out[NOTAR_DIGEST_TEXT_BYTES])
{
	const struct alg_row *row = row_of(digest->alg);
	const char *prefix = row == NULL ? "none" : row->prefix;
	size_t len = strlen(prefix);

	memcpy(out, prefix, len + 1);
	if (row != NULL)
		(void)hex_encode(digest_span(digest), out + len);
	return out;
}

bool
notar_digest_equal(const struct notar_digest *a, const struct notar_digest *b)
{
	size_t len = notar_digest_len(a->alg);

	return len > 0 && a->alg == b->alg && memcmp(a->bytes, b->bytes, len) == 0;
}

void
sha256_of(struct span bytes, uint8_t out[SHA256_BYTES])
{
	(void)crypto_hash_sha256(out, bytes.ptr, bytes.len);
}

struct notar_digest
digest_of(enum notar_digest_alg alg, struct span bytes)
{
	struct notar_digest digest = { .alg = alg };

	switch (alg) {
	case NOTAR_SHA256:
		(void)crypto_hash_sha256(digest.bytes, bytes.ptr, bytes.len);
		return digest;
	case NOTAR_SHA512:
		(void)crypto_hash_sha512(digest.bytes, bytes.ptr, bytes.len);
		return digest;
	case NOTAR_DIGEST_NONE:
		break;
	}
	return (struct notar_digest){ 0 };
}

static crypto_hash_sha256_state *
sha256_state(struct digest_stream *s)
{
	return (void *)s->state.opaque;
}

static crypto_hash_sha512_state *
sha512_state(struct digest_stream *s)
{
	return (void *)s->state.opaque;
}

void
digest_start(struct digest_stream *s, enum notar_digest_alg alg)
{
	s->alg = row_of(alg) == NULL ? NOTAR_DIGEST_NONE : alg;
	s->total = 0;
	if (alg == NOTAR_SHA256)
		(void)crypto_hash_sha256_init(sha256_state(s));
	if (alg == NOTAR_SHA512)
		(void)crypto_hash_sha512_init(sha512_state(s));
}

void
digest_add(struct digest_stream *s, struct span bytes)
{
	if (bytes.len == 0)
		return;
	s->total += bytes.len;
	if (s->alg == NOTAR_SHA256)
		(void)crypto_hash_sha256_update(sha256_state(s), bytes.ptr, bytes.len);
	if (s->alg == NOTAR_SHA512)
		(void)crypto_hash_sha512_update(sha512_state(s), bytes.ptr, bytes.len);
}

struct notar_digest
digest_end(struct digest_stream *s)
{
	struct notar_digest digest = { .alg = s->alg };

	if (s->alg == NOTAR_SHA256)
		(void)crypto_hash_sha256_final(sha256_state(s), digest.bytes);
	if (s->alg == NOTAR_SHA512)
		(void)crypto_hash_sha512_final(sha512_state(s), digest.bytes);
	/* A stream that ended gives no second digest. */
	s->alg = NOTAR_DIGEST_NONE;
	return digest;
}

enum notar_code
digest_check(const struct notar_digest *want, struct span bytes, const char *what,
	     struct notar_error *err)
{
	struct notar_digest got = digest_of(want->alg, bytes);
	char want_text[NOTAR_DIGEST_TEXT_BYTES], got_text[NOTAR_DIGEST_TEXT_BYTES];

	if (notar_digest_equal(want, &got))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_DIGEST, "%s: its digest is %s, not %s", what,
			  notar_digest_format(&got, got_text),
			  notar_digest_format(want, want_text));
}
