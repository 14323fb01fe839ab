/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_TRUST_BASE_H
#define VERIFIER_TRUST_BASE_H

#include "envelope/judge.h"
#include "notar/verify.h"
#include "trust/evaluate.h"

/*
 * What one `notar verify` trusts: keys or a policy from the options, and, with a store, what the
 * store says of keys today and its policy. The store is read once, at the beginning, and not
 * held while a registry is asked: the answer is as of then.
 */
struct trust_base {
	struct policy *policy; /* NULL: the store has none, so nothing is allowed */
	struct keyring ring;
	struct key_book book; /* borrows from this struct: do not move it */
	/* The store's keys in order of their ids. */
	struct stored_key {
		uint8_t id[KEY_ID_BYTES];
		struct key_standing standing;
		struct key *key; /* NULL: of a kind that cannot be used */
	} * stored;
	size_t stored_count;
};
void trust_base_release(struct trust_base *base);

/* NOTAR_E_USAGE, NOTAR_E_CONFIG, NOTAR_E_KEY for what the caller gave; NOTAR_E_STORE and
 * NOTAR_E_NOT_FOUND for the store. */
NOTAR_MUST_USE enum notar_code trust_base_load(const struct notar_verify_options *options,
					       struct trust_base *out, struct notar_error *err);

#endif
