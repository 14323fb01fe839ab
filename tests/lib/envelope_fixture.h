/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_ENVELOPE_FIXTURE_H
#define TESTS_LIB_ENVELOPE_FIXTURE_H

#include "envelope/bundle.h"
#include "envelope/judge.h"
#include "envelope/simple.h"

/* Signed things for the tests of envelope/, trust/ and verifier/. The key is tests/vectors'
 * Ed25519 key, whose signatures never vary. Every call fails the test on any error. */

struct key *fixture_signer(void);   /* the private key; the caller frees it */
struct key *fixture_stranger(void); /* another private key */

/* The digest of some content that names itself. */
struct notar_digest fixture_digest(const char *content);

/* A DSSE bundle over a payload, signed by key. The caller releases it. */
struct buf fixture_bundle_of(const struct key *key, const char *payload_type, struct span payload);
/* The bundle that `notar sign` writes for this digest. */
struct buf fixture_bundle(const struct key *key, const struct notar_digest *digest);
/* The one that `notar attest` writes. */
struct buf fixture_attestation(const struct key *key, const struct notar_digest *digest,
			       const char *predicate_type);
/* A signature over bytes, as Sigstore writes it. */
struct buf fixture_signature(const struct key *key, struct span bytes);

/* A ring of one or two keys; the second may be NULL. */
struct fixture_ring {
	const struct key *keys[2];
	struct keyring ring;
};
void fixture_ring_init(struct fixture_ring *ring, const struct key *a, const struct key *b);

/* Bytes with every occurrence of `from` replaced. The caller releases them. */
struct buf fixture_replace(struct span bytes, const char *from, const char *to);

#endif
