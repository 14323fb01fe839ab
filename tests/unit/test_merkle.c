/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/merkle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/digest.h"

#define LEAVES 20
#define HASH MERKLE_HASH_BYTES

/* RFC 6962 section 2.1 by its own words, so that it shares nothing with what is tested. */
struct tree {
	uint8_t leaves[LEAVES][HASH];
};

static void
tree_init(struct tree *tree)
{
	for (uint8_t i = 0; i < LEAVES; i++)
		merkle_leaf(span_of(&i, 1), tree->leaves[i]);
}

static size_t
split_of(size_t count)
{
	size_t k = 1;

	while (k * 2 < count)
		k *= 2;
	return k;
}

static void
tree_root(const struct tree *tree, size_t from, size_t count, uint8_t out[HASH])
{
	uint8_t both[1 + 2 * HASH] = { 1 };

	if (count == 1) {
		memcpy(out, tree->leaves[from], HASH);
		return;
	}
	size_t k = split_of(count);

	tree_root(tree, from, k, both + 1);
	tree_root(tree, from + k, count - k, both + 1 + HASH);
	sha256_of(span_of(both, sizeof(both)), out);
}

static void
tree_path(const struct tree *tree, size_t index, size_t from, size_t count, struct buf *out)
{
	uint8_t hash[HASH];
	size_t k = split_of(count);

	if (count == 1)
		return;
	if (index < k) {
		tree_path(tree, index, from, k, out);
		tree_root(tree, from + k, count - k, hash);
	} else {
		tree_path(tree, index - k, from + k, count - k, out);
		tree_root(tree, from, k, hash);
	}
	buf_append(out, hash, HASH);
}

static void
every_leaf_of_every_small_tree_is_in_it_and_nowhere_else(void **state)
{
	(void)state;
	struct tree tree;
	uint8_t root[HASH];

	tree_init(&tree);
	for (size_t size = 1; size <= LEAVES; size++) {
		tree_root(&tree, 0, size, root);
		for (size_t index = 0; index < size; index++) {
			NOTAR_AUTO_OF(buf) path = { 0 };

			tree_path(&tree, index, 0, size, &path);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(merkle_check(tree.leaves[i], index, size,
							      buf_span(&path), root, NULL),
						 i == index ? NOTAR_OK : NOTAR_E_SIGNATURE);
		}
	}
}

static void
a_proof_that_is_wrong_anywhere_is_refused(void **state)
{
	(void)state;
	struct tree tree;
	uint8_t root[HASH];

	tree_init(&tree);
	tree_root(&tree, 0, 13, root);
	for (size_t index = 0; index < 13; index++) {
		NOTAR_AUTO_OF(buf) path = { 0 };
		const uint8_t *leaf = tree.leaves[index];

		tree_path(&tree, index, 0, 13, &path);
		for (size_t at = 0; at < path.len; at += HASH / 2) {
			path.ptr[at] ^= 0x80;
			assert_int_equal(merkle_check(leaf, index, 13, buf_span(&path), root, NULL),
					 NOTAR_E_SIGNATURE);
			path.ptr[at] ^= 0x80;
			struct span cut = span_of(path.ptr, at);

			assert_int_equal(merkle_check(leaf, index, 13, cut, root, NULL),
					 NOTAR_E_SIGNATURE);
		}
		root[31] ^= 1;
		assert_int_equal(merkle_check(leaf, index, 13, buf_span(&path), root, NULL),
				 NOTAR_E_SIGNATURE);
		root[31] ^= 1;
		buf_append(&path, root, HASH);
		assert_int_equal(merkle_check(leaf, index, 13, buf_span(&path), root, NULL),
				 NOTAR_E_SIGNATURE);
	}
}

static void
places_outside_of_the_tree_are_refused(void **state)
{
	(void)state;
	uint8_t leaf[HASH];

	merkle_leaf(span_str("x"), leaf);
	const struct span none = { 0 };

	assert_int_equal(merkle_check(leaf, 0, 1, none, leaf, NULL), NOTAR_OK);
	assert_int_equal(merkle_check(leaf, 0, 0, none, leaf, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(merkle_check(leaf, 1, 1, none, leaf, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(merkle_check(leaf, UINT64_MAX, 1, none, leaf, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(merkle_check(leaf, 0, UINT64_MAX, none, leaf, NULL), NOTAR_E_SIGNATURE);
	assert_int_equal(merkle_check(leaf, UINT64_MAX, 0, none, leaf, NULL), NOTAR_E_SIGNATURE);
}

static void
an_inner_node_does_not_pass_for_a_leaf(void **state)
{
	(void)state;
	struct tree tree;
	uint8_t root[HASH], forged[HASH];
	uint8_t body[2 * HASH];

	tree_init(&tree);
	tree_root(&tree, 0, 2, root);
	memcpy(body, tree.leaves[0], HASH);
	memcpy(body + HASH, tree.leaves[1], HASH);
	merkle_leaf(span_of(body, sizeof(body)), forged);
	assert_int_equal(merkle_check(forged, 0, 1, (struct span){ 0 }, root, NULL),
			 NOTAR_E_SIGNATURE);
}

static void
the_hash_of_an_empty_leaf_is_the_one_of_certificate_transparency(void **state)
{
	(void)state;
	char text[2 * HASH + 1];
	uint8_t leaf[HASH];

	merkle_leaf((struct span){ 0 }, leaf);
	assert_string_equal(hex_encode(span_of(leaf, HASH), text),
			    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_leaf_of_every_small_tree_is_in_it_and_nowhere_else),
		cmocka_unit_test(a_proof_that_is_wrong_anywhere_is_refused),
		cmocka_unit_test(places_outside_of_the_tree_are_refused),
		cmocka_unit_test(an_inner_node_does_not_pass_for_a_leaf),
		cmocka_unit_test(the_hash_of_an_empty_leaf_is_the_one_of_certificate_transparency),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
