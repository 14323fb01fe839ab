/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_SNAPSHOT_H
#define VERIFIER_SNAPSHOT_H

#include "envelope/judge.h"
#include "store/trusted_keys.h"
#include "trust/evaluate.h"

/*
 * The store's policy and keys, compiled once per generation and shared by all threads
 * (decision 5). Every reader compares the generation in its own transaction; what is kept here
 * only saves compiling it again. Immutable and counted: a change builds a new one aside.
 */
struct policy_snapshot {
	unsigned owners; /* the holder's */
	uint64_t generation;
	struct policy *policy; /* NULL: the store has none */
};

struct key_snapshot {
	unsigned owners; /* the holder's */
	uint64_t generation;
	struct key **keys; /* every key of the store, whatever its status */
	size_t count;
};

struct snapshots;
struct snapshots *snapshots_new(void); /* NULL: no memory */
void snapshots_free(struct snapshots *snapshots);
NOTAR_AUTO_DEFINE(snapshots)

/* As of the reader's transaction. NOTAR_E_STORE or NOTAR_E_CONFIG when the stored policy cannot
 * be used: then nothing may be allowed. Give back with snapshots_drop_…. Any thread. */
NOTAR_MUST_USE enum notar_code
snapshots_policy(struct snapshots *snapshots, struct store_reader *reader,
		 struct policy_snapshot **out, struct notar_error *err);
void snapshots_drop_policy(struct snapshots *snapshots, struct policy_snapshot *policy);

NOTAR_MUST_USE enum notar_code
snapshots_keys(struct snapshots *snapshots, struct store_reader *reader, struct key_snapshot **out,
	       struct notar_error *err);
void snapshots_drop_keys(struct snapshots *snapshots, struct key_snapshot *keys);

/* A row as the evaluation sees it. */
struct key_standing trusted_key_standing(const struct trusted_key *row);

/* What the store says of a key in this transaction, for trust_evaluate. */
struct key_book snapshot_key_book(struct store_reader *reader);

/* What the store knows of a certificate's revocation in this transaction; unknown where that has
 * run out. */
NOTAR_MUST_USE enum notar_code
snapshot_revocation(struct store_reader *reader, const uint8_t thumbprint[FACT_ID_BYTES],
		    int64_t now_s, struct revocation_answer *out);

/* The keys of a policy and of the store in one ring. *out is the caller's to free; the keys are
 * borrowed. Either may be NULL. */
NOTAR_MUST_USE enum notar_code
snapshot_keyring(const struct policy *policy, const struct key_snapshot *keys, struct keyring *out,
		 struct notar_error *err);
void snapshot_keyring_release(struct keyring *ring);

#endif
