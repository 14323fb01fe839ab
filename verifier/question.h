/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_QUESTION_H
#define VERIFIER_QUESTION_H

#include "base/limits.h"
#include "notar/verify.h"
#include "trust/evaluate.h"

/*
 * One question, "may this digest of this repository run?", put to trust_evaluate over evidence
 * from a registry or from the store. The same for `notar verify`, libnotar and notard. Large:
 * allocate it, and use it again. Borrows policy, repository, annotations and book; no thread
 * shares one.
 */
struct question {
	struct trust_question trust;
	struct trust_signature signatures[LIMIT_SIGNATURES];
	struct annotation_want annotations[LIMIT_ANNOTATIONS];
};

struct question *question_new(void); /* zeroed; NULL: no memory */
void question_free(struct question *question);
NOTAR_AUTO_DEFINE(question)

/* Prepares for another image; drops demanded annotations. */
void question_begin(struct question *question, const struct policy *policy, const char *repository,
		    struct key_book book, struct revocation_book revocations, int64_t now_s);

/* The answer as of this evidence. question->signatures belong to evidence->items afterwards. */
void question_judge(struct question *question, const struct evidence *evidence,
		    struct trust_answer *answer);

/* A discover_options.enough over a struct question. */
bool question_is_satisfied(void *context, const struct evidence *evidence);

#endif
