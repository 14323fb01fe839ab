/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_REVOCATIONS_H
#define VERIFIER_REVOCATIONS_H

#include "verifier/question.h"

struct http_client;
struct list_cache;
struct store_batch;

/*
 * What one question finds out about revocation, over what is known already. Responders are asked
 * only about chains that the policy's evaluation asked for, so only about authentic ones
 * (specs/notary-project.md section 15.3). Not for event loops: it waits for responders.
 */
struct revocations_options {
	bool offline;       /* ask nobody */
	bool allow_private; /* certificates may name private addresses */
	const char *ca_file;
	int64_t deadline_ms;
	struct list_cache *lists; /* borrowed; NULL: every list is fetched */
};

struct found_revocation {
	uint8_t thumbprint[FACT_ID_BYTES];
	struct revocation_answer answer;
	int64_t checked_s;
	struct buf certificate, issuer; /* DER, to ask again by */
};

struct revocations {
	struct revocation_book beneath; /* what the store knows; zeroed: nothing */
	struct revocations_options options;
	struct http_client *client; /* made when first needed */
	struct found_revocation *found;
	size_t count;
};
void revocations_release(struct revocations *revocations);

/* Forgets what was found; keeps the connections. */
void revocations_forget(struct revocations *revocations);

/* The rows of what was found, for store_writer_submit; NULL when there is nothing to keep. */
struct store_batch *revocations_batch(const struct revocations *revocations);

/* Borrows from revocations. */
struct revocation_book revocations_book(struct revocations *revocations);

/* question_judge, asked again when asking responders has brought something new. */
void revocations_judge(struct revocations *revocations, struct question *question,
		       const struct evidence *evidence, struct trust_answer *answer);

/* Asks for what the last evaluation of this evidence wanted. True: something new is known, so
 * evaluate again. */
bool revocations_settle(struct revocations *revocations, const struct question *question,
			const struct evidence *evidence);

#endif
