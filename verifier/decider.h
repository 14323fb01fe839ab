/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_DECIDER_H
#define VERIFIER_DECIDER_H

#include "oci/reference.h"
#include "sync/revocation_interest.h"
#include "verifier/cache.h"
#include "verifier/question.h"
#include "verifier/snapshot.h"

/*
 * Answers from the store alone: policy × facts × today's keys, in one read transaction. Never
 * waits, so event loops may ask it. One a thread.
 */
struct decider_limits {
	int64_t listing_ttl_s;  /* how long a listing that satisfies the policy stays fresh */
	int64_t negative_ttl_s; /* how long one that does not */
};

struct decider {
	struct store_reader *reader;
	struct snapshots *snapshots;  /* borrowed */
	struct decider_limits limits; /* the caller's to set, before begin */
	/* What a worker has found out about revocation and the store may not know yet; zeroed:
	 * nothing. */
	struct revocation_book over;
	struct plugin_book plugins;           /* the process's; zeroed: nothing is known */
	struct revocation_interest *interest; /* borrowed; NULL: nobody keeps answers up */
	struct question *question;
	struct listing *room;
	/* Between begin and end. */
	struct policy_snapshot *policy;
	uint64_t trust_generation;
	int64_t now_s;
};

NOTAR_MUST_USE enum notar_code decider_open(struct store *store, struct snapshots *snapshots,
					    struct decider *out, struct notar_error *err);
void decider_release(struct decider *decider);

/* Starts a transaction for any number of questions; end it before waiting for anything. An
 * error: nothing can be decided now. */
NOTAR_MUST_USE enum notar_code
decider_begin(struct decider *decider, int64_t now_s, struct notar_error *err);
void decider_end(struct decider *decider);

/* What the store knows. Evidence is released by the caller. */
struct decision {
	struct trust_answer answer;
	struct evidence evidence;
	struct cached cached;
	bool found;   /* there is a listing */
	bool decided; /* the answer stands; else a worker must look again */
	bool retry;   /* not decided, but perhaps without the registry: keys have been added */
	bool refresh; /* decided, but the listing will soon be too old: look again meanwhile */
	bool last_known_good; /* not decided; may be allowed all the same when nobody answers */
	/* Allowed as a part of this index; answer and evidence are the index's. */
	struct notar_digest index;
};
void decision_release(struct decision *decision);

/* Between begin and end. ref may have a tag only: then it is decided only where the digest
 * does not matter (no rule, exempt). repository: reference_repository(ref). */
void decider_decide(struct decider *decider, const struct reference *ref, const char *repository,
		    struct decision *out);

/* What else to do about a question. */
struct decider_hint {
	bool refresh, last_known_good;
};

/* The same as a report. False: not decided, and *report is untouched. hint may be NULL. */
bool decider_report(struct decider *decider, const struct reference *ref,
		    struct notar_report *report, struct decider_hint *hint);

/* For when nobody answers: an allow out of what was known before, if the rule wants that and
 * today's keys bear it. False: none, and *report is untouched. */
bool decider_last_known_good(struct decider *decider, const struct reference *ref,
			     struct notar_report *report);

/* What the store knows this manifest to be. */
enum notar_content decider_content(struct decider *decider, const struct notar_digest *digest);

/* Indexes that name this manifest and may speak for it; as many as there is room for. */
#define DECIDER_PARENTS 4
size_t decider_parents(struct decider *decider, const struct notar_digest *child,
		       struct notar_digest out[DECIDER_PARENTS]);

/* What is known of revocation in this transaction: what is `over`, then the store's rows that
 * have not run out. */
struct revocation_book decider_revocations(struct decider *decider);

/* Decides over given evidence: for workers, once they have it. */
void decider_judge(struct decider *decider, const char *repository, const struct evidence *evidence,
		   struct trust_answer *answer);

#endif
