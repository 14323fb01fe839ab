/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "tests/lib/envelope_fixture.h"
#include "tests/lib/key_fixture.h"

#define NOW 1800000000
#define SLOTS 4

/* A question about "h/app", and up to four signatures. Key n has id n, n, n, … */
struct scene {
	struct policy *policy;
	struct place places[PLACE_COUNT];
	struct trust_signature signatures[SLOTS];
	struct buf rows[SLOTS];
	size_t count;
	struct key_standing standings[256];
	bool broken_book;
	struct trust_question question;
};

static enum notar_code
look_up(void *context, const uint8_t id[KEY_ID_BYTES], struct key_standing *out)
{
	struct scene *s = context;

	if (s->broken_book)
		return NOTAR_E_STORE;
	*out = s->standings[id[0]];
	return NOTAR_OK;
}

static int
set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	for (size_t i = 0; i < PLACE_COUNT; i++)
		s->places[i].state = PLACE_COMPLETE;
	s->question = (struct trust_question){ .repository = "h/app",
					       .book = { look_up, s },
					       .now_s = NOW,
					       .places = s->places,
					       .signatures = s->signatures };
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < SLOTS; i++)
		buf_release(&s->rows[i]);
	policy_free(s->policy);
	free(s);
	return 0;
}

static void
set_policy(struct scene *s, const char *rules)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err = { 0 };

	buf_printf(&text, "{\"version\":1,\"rules\":[%s]}", rules);
	policy_free(s->policy);
	s->policy = NULL;
	if (policy_load(buf_span(&text), &s->policy, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	s->question.policy = s->policy;
}

static void
require(struct scene *s, const char *requirement)
{
	char rule[400];

	(void)snprintf(rule, sizeof(rule), "{\"scope\":\"h/app\",\"require\":%s}", requirement);
	set_policy(s, rule);
}

static void
trust(struct scene *s, uint8_t key, enum key_status status, const char *signer)
{
	s->standings[key].status = status;
	(void)snprintf(s->standings[key].signer, sizeof(s->standings[key].signer), "%s", signer);
}

/* A signature that holds, by this key. */
static void
add(struct scene *s, uint8_t key, const char *predicate_type)
{
	struct fact fact = { .format = FACT_BUNDLE,
			     .proof = FACT_BY_KEY,
			     .subject = fixture_digest("hello"),
			     .artifact = fixture_digest("artifact"),
			     .payload = fixture_digest("payload"),
			     .predicate_type = span_str(predicate_type),
			     .subject_size = -1 };
	struct buf *row = &s->rows[s->count];

	memset(fact.key_id, key, sizeof(fact.key_id));
	memset(fact.sig_id, (int)s->count + 1, sizeof(fact.sig_id));
	fact_encode(&fact, row);
	s->signatures[s->count++] =
		(struct trust_signature){ .reason = NOTAR_REASON_TRUSTED, .fact = buf_span(row) };
	s->question.count = s->count;
}

static struct trust_answer
ask(struct scene *s)
{
	struct trust_answer answer;

	trust_evaluate(&s->question, &answer);
	assert_int_equal(answer.verdict, notar_reason_verdict(answer.reason));
	return answer;
}

static void
zeroed_memory_denies(void **state)
{
	(void)state;
	struct place places[PLACE_COUNT] = { 0 };
	struct trust_question question = { .places = places };
	struct trust_answer answer = { .verdict = NOTAR_ALLOW };

	trust_evaluate(&question, &answer);
	assert_int_equal(answer.verdict, NOTAR_DENY);
	assert_int_equal(answer.reason, NOTAR_REASON_NO_POLICY);
	assert_int_equal(((struct trust_answer){ 0 }).verdict, NOTAR_DENY);
}

static void
a_repository_without_a_rule_is_denied(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"*\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	s->question.repository = "h/other";
	assert_int_equal(ask(s).reason, NOTAR_REASON_NO_RULE);
}

static void
an_exempt_repository_needs_nothing(void **state)
{
	struct scene *s = *state;

	require(s, "\"none\"");
	s->places[PLACE_REFERRERS].state = PLACE_FAILED;
	assert_int_equal(ask(s).reason, NOTAR_REASON_EXEMPT);
}

static void
an_active_key_of_the_right_signer_counts(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"release\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
	assert_int_equal(s->signatures[0].outcome, NOTAR_REASON_TRUSTED);
}

static void
every_other_status_does_not(void **state)
{
	struct scene *s = *state;
	static const struct {
		enum key_status status;
		enum notar_reason reason;
	} cases[] = {
		{ KEY_STATUS_UNKNOWN, NOTAR_REASON_UNTRUSTED_KEY },
		{ KEY_STAGED, NOTAR_REASON_KEY_NOT_ACTIVE },
		{ KEY_RETIRED, NOTAR_REASON_KEY_NOT_ACTIVE },
		{ KEY_REVOKED, NOTAR_REASON_REVOKED_KEY },
	};

	require(s, "{\"signers\":[\"release\"]}");
	add(s, 1, FACT_PREDICATE_SIGN);
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		trust(s, 1, cases[i].status, "release");
		assert_int_equal(ask(s).reason, cases[i].reason);
	}
}

/* CVE-2026-54787: the window of a managed key is a bound, to the second. */
static void
cve_2026_54787_outside_its_window_a_key_does_not_count(void **state)
{
	struct scene *s = *state;
	static const struct {
		int64_t not_before, not_after;
		enum notar_reason reason;
	} cases[] = {
		{ 0, 0, NOTAR_REASON_TRUSTED },           { NOW, NOW, NOTAR_REASON_TRUSTED },
		{ NOW + 1, 0, NOTAR_REASON_KEY_EXPIRED }, { 0, NOW - 1, NOTAR_REASON_KEY_EXPIRED },
		{ 0, 1, NOTAR_REASON_KEY_EXPIRED },       { NOW - 1, 0, NOTAR_REASON_TRUSTED },
	};

	require(s, "{\"signers\":[\"release\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		s->standings[1].not_before_s = cases[i].not_before;
		s->standings[1].not_after_s = cases[i].not_after;
		assert_int_equal(ask(s).reason, cases[i].reason);
	}
}

static void
another_signers_key_does_not_count_here(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"release\"]}");
	trust(s, 1, KEY_ACTIVE, "qa");
	trust(s, 2, KEY_ACTIVE, "");
	add(s, 1, FACT_PREDICATE_SIGN);
	add(s, 2, FACT_PREDICATE_SIGN);
	assert_int_equal(ask(s).reason, NOTAR_REASON_OTHER_SIGNER);
}

/* CVE-2026-49834: k of n counts distinct signers, not signatures. */
static void
cve_2026_49834_a_signer_with_two_keys_counts_once(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"release\",\"qa\"],\"threshold\":2}");
	trust(s, 1, KEY_ACTIVE, "release");
	trust(s, 2, KEY_ACTIVE, "release");
	trust(s, 3, KEY_ACTIVE, "qa");
	add(s, 1, FACT_PREDICATE_SIGN);
	add(s, 1, FACT_PREDICATE_SIGN);
	add(s, 2, FACT_PREDICATE_SIGN);
	struct trust_answer answer = ask(s);

	assert_int_equal(answer.reason, NOTAR_REASON_THRESHOLD_NOT_MET);
	assert_int_equal(answer.signers, 1);
	assert_int_equal(answer.threshold, 2);
	add(s, 3, FACT_PREDICATE_SIGN);
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
}

/* CVE-2022-35929 (cosign) and CVE-2022-35930 (policy-controller): nothing of the type asked for
 * is a refusal, not a success over an empty set. */
static void
cve_2022_35929_and_35930_no_attestation_of_the_type_is_a_refusal(void **state)
{
	struct scene *s = *state;

	s->question.with_attestations = true;
	require(s, "{\"signers\":[\"release\"],\"predicateType\":\"urn:wanted\"}");
	trust(s, 1, KEY_ACTIVE, "release");
	assert_int_equal(ask(s).verdict, NOTAR_DENY);
	add(s, 1, "urn:other");
	assert_int_equal(ask(s).reason, NOTAR_REASON_WRONG_TYPE);
	add(s, 1, FACT_PREDICATE_SIGN);
	assert_int_equal(ask(s).verdict, NOTAR_DENY);
	add(s, 1, "urn:wanted");
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
}

static void
an_attestation_alone_does_not_make_an_image_signed(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"release\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, "urn:x");
	assert_int_equal(ask(s).reason, NOTAR_REASON_UNSIGNED);
}

static void
every_requirement_must_be_met(void **state)
{
	struct scene *s = *state;

	s->question.with_attestations = true;
	require(s, "[{\"signers\":[\"release\"]},"
		   "{\"signers\":[\"qa\"],\"predicateType\":\"urn:tests\"}]");
	trust(s, 1, KEY_ACTIVE, "release");
	trust(s, 2, KEY_ACTIVE, "qa");
	add(s, 1, FACT_PREDICATE_SIGN);
	assert_int_equal(ask(s).verdict, NOTAR_DENY);
	add(s, 2, "urn:tests");
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
}

static void
unsigned_is_said_only_when_every_place_has_answered(void **state)
{
	struct scene *s = *state;
	static const enum notar_reason failures[] = { NOTAR_REASON_REGISTRY_UNREACHABLE,
						      NOTAR_REASON_THROTTLED,
						      NOTAR_REASON_REGISTRY_DENIED,
						      NOTAR_REASON_DEADLINE };

	require(s, "{\"signers\":[\"release\"]}");
	assert_int_equal(ask(s).reason, NOTAR_REASON_UNSIGNED);
	for (size_t p = 0; p < PLACE_ATT; p++) {
		for (size_t f = 0; f < NOTAR_COUNT(failures); f++) {
			s->places[p] = (struct place){ PLACE_FAILED, failures[f], "" };
			assert_int_equal(ask(s).reason, failures[f]);
			assert_int_equal(ask(s).verdict, NOTAR_UNDETERMINED);
		}
		s->places[p].state = PLACE_NOT_ASKED;
		assert_int_equal(ask(s).reason, NOTAR_REASON_NOT_CACHED);
		s->places[p].state = PLACE_PARTIAL;
		assert_int_equal(ask(s).reason, NOTAR_REASON_NOT_CACHED);
		s->places[p].state = PLACE_COMPLETE;
	}
}

static void
a_failed_place_does_not_take_away_what_was_found(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"release\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	s->places[PLACE_SIG] = (struct place){ PLACE_FAILED, NOTAR_REASON_THROTTLED, "" };
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
}

static void
a_store_that_cannot_be_read_never_allows(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"*\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	s->broken_book = true;
	assert_int_equal(ask(s).reason, NOTAR_REASON_STORE_FAILURE);
}

static void
a_damaged_fact_never_counts(void **state)
{
	struct scene *s = *state;

	require(s, "{\"signers\":[\"*\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	for (size_t len = 0; len < s->rows[0].len; len++) {
		s->signatures[0].fact.len = len;
		s->signatures[0].reason = NOTAR_REASON_TRUSTED;
		assert_int_not_equal(ask(s).verdict, NOTAR_ALLOW);
	}
}

static void
the_stores_word_on_a_key_wins_over_the_policys(void **state)
{
	struct scene *s = *state;
	NOTAR_AUTO_OF(buf) pem = fixture_bytes(OPENSSL_KEYS "p256.pub");
	NOTAR_AUTO(key) *key = NULL;
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(key_load_public(buf_span(&pem), &key, &err), NOTAR_OK);
	json_begin_object(&text);
	json_pair_int(&text, "version", 1);
	buf_append_str(&text, ",\"signers\":{\"mine\":{\"keys\":[");
	json_put_span(&text, buf_span(&pem));
	buf_append_str(&text, "]}},\"rules\":[{\"scope\":\"*\",\"require\":{\"signers\":"
			      "[\"mine\"]}}]}");
	assert_int_equal(policy_load(buf_span(&text), &s->policy, &err), NOTAR_OK);
	s->question.policy = s->policy;
	uint8_t first = key_id(key)[0];

	add(s, 0, FACT_PREDICATE_SIGN);
	struct fact fact;

	assert_int_equal(fact_decode(buf_span(&s->rows[0]), &fact, NULL), NOTAR_OK);
	memcpy(fact.key_id, key_id(key), KEY_ID_BYTES);
	NOTAR_AUTO_OF(buf) row = { 0 };

	fact_encode(&fact, &row);
	s->signatures[0].fact = buf_span(&row);
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
	s->signatures[0].reason = NOTAR_REASON_TRUSTED;
	trust(s, first, KEY_REVOKED, "");
	assert_int_equal(ask(s).reason, NOTAR_REASON_REVOKED_KEY);
}

static void
demanded_annotations_must_be_in_the_signature_that_counts(void **state)
{
	struct scene *s = *state;
	const struct annotation_want wants[] = { { span_str("env"), span_str("prod") } };

	require(s, "{\"signers\":[\"release\"]}");
	trust(s, 1, KEY_ACTIVE, "release");
	add(s, 1, FACT_PREDICATE_SIGN);
	s->question.annotations = wants;
	s->question.annotation_count = 1;
	assert_int_equal(ask(s).reason, NOTAR_REASON_CLAIM_MISMATCH);
}

static void
the_rules_action_does_not_change_the_verdict(void **state)
{
	struct scene *s = *state;

	set_policy(s,
		   "{\"scope\":\"h/app\",\"action\":\"warn\",\"require\":{\"signers\":[\"a\"]}}");
	struct trust_answer answer = ask(s);

	assert_int_equal(answer.verdict, NOTAR_DENY);
	assert_int_equal(answer.rule->action, POLICY_WARN);
}

/* A root with a log, a log of certificates and an authority, all of this identity. */
static struct trusted_root *
root_of(uint8_t id)
{
	struct trusted_root *root = calloc(1, sizeof(*root));

	assert_non_null(root);
	*root = (struct trusted_root){ .logs = calloc(1, sizeof(*root->logs)),
				       .ct_logs = calloc(1, sizeof(*root->ct_logs)),
				       .cas = calloc(1, sizeof(*root->cas)),
				       .log_count = 1,
				       .ct_log_count = 1,
				       .ca_count = 1 };
	assert_true(root->logs != NULL && root->ct_logs != NULL && root->cas != NULL);
	const struct validity always = { INT64_MIN, INT64_MAX };

	memset(root->logs->identity, id, FACT_ID_BYTES);
	memset(root->ct_logs->identity, id, FACT_ID_BYTES);
	memset(root->cas->identity, id, FACT_ID_BYTES);
	root->logs->valid = root->ct_logs->valid = root->cas->valid = always;
	return root;
}

/* The same signature, vouched for by services of this identity; by: who it is, if not a key. */
static void
vouch(struct scene *s, size_t slot, uint8_t id, const char *by)
{
	NOTAR_AUTO_OF(buf) paths = { 0 }, logs = { 0 }, scts = { 0 }, row = { 0 };
	uint8_t identity[FACT_ID_BYTES];
	struct fact fact;

	memset(identity, id, sizeof(identity));
	assert_int_equal(fact_decode(buf_span(&s->rows[slot]), &fact, NULL), NOTAR_OK);
	fact_path_append(&paths, &(struct fact_path){ identity, NOW - 60, NOW + 60 });
	fact_log_append(&logs, &(struct fact_log){ identity, false, NOW });
	fact_sct_append(&scts, identity, INT64_C(1000) * NOW);
	fact.logs = buf_span(&logs);
	if (by != NULL) {
		fact.proof = FACT_BY_FULCIO;
		fact.paths = buf_span(&paths);
		fact.scts = buf_span(&scts);
		fact.issuer = span_str("issuer");
		fact.san = span_str(by);
	}
	fact_encode(&fact, &row);
	buf_release(&s->rows[slot]);
	s->rows[slot] = row;
	row = (struct buf){ 0 };
	s->signatures[slot].fact = buf_span(&s->rows[slot]);
}

static void
trust_identity(struct scene *s, const char *subject, uint8_t root)
{
	const struct keyless_words words = { .issuer = "issuer", .subject = subject };

	policy_free(s->policy);
	s->policy = NULL;
	assert_int_equal(policy_of_identities(&words, root_of(root), NULL, &s->policy, NULL),
			 NOTAR_OK);
	s->question.policy = s->policy;
}

static void
a_certificate_of_fulcios_counts_for_who_it_names(void **state)
{
	struct scene *s = *state;

	add(s, 1, FACT_PREDICATE_SIGN);
	vouch(s, 0, 7, "me@shop.example");
	trust_identity(s, "me@shop.example", 7);
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
	trust_identity(s, "you@shop.example", 7);
	assert_int_equal(ask(s).reason, NOTAR_REASON_IDENTITY_MISMATCH);
	trust_identity(s, "me@shop.example", 8);
	assert_int_equal(ask(s).reason, NOTAR_REASON_UNTRUSTED_KEY);
}

static void
the_stores_word_on_a_leafs_key_counts_for_fulcios_too(void **state)
{
	struct scene *s = *state;

	add(s, 1, FACT_PREDICATE_SIGN);
	vouch(s, 0, 7, "me@shop.example");
	trust_identity(s, "me@shop.example", 7);
	trust(s, 1, KEY_REVOKED, "");
	assert_int_equal(ask(s).reason, NOTAR_REASON_REVOKED_KEY);
	s->broken_book = true;
	assert_int_equal(ask(s).reason, NOTAR_REASON_STORE_FAILURE);
}

static void
annotations_and_types_are_asked_of_fulcios_too(void **state)
{
	struct scene *s = *state;
	const struct annotation_want want = { span_str("env"), span_str("prod") };

	add(s, 1, FACT_PREDICATE_SIGN);
	vouch(s, 0, 7, "me@shop.example");
	trust_identity(s, "me@shop.example", 7);
	s->question.annotations = &want;
	s->question.annotation_count = 1;
	assert_int_equal(ask(s).reason, NOTAR_REASON_CLAIM_MISMATCH);
	s->question.annotation_count = 0;
	s->policy->rules[0].requirements[0].predicate_type = strdup("urn:x");
	assert_int_equal(ask(s).reason, NOTAR_REASON_WRONG_TYPE);
}

/* managed-key-no-key_fail, and the reverse. */
static void
a_key_is_no_identity_and_an_identity_no_key(void **state)
{
	struct scene *s = *state;

	add(s, 1, FACT_PREDICATE_SIGN);
	vouch(s, 0, 7, NULL);
	trust_identity(s, "me@shop.example", 7);
	assert_int_equal(ask(s).reason, NOTAR_REASON_UNTRUSTED_KEY);
	vouch(s, 0, 7, "me@shop.example");
	trust(s, 1, KEY_ACTIVE, "a");
	require(s, "{\"signers\":[\"a\"]}");
	assert_int_equal(ask(s).reason, NOTAR_REASON_UNTRUSTED_KEY);
	require(s, "{\"signers\":[\"*\"]}");
	assert_int_equal(ask(s).reason, NOTAR_REASON_UNTRUSTED_KEY);
}

static void
a_policys_key_that_must_be_logged_does_not_count_unlogged(void **state)
{
	struct scene *s = *state;
	NOTAR_AUTO_OF(buf) pem = fixture_bytes("tests/vectors/openssl-keys/p256.pub");
	struct key *keys[1] = { 0 };
	struct fact fact;

	assert_int_equal(key_load_public(buf_span(&pem), &keys[0], NULL), NOTAR_OK);
	const uint8_t *id = key_id(keys[0]);

	add(s, 1, FACT_PREDICATE_SIGN);
	assert_int_equal(fact_decode(buf_span(&s->rows[0]), &fact, NULL), NOTAR_OK);
	memcpy(fact.key_id, id, sizeof(fact.key_id));
	NOTAR_AUTO_OF(buf) row = { 0 };

	fact_encode(&fact, &row);
	s->signatures[0].fact = buf_span(&row);
	assert_int_equal(policy_of_keys(keys, 1, 1, NULL, &s->policy, NULL), NOTAR_OK);
	s->question.policy = s->policy;
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
	assert_int_equal(policy_demand_log(s->policy, root_of(7), NULL), NOTAR_OK);
	assert_int_equal(ask(s).reason, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	buf_release(&s->rows[0]);
	s->rows[0] = row;
	row = (struct buf){ 0 };
	vouch(s, 0, 8, NULL);
	assert_int_equal(ask(s).reason, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	vouch(s, 0, 7, NULL);
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
}

static void
a_stores_key_counts_unlogged_for_no_signer_that_demands_a_log(void **state)
{
	struct scene *s = *state;

	add(s, 1, FACT_PREDICATE_SIGN);
	trust_identity(s, "me@shop.example", 7);
	trust(s, 1, KEY_ACTIVE, s->policy->signers[0].name);
	assert_int_equal(ask(s).reason, NOTAR_REASON_NO_TRANSPARENCY_PROOF);
	vouch(s, 0, 7, NULL);
	assert_int_equal(ask(s).reason, NOTAR_REASON_TRUSTED);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(zeroed_memory_denies),
		T(a_repository_without_a_rule_is_denied),
		T(an_exempt_repository_needs_nothing),
		T(an_active_key_of_the_right_signer_counts),
		T(every_other_status_does_not),
		T(cve_2026_54787_outside_its_window_a_key_does_not_count),
		T(another_signers_key_does_not_count_here),
		T(cve_2026_49834_a_signer_with_two_keys_counts_once),
		T(cve_2022_35929_and_35930_no_attestation_of_the_type_is_a_refusal),
		T(an_attestation_alone_does_not_make_an_image_signed),
		T(every_requirement_must_be_met),
		T(unsigned_is_said_only_when_every_place_has_answered),
		T(a_failed_place_does_not_take_away_what_was_found),
		T(a_store_that_cannot_be_read_never_allows),
		T(a_damaged_fact_never_counts),
		T(the_stores_word_on_a_key_wins_over_the_policys),
		T(demanded_annotations_must_be_in_the_signature_that_counts),
		T(the_rules_action_does_not_change_the_verdict),
		T(a_certificate_of_fulcios_counts_for_who_it_names),
		T(the_stores_word_on_a_leafs_key_counts_for_fulcios_too),
		T(annotations_and_types_are_asked_of_fulcios_too),
		T(a_key_is_no_identity_and_an_identity_no_key),
		T(a_policys_key_that_must_be_logged_does_not_count_unlogged),
		T(a_stores_key_counts_unlogged_for_no_signer_that_demands_a_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
