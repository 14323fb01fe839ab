/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_PLUGINS_H
#define VERIFIER_PLUGINS_H

#include "verifier/question.h"
#include "verifier/revocations.h"

/*
 * Runs verification plugins for what an evaluation wanted, and keeps what they answered: shared by
 * all threads of a process. A plugin is another's program under our user, so nothing comes here but
 * what trust/evaluate_x509.h asked for: a chain with an anchor of the policy, and a plugin that the
 * policy names for that signer.
 *
 * Looking up never waits, and event loops do only that. Running waits, at most
 * LIMIT_PLUGIN_VERIFY_MS for each of two runs: get-plugin-metadata, which is not asked again while
 * the file stays the same, and verify-signature.
 */
struct plugins;
struct plugins *plugins_new(void); /* NULL: no memory */
void plugins_free(struct plugins *plugins);
NOTAR_AUTO_DEFINE(plugins)

/* Borrows from plugins; NULL: nothing is known and nobody asked. */
struct plugin_book plugins_book(struct plugins *plugins);

/* Questions to plugins, apart from policy and evidence: neither need last while they are put. */
struct plugin_job {
	uint8_t key[PLUGIN_KEY_BYTES];
	struct buf plugin, min_version;
	struct buf signature, identities; /* JSON */
	struct buf attributes;            /* as of a fact */
	unsigned checks;                  /* enum plugin_capability: what may be asked for */
};

struct plugin_jobs {
	struct plugin_job *jobs;
	size_t count;
};
void plugin_jobs_release(struct plugin_jobs *jobs);

/* What the last evaluation of this evidence wanted, while its policy is still there. Evidence out
 * of a store has no certificates, and so gives none. */
void plugin_jobs_collect(struct plugin_jobs *jobs, const struct question *question,
			 const struct evidence *evidence);

/* Puts them, until the deadline. True: something new is known, so evaluate again. */
bool plugins_run(struct plugins *plugins, const struct plugin_jobs *jobs, int64_t deadline_ms);

/* revocations_judge, asked again while plugins have something new to say. */
void
plugins_judge(struct plugins *plugins, struct revocations *revocations, struct question *question,
	      const struct evidence *evidence, struct trust_answer *answer);

/* Each evaluation wants one plugin a signature at most: for the first signer without an answer. */
#define PLUGIN_ROUNDS 32

#endif
