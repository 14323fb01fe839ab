/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/merkle.h"

#include "base/digest.h"

/* RFC 6962 section 2.1: a prefix tells leaves from nodes, so that neither passes for the other. */
#define LEAF_PREFIX 0x00
#define NODE_PREFIX 0x01

static void
hash_pieces(uint8_t prefix, struct span left, struct span right, uint8_t out[MERKLE_HASH_BYTES])
{
	struct digest_stream stream;

	digest_start(&stream, NOTAR_SHA256);
	digest_add(&stream, span_of(&prefix, 1));
	digest_add(&stream, left);
	digest_add(&stream, right);
	struct notar_digest digest = digest_end(&stream);

	memcpy(out, digest.bytes, MERKLE_HASH_BYTES);
}

void
merkle_leaf(struct span body, uint8_t out[MERKLE_HASH_BYTES])
{
	hash_pieces(LEAF_PREFIX, body, (struct span){ 0 }, out);
}

/* RFC 9162 section 2.1.3.2: up the tree with the node's place and the last node's. */
struct climb {
	uint64_t at, last;
	uint8_t hash[MERKLE_HASH_BYTES];
};

static void
climb_step(struct climb *climb, struct span sibling)
{
	struct span own = span_of(climb->hash, MERKLE_HASH_BYTES);

	if (climb->at % 2 == 1 || climb->at == climb->last) {
		hash_pieces(NODE_PREFIX, sibling, own, climb->hash);
		while (climb->at % 2 == 0 && climb->at != 0) {
			climb->at >>= 1;
			climb->last >>= 1;
		}
	} else {
		hash_pieces(NODE_PREFIX, own, sibling, climb->hash);
	}
	climb->at >>= 1;
	climb->last >>= 1;
}

enum notar_code
merkle_check(const uint8_t leaf[MERKLE_HASH_BYTES], uint64_t index, uint64_t size,
	     struct span hashes, const uint8_t root[MERKLE_HASH_BYTES], struct notar_error *err)
{
	struct climb climb = { .at = index, .last = size - 1 };

	if (index >= size)
		return notar_fail(err, NOTAR_E_SIGNATURE, "entry %llu of a log of %llu",
				  (unsigned long long)index, (unsigned long long)size);
	if (hashes.len % MERKLE_HASH_BYTES != 0)
		return notar_fail(err, NOTAR_E_SIGNATURE, "an inclusion proof of odd hashes");
	memcpy(climb.hash, leaf, MERKLE_HASH_BYTES);
	for (size_t at = 0; at < hashes.len; at += MERKLE_HASH_BYTES) {
		if (climb.last == 0)
			return notar_fail(err, NOTAR_E_SIGNATURE,
					  "an inclusion proof with too many hashes");
		climb_step(&climb, span_of(hashes.ptr + at, MERKLE_HASH_BYTES));
	}
	if (climb.last != 0)
		return notar_fail(err, NOTAR_E_SIGNATURE, "an inclusion proof with too few hashes");
	if (memcmp(climb.hash, root, MERKLE_HASH_BYTES) != 0)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "the inclusion proof does not lead to the log's root");
	return NOTAR_OK;
}
