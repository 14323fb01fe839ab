/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/envelope_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "tests/lib/key_fixture.h"

struct key *
fixture_signer(void)
{
	struct fixture_word word;
	struct key *key = NULL;
	struct notar_error err = { 0 };

	fixture_word_init(&word, "pw");
	if (keyfile_load(OPENSSL_KEYS "ed25519.key", &word.source, &key, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	return key;
}

struct key *
fixture_stranger(void)
{
	struct fixture_word word;
	struct key *key = NULL;
	struct notar_error err = { 0 };

	fixture_word_init(&word, "pw");
	if (keyfile_load(OPENSSL_KEYS "p256.key", &word.source, &key, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	return key;
}

struct notar_digest
fixture_digest(const char *content)
{
	return digest_of(NOTAR_SHA256, span_str(content));
}

struct buf
fixture_signature(const struct key *key, struct span bytes)
{
	struct buf signature = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(key_sign(key, bytes, SIG_DER, &signature, &err), NOTAR_OK);
	return signature;
}

struct buf
fixture_bundle_of(const struct key *key, const char *payload_type, struct span payload)
{
	NOTAR_AUTO_OF(buf) pae = { 0 };
	struct buf out = { 0 };

	dsse_pae(span_str(payload_type), payload, &pae);
	NOTAR_AUTO_OF(buf) signature = fixture_signature(key, buf_span(&pae));

	bundle_write_dsse(span_of(key_id(key), KEY_ID_BYTES), payload, buf_span(&signature), &out);
	if (strcmp(payload_type, DSSE_TYPE_INTOTO) != 0) {
		struct buf other = fixture_replace(buf_span(&out), DSSE_TYPE_INTOTO, payload_type);

		buf_release(&out);
		return other;
	}
	return out;
}

struct buf
fixture_bundle(const struct key *key, const struct notar_digest *digest)
{
	NOTAR_AUTO_OF(buf) payload = { 0 };

	statement_write_sign(digest, NULL, 0, &payload);
	return fixture_bundle_of(key, DSSE_TYPE_INTOTO, buf_span(&payload));
}

struct buf
fixture_attestation(const struct key *key, const struct notar_digest *digest,
		    const char *predicate_type)
{
	NOTAR_AUTO_OF(buf) payload = { 0 };

	statement_write_attestation(digest, "registry.example/app", predicate_type,
				    span_str("{\"passed\":true}"), &payload);
	return fixture_bundle_of(key, DSSE_TYPE_INTOTO, buf_span(&payload));
}

void
fixture_ring_init(struct fixture_ring *ring, const struct key *a, const struct key *b)
{
	ring->keys[0] = a;
	ring->keys[1] = b;
	ring->ring = (struct keyring){ .keys = ring->keys, .count = b == NULL ? 1 : 2 };
}

struct buf
fixture_replace(struct span bytes, const char *from, const char *to)
{
	struct buf out = { 0 };
	size_t len = strlen(from);

	for (size_t i = 0; i < bytes.len;) {
		if (bytes.len - i >= len && memcmp(bytes.ptr + i, from, len) == 0) {
			buf_append_str(&out, to);
			i += len;
		} else {
			buf_append_byte(&out, bytes.ptr[i++]);
		}
	}
	return out;
}
