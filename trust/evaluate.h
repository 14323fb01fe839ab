/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_EVALUATE_H
#define TRUST_EVALUATE_H

#include "envelope/evidence.h"
#include "trust/evaluate_x509.h"
#include "trust/policy.h"

/*
 * trust/: the policy and the verdict; pure.
 *
 * policy × evidence × today's keys → verdict. Pure: the same call serves `notar verify`, the
 * daemon and the library, on fetched and on stored evidence alike. Starts from deny.
 */

enum key_status { KEY_STATUS_UNKNOWN = 0, KEY_STAGED, KEY_ACTIVE, KEY_RETIRED, KEY_REVOKED };

/* What is known of a key today. Zeroed: nothing, so it does not count. */
struct key_standing {
	enum key_status status;
	int64_t not_before_s; /* 0: no bound */
	int64_t not_after_s;  /* 0: no bound; inclusive */
	char signer[128];     /* the store's name for who holds it; may be empty */
};

/* Looks a key up in the store; leaves *out zeroed for a key it does not have. NULL callback:
 * no store. Only NOTAR_OK may leave anything behind. */
struct key_book {
	enum notar_code (*look_up)(void *context, const uint8_t id[KEY_ID_BYTES],
				   struct key_standing *out);
	void *context;
};

/* A signature as the evaluation sees it: evidence_item or store row. */
struct trust_signature {
	enum notar_reason reason; /* TRUSTED: it holds, and fact is its row */
	struct span fact;
	/* Filled in: what it counts as under the rule. */
	enum notar_reason outcome;
	enum notar_reason logged; /* X509: a check that failed and is only logged; else NONE */
	bool wants_revocation;    /* X509: somebody should ask whether its chain is revoked */
	/* X509: somebody should run its plugin for this signer; the policy's own. Else NULL. */
	const struct policy_x509 *wants_plugin;
	char message[PLUGIN_NOTE_BYTES]; /* about its plugin, or empty; goes with outcome */
	struct fact decoded;             /* valid when reason is TRUSTED and the row is sound */
};

struct trust_question {
	const struct policy *policy; /* NULL: no policy, so deny */
	const char *repository;
	struct key_book book;
	struct revocation_book revocations;
	struct plugin_book plugins; /* zeroed: none can be run, so none answers */
	int64_t now_s;
	const struct place *places; /* PLACE_COUNT of them */
	bool with_attestations;     /* whether the .att place had to answer */
	struct trust_signature *signatures;
	size_t count;
	const struct annotation_want {
		struct span name, value;
	} * annotations; /* all must be in a signature for it to count */
	size_t annotation_count;
};

struct trust_answer {
	enum notar_verdict verdict;
	enum notar_reason reason;
	const struct policy_rule *rule; /* NULL when none covers the repository */
	size_t threshold;               /* of the requirement that failed, else of the first */
	size_t signers;                 /* distinct signers counted towards it */
};

void trust_evaluate(struct trust_question *question, struct trust_answer *answer);

#endif
