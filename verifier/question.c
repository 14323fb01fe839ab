/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/question.h"

#include <stdlib.h>

struct question *
question_new(void)
{
	return calloc(1, sizeof(struct question));
}

void
question_free(struct question *question)
{
	free(question);
}

void
question_begin(struct question *question, const struct policy *policy, const char *repository,
	       struct key_book book, struct revocation_book revocations, int64_t now_s)
{
	question->trust = (struct trust_question){
		.policy = policy,
		.repository = repository,
		.book = book,
		.revocations = revocations,
		.now_s = now_s,
		.with_attestations = policy_wants_attestations(policy, repository),
		.signatures = question->signatures,
		.annotations = question->annotations,
	};
}

void
question_judge(struct question *question, const struct evidence *evidence,
	       struct trust_answer *answer)
{
	question->trust.places = evidence->places;
	question->trust.count = evidence->count;
	for (size_t i = 0; i < evidence->count; i++) {
		/* Not the whole struct: `decoded` is large, and written before it is read. */
		question->signatures[i].reason = evidence->items[i].reason;
		question->signatures[i].fact = buf_span(&evidence->items[i].fact);
		question->signatures[i].outcome = NOTAR_REASON_NONE;
	}
	trust_evaluate(&question->trust, answer);
}

bool
question_is_satisfied(void *context, const struct evidence *evidence)
{
	struct trust_answer answer;

	question_judge(context, evidence, &answer);
	return answer.verdict == NOTAR_ALLOW;
}
