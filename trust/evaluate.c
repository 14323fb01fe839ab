/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate.h"

#include "trust/evaluate_keyless.h"

/* What a refusal says when signatures fail for several reasons: the first of these that
 * occurs tells the operator most. */
static const enum notar_reason most_telling[] = {
	NOTAR_REASON_REVOKED_KEY,
	NOTAR_REASON_REVOKED_CERTIFICATE,
	NOTAR_REASON_KEY_EXPIRED,
	NOTAR_REASON_NO_TRUSTED_TIME,
	NOTAR_REASON_NO_TRANSPARENCY_PROOF,
	NOTAR_REASON_IDENTITY_MISMATCH,
	NOTAR_REASON_KEY_NOT_ACTIVE,
	NOTAR_REASON_EXPIRED,
	NOTAR_REASON_CLAIM_MISMATCH,
	NOTAR_REASON_OTHER_SIGNER,
	NOTAR_REASON_DIGEST_MISMATCH,
	NOTAR_REASON_BAD_SIGNATURE,
	NOTAR_REASON_UNTRUSTED_KEY,
	NOTAR_REASON_MALFORMED,
	NOTAR_REASON_LIMIT,
	NOTAR_REASON_UNSUPPORTED,
	NOTAR_REASON_NOT_FOUND,
	NOTAR_REASON_WRONG_TYPE,
};

/* The policy's own signer that holds a key, or NULL. */
static const char *
policy_signer_of(const struct policy *policy, const uint8_t *id)
{
	for (size_t i = 0; i < policy->signer_count; i++)
		for (size_t k = 0; k < policy->signers[i].count; k++)
			if (memcmp(key_id(policy->signers[i].keys[k]), id, KEY_ID_BYTES) == 0)
				return policy->signers[i].name;
	return NULL;
}

static enum notar_reason
judge_standing(const struct key_standing *standing, bool in_policy, int64_t now_s)
{
	switch (standing->status) {
	case KEY_STATUS_UNKNOWN:
		return in_policy ? NOTAR_REASON_TRUSTED : NOTAR_REASON_UNTRUSTED_KEY;
	case KEY_REVOKED:
		return NOTAR_REASON_REVOKED_KEY;
	case KEY_STAGED:
	case KEY_RETIRED:
		return NOTAR_REASON_KEY_NOT_ACTIVE;
	case KEY_ACTIVE:
		break;
	}
	if ((standing->not_before_s != 0 && now_s < standing->not_before_s) ||
	    (standing->not_after_s != 0 && now_s > standing->not_after_s))
		return NOTAR_REASON_KEY_EXPIRED;
	return NOTAR_REASON_TRUSTED;
}

static bool
has_annotations(const struct trust_question *q, const struct fact *fact)
{
	for (size_t i = 0; i < q->annotation_count; i++) {
		struct span rest = fact->annotations, name, value;
		bool found = false;

		while (fact_annotation_next(&rest, &name, &value))
			found = found || (span_equal(name, q->annotations[i].name) &&
					  span_equal(value, q->annotations[i].value));
		if (!found)
			return false;
	}
	return true;
}

/* Whether the rule asks for this signer by a name that the policy or the store gives. */
static bool
names_signer(const struct policy_requirement *r, const char *name)
{
	for (size_t i = 0; name != NULL && name[0] != '\0' && i < r->count; i++)
		if (strcmp(r->signers[i], name) == 0)
			return true;
	return false;
}

static bool
is_asked_type(const struct policy_requirement *r, const struct fact *fact)
{
	if (r->predicate_type != NULL && strcmp(r->predicate_type, POLICY_ANY_TYPE) == 0)
		return true;
	return r->predicate_type == NULL ? fact_is_signature(fact) :
					   span_is(fact->predicate_type, r->predicate_type);
}

/* Of two refusals the one that came further tells more; and one that is not settled, since it may
 * become none. */
static bool
tells_more(enum notar_reason reason, enum notar_reason than)
{
	bool is_open = notar_reason_verdict(reason) == NOTAR_UNDETERMINED;

	if (is_open != (notar_reason_verdict(than) == NOTAR_UNDETERMINED))
		return is_open;
	return than == NOTAR_REASON_OTHER_SIGNER || than == NOTAR_REASON_UNTRUSTED_KEY ||
	       (than == NOTAR_REASON_IDENTITY_MISMATCH && reason != NOTAR_REASON_UNTRUSTED_KEY);
}

/* A signature by certificates: for the first signer of the rule that knows its authority. */
static enum notar_reason
weigh_x509(const struct trust_question *q, const struct policy_requirement *r,
	   struct trust_signature *s, const char **signer)
{
	enum notar_reason reason = NOTAR_REASON_UNTRUSTED_KEY;
	struct x509_outcome outcome;

	for (size_t i = 0; i < q->policy->signer_count; i++) {
		const struct policy_signer *known = &q->policy->signers[i];

		if (known->x509 == NULL || (!r->any_signer && !names_signer(r, known->name)))
			continue;
		evaluate_x509_by(known->x509, &s->decoded, &q->revocations, &q->plugins, q->now_s,
				 &outcome);
		s->wants_revocation = s->wants_revocation || outcome.wants_revocation;
		if (outcome.wants_plugin && s->wants_plugin == NULL)
			s->wants_plugin = known->x509;
		if (outcome.reason == NOTAR_REASON_TRUSTED) {
			*signer = known->name;
			s->logged = outcome.logged;
			s->message[0] = '\0';
			return NOTAR_REASON_TRUSTED;
		}
		if (!tells_more(outcome.reason, reason))
			continue;
		reason = outcome.reason;
		memcpy(s->message, outcome.message, sizeof(s->message));
	}
	return reason;
}

/* By a certificate of Fulcio's: for the first signer of the rule that knows who it is. */
static enum notar_reason
weigh_keyless(const struct trust_question *q, const struct policy_requirement *r,
	      const struct trust_signature *s, const char **signer)
{
	enum notar_reason reason = NOTAR_REASON_UNTRUSTED_KEY;

	for (size_t i = 0; i < q->policy->signer_count; i++) {
		const struct policy_signer *known = &q->policy->signers[i];

		if (known->keyless == NULL || known->keyless->count == 0 ||
		    (!r->any_signer && !names_signer(r, known->name)))
			continue;
		enum notar_reason found = evaluate_keyless(known->keyless, &s->decoded);

		if (found == NOTAR_REASON_TRUSTED) {
			*signer = known->name;
			return found;
		}
		if (tells_more(found, reason))
			reason = found;
	}
	return reason;
}

/* What the store says against the key of a leaf certificate counts, too. */
static enum notar_reason
weigh_certificate(const struct trust_question *q, const struct policy_requirement *r,
		  struct trust_signature *s, const char **signer)
{
	struct key_standing standing = { 0 };

	if (q->book.look_up != NULL &&
	    q->book.look_up(q->book.context, s->decoded.key_id, &standing) != NOTAR_OK)
		return NOTAR_REASON_STORE_FAILURE;
	if (standing.status == KEY_REVOKED)
		return NOTAR_REASON_REVOKED_KEY;
	enum notar_reason reason = s->decoded.proof == FACT_BY_X509 ?
					   weigh_x509(q, r, s, signer) :
					   weigh_keyless(q, r, s, signer);

	if (reason == NOTAR_REASON_TRUSTED && !has_annotations(q, &s->decoded))
		return NOTAR_REASON_CLAIM_MISMATCH;
	return reason;
}

/* A signer that demands a log does so of every key that counts for it, of the store's, too. */
static enum notar_reason
weigh_logged(const struct policy *policy, const char *signer, const struct fact *fact)
{
	for (size_t i = 0; i < policy->signer_count; i++)
		if (strcmp(policy->signers[i].name, signer) == 0 &&
		    policy->signers[i].keyless != NULL)
			return evaluate_logged(policy->signers[i].keyless, fact);
	return NOTAR_REASON_TRUSTED;
}

static enum notar_reason
weigh_key(const struct trust_question *q, const struct policy_requirement *r,
	  const struct fact *fact, struct key_standing *standing, const char **signer)
{
	*standing = (struct key_standing){ 0 };
	if (q->book.look_up != NULL &&
	    q->book.look_up(q->book.context, fact->key_id, standing) != NOTAR_OK)
		return NOTAR_REASON_STORE_FAILURE;
	const char *own = policy_signer_of(q->policy, fact->key_id);
	enum notar_reason reason = judge_standing(standing, own != NULL, q->now_s);

	if (reason != NOTAR_REASON_TRUSTED)
		return reason;
	if (!has_annotations(q, fact))
		return NOTAR_REASON_CLAIM_MISMATCH;
	if (names_signer(r, own))
		*signer = own;
	else if (names_signer(r, standing->signer))
		*signer = standing->signer;
	else if (r->any_signer)
		*signer = own != NULL ? own : standing->signer;
	else
		return NOTAR_REASON_OTHER_SIGNER;
	reason = own == NULL ? NOTAR_REASON_TRUSTED : weigh_logged(q->policy, own, fact);
	return reason == NOTAR_REASON_TRUSTED ? weigh_logged(q->policy, *signer, fact) : reason;
}

/* What one held signature counts as for one requirement; signer is who it counts for, and may
 * borrow from standing. */
static enum notar_reason
weigh(const struct trust_question *q, const struct policy_requirement *r, struct trust_signature *s,
      struct key_standing *standing, const char **signer)
{
	const struct fact *fact = &s->decoded;

	if (!is_asked_type(r, fact))
		return NOTAR_REASON_WRONG_TYPE;
	if (fact->proof == FACT_BY_X509)
		return weigh_certificate(q, r, s, signer);
	if (fact->expires_s != 0 && q->now_s > fact->expires_s)
		return NOTAR_REASON_EXPIRED;
	switch (fact->proof) {
	case FACT_BY_KEY:
		return weigh_key(q, r, fact, standing, signer);
	case FACT_BY_FULCIO:
		return weigh_certificate(q, r, s, signer);
	case FACT_BY_X509:
		break;
	}
	return NOTAR_REASON_UNSUPPORTED;
}

#define MAX_DISTINCT 128

/* Distinct signers counted so far: names, or for nameless keys their id. */
struct tally {
	char names[MAX_DISTINCT][128];
	size_t count;
};

static void
count_signer(struct tally *tally, const char *name, const uint8_t *id)
{
	char text[KEY_ID_TEXT_BYTES];
	const char *label = name[0] != '\0' ? name : key_id_text(id, text);

	for (size_t i = 0; i < tally->count; i++)
		if (strncmp(tally->names[i], label, sizeof(tally->names[i])) == 0)
			return;
	if (tally->count == MAX_DISTINCT || strlen(label) >= sizeof(tally->names[0]))
		return; /* uncounted: can only lead to a refusal */
	memcpy(tally->names[tally->count++], label, strlen(label) + 1);
}

static size_t
count_requirement(struct trust_question *q, const struct policy_requirement *r)
{
	struct tally tally;

	tally.count = 0;
	for (size_t i = 0; i < q->count; i++) {
		struct trust_signature *s = &q->signatures[i];
		struct key_standing standing;
		const char *signer = "";

		if (s->reason != NOTAR_REASON_TRUSTED)
			continue;
		s->message[0] = '\0';
		enum notar_reason outcome = weigh(q, r, s, &standing, &signer);

		if (outcome == NOTAR_REASON_TRUSTED)
			count_signer(&tally, signer, s->decoded.key_id);
		/* Shown is the best that a signature counts as under any requirement. */
		if (s->outcome != NOTAR_REASON_TRUSTED)
			s->outcome = outcome;
	}
	return tally.count;
}

static bool
has_outcome(const struct trust_question *q, enum notar_reason reason)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->signatures[i].outcome == reason)
			return true;
	return false;
}

/* A reason why something that may be there could not be seen, or NONE. */
static enum notar_reason
blind_spot(const struct trust_question *q)
{
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		if (i == PLACE_ATT && !q->with_attestations)
			continue;
		if (q->places[i].state == PLACE_FAILED)
			return q->places[i].reason;
		if (q->places[i].state != PLACE_COMPLETE)
			return NOTAR_REASON_NOT_CACHED;
	}
	for (size_t i = 0; i < q->count; i++)
		if (notar_reason_verdict(q->signatures[i].outcome) == NOTAR_UNDETERMINED)
			return q->signatures[i].outcome;
	return NOTAR_REASON_NONE;
}

static enum notar_reason
explain_refusal(const struct trust_question *q, const struct policy_requirement *r, size_t signers)
{
	enum notar_reason blind = blind_spot(q);

	if (blind != NOTAR_REASON_NONE)
		return blind;
	if (signers > 0)
		return NOTAR_REASON_THRESHOLD_NOT_MET;
	for (size_t i = 0; i < NOTAR_COUNT(most_telling); i++)
		if (has_outcome(q, most_telling[i])) {
			/* Attestations alone do not make an image signed. */
			if (most_telling[i] == NOTAR_REASON_WRONG_TYPE && r->predicate_type == NULL)
				return NOTAR_REASON_UNSIGNED;
			return most_telling[i];
		}
	return NOTAR_REASON_UNSIGNED;
}

static void
answer_with(struct trust_answer *answer, enum notar_reason reason)
{
	answer->reason = reason;
	answer->verdict = notar_reason_verdict(reason);
}

static void
decode_facts(struct trust_question *q)
{
	for (size_t i = 0; i < q->count; i++) {
		struct trust_signature *s = &q->signatures[i];

		if (s->reason == NOTAR_REASON_TRUSTED &&
		    fact_decode(s->fact, &s->decoded, NULL) != NOTAR_OK)
			s->reason = NOTAR_REASON_STORE_FAILURE;
		s->logged = NOTAR_REASON_NONE;
		s->wants_revocation = false;
		s->wants_plugin = NULL;
		s->message[0] = '\0';
		s->outcome = s->reason == NOTAR_REASON_TRUSTED ? NOTAR_REASON_NONE : s->reason;
	}
}

void
trust_evaluate(struct trust_question *q, struct trust_answer *answer)
{
	*answer = (struct trust_answer){ 0 };
	decode_facts(q);
	if (q->policy == NULL) {
		answer_with(answer, NOTAR_REASON_NO_POLICY);
		return;
	}
	answer->rule = policy_rule_for(q->policy, q->repository);
	if (answer->rule == NULL) {
		answer_with(answer, NOTAR_REASON_NO_RULE);
		return;
	}
	if (answer->rule->exempt) {
		answer_with(answer, NOTAR_REASON_EXEMPT);
		return;
	}
	for (size_t i = 0; i < answer->rule->count; i++) {
		const struct policy_requirement *r = &answer->rule->requirements[i];

		answer->signers = count_requirement(q, r);
		answer->threshold = (size_t)r->threshold;
		if (r->threshold < 1 || answer->signers < answer->threshold) {
			answer_with(answer, explain_refusal(q, r, answer->signers));
			return;
		}
	}
	answer_with(answer, answer->rule->count > 0 ? NOTAR_REASON_TRUSTED : NOTAR_REASON_INTERNAL);
}
