/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/plugin_verdict.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/lib/key_fixture.h"
#include "trust/evaluate.h"

#define NOW 1800000000
#define ID PLUGIN_IDENTITY_CHECK
#define REV PLUGIN_REVOCATION_CHECK
#define BOTH (PLUGIN_CAN_CHECK_IDENTITY | PLUGIN_CAN_CHECK_REVOCATION)
#define YES "{\"success\":true}"
#define NO "{\"success\":false,\"reason\":\"not of ours\"}"
#define RESULTS(id, rev) "\"verificationResults\":{\"" ID "\":" id ",\"" REV "\":" rev "}"

/* --- answers --- */

static enum notar_code
read_answer(const char *text, unsigned checks, const char *attribute, struct plugin_answer *out)
{
	NOTAR_AUTO_OF(buf) attributes = { 0 };
	struct notar_error err = { 0 };

	if (attribute != NULL)
		fact_annotation_append(&attributes, span_str(attribute), span_str("1"));
	return plugin_read_verdict(span_str(text), checks, buf_span(&attributes), out, &err);
}

static void
a_good_answer_is_believed(void **state)
{
	static const char text[] =
		"{" RESULTS(YES, NO) ",\"processedAttributes\":[\"b\",\"a\"],\"more\":[{}]}";
	struct plugin_answer answer = { 0 };

	(void)state;
	assert_int_equal(read_answer(text, BOTH, "a", &answer), NOTAR_OK);
	assert_true(answer.known && answer.all_processed && !answer.failed);
	assert_true(answer.identity_asked && answer.identity_ok);
	assert_true(answer.revocation_asked && !answer.revocation_ok);
	assert_string_equal(answer.message, "not of ours");
}

static void
results_that_nobody_asked_for_do_not_count(void **state)
{
	struct plugin_answer answer = { 0 };

	(void)state;
	assert_int_equal(
		read_answer("{" RESULTS(YES, NO) "}", PLUGIN_CAN_CHECK_IDENTITY, NULL, &answer),
		NOTAR_OK);
	assert_true(answer.identity_asked && answer.identity_ok);
	assert_false(answer.revocation_asked || answer.revocation_ok);
	assert_int_equal(
		read_answer("{" RESULTS("7", YES) "}", PLUGIN_CAN_CHECK_REVOCATION, NULL, &answer),
		NOTAR_OK);
	assert_true(answer.revocation_ok && !answer.identity_asked && !answer.identity_ok);
}

static void
an_answer_that_breaks_a_rule_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"null",
		"{" RESULTS(YES, YES) "} x",
		"{" RESULTS(YES, YES) "," RESULTS(YES, YES) "}",
		"{\"verificationResults\":null}",
		"{\"verificationResults\":[]}",
		"{\"verificationResults\":{}}",
		"{\"verificationResults\":{\"" ID "\":" YES "}}",
		"{\"verificationResults\":{\"" REV "\":" YES "}}",
		"{\"VerificationResults\":{\"" ID "\":" YES ",\"" REV "\":" YES "}}",
		"{" RESULTS("true", YES) "}",
		"{" RESULTS("{}", YES) "}",
		"{" RESULTS("null", YES) "}",
		"{" RESULTS("{\"success\":1}", YES) "}",
		"{" RESULTS("{\"success\":\"true\"}", YES) "}",
		"{" RESULTS("{\"success\":null}", YES) "}",
		"{" RESULTS("{\"Success\":true}", YES) "}",
		"{" RESULTS("{\"success\":true,\"reason\":7}", YES) "}",
		"{" RESULTS(YES, YES) ",\"processedAttributes\":\"a\"}",
		"{" RESULTS(YES, YES) ",\"processedAttributes\":{\"a\":1}}",
		"{" RESULTS(YES, YES) ",\"processedAttributes\":[\"a\",7]}",
		"{" RESULTS(YES, YES) ",\"processedAttributes\":[null]}",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct plugin_answer answer = { 0 };

		if (read_answer(bad[i], BOTH, NULL, &answer) != NOTAR_E_FORMAT || answer.known)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
over_a_bound_it_is_none_either(void **state)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct plugin_answer answer = { 0 };

	(void)state;
	buf_append_str(&text, "{" RESULTS(YES, YES) ",\"processedAttributes\":[\"a\"");
	for (int i = 0; i < LIMIT_PLUGIN_ATTRIBUTES; i++)
		buf_append_str(&text, ",\"b\"");
	buf_append_str(&text, "]}");
	assert_int_not_equal(read_answer(buf_cstr(&text), BOTH, "a", &answer), NOTAR_OK);
	assert_false(answer.known);
}

static void
every_attribute_must_be_among_the_processed_ones(void **state)
{
	static const char *const lists[] = { "", ",\"processedAttributes\":null",
					     ",\"processedAttributes\":[]",
					     ",\"processedAttributes\":[\"A\"]",
					     ",\"processedAttributes\":[\"ab\",\"\"]" };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(lists); i++) {
		struct plugin_answer answer = { 0 };
		char text[400];

		(void)snprintf(text, sizeof(text), "{" RESULTS(YES, YES) "%s}", lists[i]);
		assert_int_equal(read_answer(text, BOTH, "a", &answer), NOTAR_OK);
		assert_true(answer.known && !answer.all_processed);
		assert_int_equal(read_answer(text, BOTH, NULL, &answer), NOTAR_OK);
		assert_true(answer.all_processed);
	}
}

static void
its_words_are_cut_and_cannot_command_a_terminal(void **state)
{
	char message[PLUGIN_MESSAGE_BYTES];
	char text[3 * PLUGIN_MESSAGE_BYTES];

	(void)state;
	plugin_message_set(message, span_str("a\x1b[2J\nb\xff"
					     "c\xe2\x80\xae"));
	assert_string_equal(message, "a [2J b c ");
	memset(text, 'x', sizeof(text));
	plugin_message_set(message, span_of(text, sizeof(text)));
	assert_int_equal(strlen(message), PLUGIN_MESSAGE_BYTES - 1);
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	plugin_message_set(message, span_of(text, sizeof(text)));
	assert_int_equal(strlen(message) % 2, 0);
}

static void
what_may_verify(void **state)
{
	static const struct {
		const char *version, *least;
		unsigned capabilities;
		enum notar_code want;
	} cases[] = {
		{ "1.2.3", "", BOTH, NOTAR_OK },
		{ "1.2.3", "1.2.3", PLUGIN_CAN_CHECK_IDENTITY, NOTAR_OK },
		{ "1.2.3", "1.2.3-rc.1", PLUGIN_CAN_CHECK_REVOCATION, NOTAR_OK },
		{ "1.2.3", "1.2.4", BOTH, NOTAR_E_UNSUPPORTED },
		{ "1.2.3-rc.1", "1.2.3", BOTH, NOTAR_E_UNSUPPORTED },
		{ "1.2.3", "", 0, NOTAR_E_UNSUPPORTED },
		{ "1.2.3", "", PLUGIN_CAN_SIGN_RAW, NOTAR_E_UNSUPPORTED },
		{ "1.2", "", BOTH, NOTAR_E_FORMAT },
		{ "", "", BOTH, NOTAR_E_FORMAT },
		{ "1.2.3", "1.2", BOTH, NOTAR_E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct plugin_about about = { .capabilities = cases[i].capabilities };
		struct notar_error err = { 0 };

		memcpy(about.version, cases[i].version, strlen(cases[i].version));
		assert_int_equal(plugin_check_about(&about, span_str(cases[i].least), &err),
				 cases[i].want);
	}
}

/* --- what an answer is worth --- */

/* A chain of one certificate, the policy's own anchor, and what the plugin is said to have said. */
struct scene {
	struct policy *policy;
	struct buf links;
	struct fact fact;
	struct plugin_answer answer;
	uint8_t key[PLUGIN_KEY_BYTES]; /* the last that was looked up */
	unsigned asked;
	bool broken;
	struct x509_outcome outcome;
};

static enum notar_code
look_up(void *context, const uint8_t key[PLUGIN_KEY_BYTES], struct plugin_answer *out)
{
	struct scene *s = context;

	s->asked++;
	memcpy(s->key, key, PLUGIN_KEY_BYTES);
	if (s->broken)
		return NOTAR_E_STORE;
	*out = s->answer;
	return NOTAR_OK;
}

static enum notar_code
look_up_revocation(void *context, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct revocation_answer *out)
{
	(void)thumbprint;
	out->status = *(const enum revocation_status *)context;
	return NOTAR_OK;
}

/* rest: members of x509 behind its anchors. */
static void
set_policy(struct scene *s, const char *rest)
{
	NOTAR_AUTO_OF(buf) pem = fixture_bytes("tests/vectors/trust-stores/ca.pem");
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err = { 0 };

	buf_append_str(&text, "{\"version\":1,\"rules\":[],\"signers\":{\"a\":{\"x509\":{\"ca\":[");
	json_put_span(&text, buf_span(&pem));
	buf_printf(&text, "],%s}}}}", rest);
	policy_free(s->policy);
	s->policy = NULL;
	if (policy_load(buf_span(&text), &s->policy, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
}

#define ANY "\"identities\":[\"*\"],\"plugins\":[\"p\"]"
#define NOBODY "\"identities\":[\"x509.subject: C=XX,ST=XX,O=XX\"],\"plugins\":[\"p\"]"

static int
set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	set_policy(s, ANY);
	const struct cert *anchor = s->policy->signers[0].x509->anchors[X509_ANCHOR_CA].certs[0];
	const struct fact_link link = { anchor->thumbprint, 0, INT64_MAX, false };

	fact_link_append(&s->links, &link);
	s->fact = (struct fact){ .proof = FACT_BY_X509,
				 .chain = buf_span(&s->links),
				 .plugin = span_str("p") };
	s->answer = (struct plugin_answer){ .known = true, .all_processed = true };
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct scene *s = *state;

	policy_free(s->policy);
	buf_release(&s->links);
	free(s);
	return 0;
}

static enum notar_reason
evaluate_with(struct scene *s, enum revocation_status status)
{
	const struct revocation_book revocations = { look_up_revocation, &status };
	const struct plugin_book plugins = { look_up, s };

	s->asked = 0;
	evaluate_x509_by(s->policy->signers[0].x509, &s->fact, &revocations, &plugins, NOW,
			 &s->outcome);
	return s->outcome.reason;
}

static enum notar_reason
evaluate(struct scene *s)
{
	return evaluate_with(s, REVOCATION_UNKNOWN);
}

static void
assert_never_wanted(struct scene *s, enum notar_reason reason)
{
	assert_int_equal(evaluate(s), reason);
	assert_false(s->outcome.wants_plugin);
	assert_int_equal(s->asked, 0);
}

static void
an_answer_that_is_missing_is_wanted_and_undetermined(void **state)
{
	struct scene *s = *state;
	const struct plugin_book nobody = { 0 };
	const struct revocation_book nothing = { 0 };

	s->answer = (struct plugin_answer){ 0 };
	assert_int_equal(evaluate(s), NOTAR_REASON_PLUGIN_UNAVAILABLE);
	assert_true(s->outcome.wants_plugin);
	evaluate_x509_by(s->policy->signers[0].x509, &s->fact, &nothing, &nobody, NOW, &s->outcome);
	assert_int_equal(s->outcome.reason, NOTAR_REASON_PLUGIN_UNAVAILABLE);
	assert_int_equal(notar_reason_verdict(s->outcome.reason), NOTAR_UNDETERMINED);
}

static void
a_failure_is_undetermined_and_not_wanted_again(void **state)
{
	struct scene *s = *state;

	s->answer = (struct plugin_answer){ .failed = true, .message = "it hangs" };
	assert_int_equal(evaluate(s), NOTAR_REASON_PLUGIN_UNAVAILABLE);
	assert_false(s->outcome.wants_plugin);
	assert_string_equal(s->outcome.message, "plugin \"p\": it hangs");
	s->broken = true;
	assert_int_equal(evaluate(s), NOTAR_REASON_STORE_FAILURE);
}

/* "design: plugin name from unauthenticated envelope" */
static void
without_an_anchor_no_plugin_is_ever_wanted(void **state)
{
	struct scene *s = *state;

	s->links.ptr[0] ^= 1;
	assert_never_wanted(s, NOTAR_REASON_UNTRUSTED_KEY);
	set_policy(s, ANY ",\"authenticity\":\"log\"");
	assert_never_wanted(s, NOTAR_REASON_UNSUPPORTED);
	/* An anchor of the other kind is none. */
	s->links.ptr[0] ^= 1;
	s->fact.by_authority = true;
	assert_never_wanted(s, NOTAR_REASON_UNSUPPORTED);
}

static void
a_plugin_that_the_signer_does_not_name_is_never_wanted(void **state)
{
	static const char *const lists[] = { "", ",\"plugins\":[]", ",\"plugins\":[\"q\"]",
					     ",\"plugins\":[\"P\"]",
					     ",\"plugins\":[\"p.\",\"pp\"]" };
	struct scene *s = *state;

	for (size_t i = 0; i < NOTAR_COUNT(lists); i++) {
		char text[200];

		(void)snprintf(text, sizeof(text), "\"identities\":[\"*\"]%s", lists[i]);
		set_policy(s, text);
		assert_never_wanted(s, NOTAR_REASON_UNSUPPORTED);
		assert_non_null(strstr(s->outcome.message, "\"p\""));
		(void)snprintf(text, sizeof(text),
			       "\"identities\":[\"*\"],\"authenticity\":\"log\",\"revocation\":"
			       "\"skip\"%s",
			       lists[i]);
		set_policy(s, text);
		assert_never_wanted(s, NOTAR_REASON_UNSUPPORTED);
	}
}

static void
what_fails_anyway_wants_no_plugin(void **state)
{
	struct scene *s = *state;

	s->fact.expires_s = NOW;
	assert_never_wanted(s, NOTAR_REASON_EXPIRED);
	s->fact.expires_s = 0;
	s->links.ptr[FACT_ID_BYTES + 7] = 0xff; /* valid from when? */
	s->links.ptr[FACT_ID_BYTES] = 0x7f;
	assert_never_wanted(s, NOTAR_REASON_KEY_EXPIRED);
}

static void
its_word_on_the_identity_replaces_ours_under_the_action(void **state)
{
	static const struct {
		const char *policy;
		bool asked, ok;
		enum notar_reason want, logged;
	} cases[] = {
		{ ANY, true, true, NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE },
		{ ANY, true, false, NOTAR_REASON_IDENTITY_MISMATCH, NOTAR_REASON_NONE },
		{ ANY, false, false, NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE },
		{ NOBODY, true, true, NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE },
		{ NOBODY, true, false, NOTAR_REASON_IDENTITY_MISMATCH, NOTAR_REASON_NONE },
		{ NOBODY, false, true, NOTAR_REASON_IDENTITY_MISMATCH, NOTAR_REASON_NONE },
		{ "\"identities\":[\"arn:x\"],\"plugins\":[\"p\"]", false, true,
		  NOTAR_REASON_IDENTITY_MISMATCH, NOTAR_REASON_NONE },
		{ ANY ",\"authenticity\":\"log\"", true, false, NOTAR_REASON_TRUSTED,
		  NOTAR_REASON_IDENTITY_MISMATCH },
		{ NOBODY ",\"authenticity\":\"log\"", false, false, NOTAR_REASON_TRUSTED,
		  NOTAR_REASON_IDENTITY_MISMATCH },
	};
	struct scene *s = *state;

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		set_policy(s, cases[i].policy);
		s->answer.identity_asked = cases[i].asked;
		s->answer.identity_ok = cases[i].ok;
		assert_int_equal(evaluate(s), cases[i].want);
		assert_int_equal(s->outcome.logged, cases[i].logged);
		assert_false(s->outcome.wants_plugin);
	}
}

static void
its_word_on_revocation_replaces_ours_under_the_action(void **state)
{
	static const struct {
		const char *policy;
		bool asked, ok;
		enum revocation_status status;
		enum notar_reason want, logged;
	} cases[] = {
		{ ANY, true, true, REVOCATION_REVOKED, NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE },
		{ ANY, true, false, REVOCATION_GOOD, NOTAR_REASON_REVOKED_CERTIFICATE,
		  NOTAR_REASON_NONE },
		{ ANY, false, true, REVOCATION_REVOKED, NOTAR_REASON_REVOKED_CERTIFICATE,
		  NOTAR_REASON_NONE },
		{ ANY, false, false, REVOCATION_GOOD, NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE },
		{ ANY, false, false, REVOCATION_UNKNOWN, NOTAR_REASON_REVOCATION_UNKNOWN,
		  NOTAR_REASON_NONE },
		{ ANY ",\"revocation\":\"log\"", true, false, REVOCATION_GOOD, NOTAR_REASON_TRUSTED,
		  NOTAR_REASON_REVOKED_CERTIFICATE },
		{ ANY ",\"revocation\":\"skip\"", true, false, REVOCATION_REVOKED,
		  NOTAR_REASON_TRUSTED, NOTAR_REASON_NONE },
	};
	struct scene *s = *state;

	s->links.ptr[FACT_ID_BYTES + 16] = 1; /* revocable */
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		set_policy(s, cases[i].policy);
		s->answer.revocation_asked = cases[i].asked;
		s->answer.revocation_ok = cases[i].ok;
		assert_int_equal(evaluate_with(s, cases[i].status), cases[i].want);
		assert_int_equal(s->outcome.logged, cases[i].logged);
		assert_false(cases[i].asked && s->outcome.wants_revocation);
	}
}

static void
attributes_that_nobody_processed_are_enforced_at_every_level(void **state)
{
	static const char *const policies[] = {
		ANY, ANY ",\"authenticity\":\"log\",\"revocation\":\"log\"",
		ANY ",\"authenticity\":\"log\",\"authenticTimestamp\":\"log\",\"expiry\":\"log\","
		    "\"revocation\":\"skip\""
	};
	struct scene *s = *state;

	s->answer = (struct plugin_answer){ .known = true,
					    .identity_asked = true,
					    .identity_ok = true,
					    .revocation_asked = true,
					    .revocation_ok = true };
	for (size_t i = 0; i < NOTAR_COUNT(policies); i++) {
		set_policy(s, policies[i]);
		assert_int_equal(evaluate(s), NOTAR_REASON_UNSUPPORTED);
	}
}

/* --- beside other signers --- */

/* Two signers with the same anchor, of which one names the plugin. */
static void
set_two_signers(struct scene *s, const char *first, const char *second)
{
	NOTAR_AUTO_OF(buf) pem = fixture_bytes("tests/vectors/trust-stores/ca.pem");
	NOTAR_AUTO_OF(buf) text = { 0 }, quoted = { 0 };
	struct notar_error err = { 0 };

	json_put_span(&quoted, buf_span(&pem));
	buf_printf(&text,
		   "{\"version\":1,\"rules\":[{\"scope\":\"*\",\"require\":{\"signers\":[\"a\","
		   "\"b\"]}}],"
		   "\"signers\":{\"a\":{\"x509\":{\"ca\":[%s],%s}},\"b\":{\"x509\":{\"ca\":[%s],%s}"
		   "}}}",
		   buf_cstr(&quoted), first, buf_cstr(&quoted), second);
	policy_free(s->policy);
	s->policy = NULL;
	if (policy_load(buf_span(&text), &s->policy, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
}

static void
a_signer_that_could_ask_leaves_the_question_open_whoever_stands_first(void **state)
{
	static const char none[] = "\"identities\":[\"*\"]";
	struct scene *s = *state;
	NOTAR_AUTO_OF(buf) row = { 0 };
	struct place places[PLACE_COUNT];
	struct trust_signature signature = { .reason = NOTAR_REASON_TRUSTED };
	struct trust_question q = { .repository = "h/app",
				    .plugins = { look_up, s },
				    .now_s = NOW,
				    .places = places,
				    .signatures = &signature,
				    .count = 1 };
	struct trust_answer answer;

	for (size_t i = 0; i < PLACE_COUNT; i++)
		places[i] = (struct place){ .state = PLACE_COMPLETE };
	s->fact.format = FACT_JWS;
	s->fact.subject_size = -1;
	s->fact.leaf_name = span_str("name");
	s->fact.subject.alg = s->fact.payload.alg = NOTAR_SHA256;
	fact_encode(&s->fact, &row);
	signature.fact = buf_span(&row);
	s->answer = (struct plugin_answer){ 0 };
	for (int turn = 0; turn < 2; turn++) {
		set_two_signers(s, turn == 0 ? none : ANY, turn == 0 ? ANY : none);
		q.policy = s->policy;
		trust_evaluate(&q, &answer);
		assert_int_equal(answer.verdict, NOTAR_UNDETERMINED);
		assert_int_equal(answer.reason, NOTAR_REASON_PLUGIN_UNAVAILABLE);
		assert_ptr_equal(signature.wants_plugin, s->policy->signers[1 - turn].x509);
	}
	set_two_signers(s, none, none);
	q.policy = s->policy;
	trust_evaluate(&q, &answer);
	assert_int_equal(answer.reason, NOTAR_REASON_UNSUPPORTED);
	assert_null(signature.wants_plugin);
}

/* --- under which key an answer is found --- */

static void
everything_that_it_was_asked_with_makes_another_key(void **state)
{
	static const char *const policies[] = {
		ANY,
		NOBODY,
		"\"identities\":[\"x509.subject:C=XX,ST=XX,O=XX\"],\"plugins\":[\"p\"]",
		"\"identities\":[\"arn:a\",\"arn:b\"],\"plugins\":[\"p\"]",
		"\"identities\":[\"arn:b\",\"arn:a\"],\"plugins\":[\"p\"]",
		"\"identities\":[\"arn:aarn:b\"],\"plugins\":[\"p\"]",
		ANY ",\"revocation\":\"skip\"",
	};
	struct scene *s = *state;
	uint8_t keys[NOTAR_COUNT(policies) + 4][PLUGIN_KEY_BYTES];
	size_t count = 0;

	for (size_t i = 0; i < NOTAR_COUNT(policies); i++) {
		set_policy(s, policies[i]);
		plugin_key_of(s->policy->signers[0].x509, &s->fact, keys[count++]);
	}
	set_policy(s, ANY);
	const struct policy_x509 *signer = s->policy->signers[0].x509;
	struct fact other = s->fact;

	other.sig_id[0] = 1;
	plugin_key_of(signer, &other, keys[count++]);
	other = s->fact;
	other.plugin = span_str("q");
	plugin_key_of(signer, &other, keys[count++]);
	other = s->fact;
	other.plugin_min_version = span_str("1.0.0");
	plugin_key_of(signer, &other, keys[count++]);
	other = s->fact;
	other.chain = (struct span){ 0 };
	plugin_key_of(signer, &other, keys[count++]);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(keys[i], keys[k], PLUGIN_KEY_BYTES);
}

static void
what_does_not_change_the_question_does_not_change_the_key(void **state)
{
	struct scene *s = *state;
	uint8_t before[PLUGIN_KEY_BYTES];

	(void)evaluate(s);
	memcpy(before, s->key, PLUGIN_KEY_BYTES);
	set_policy(s, ANY ",\"revocation\":\"log\",\"expiry\":\"log\"");
	(void)evaluate(s);
	assert_memory_equal(before, s->key, PLUGIN_KEY_BYTES);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_answer_is_believed),
		cmocka_unit_test(results_that_nobody_asked_for_do_not_count),
		cmocka_unit_test(an_answer_that_breaks_a_rule_is_none),
		cmocka_unit_test(over_a_bound_it_is_none_either),
		cmocka_unit_test(every_attribute_must_be_among_the_processed_ones),
		cmocka_unit_test(its_words_are_cut_and_cannot_command_a_terminal),
		cmocka_unit_test(what_may_verify),
		TEST(an_answer_that_is_missing_is_wanted_and_undetermined),
		TEST(a_failure_is_undetermined_and_not_wanted_again),
		TEST(without_an_anchor_no_plugin_is_ever_wanted),
		TEST(a_plugin_that_the_signer_does_not_name_is_never_wanted),
		TEST(what_fails_anyway_wants_no_plugin),
		TEST(its_word_on_the_identity_replaces_ours_under_the_action),
		TEST(its_word_on_revocation_replaces_ours_under_the_action),
		TEST(attributes_that_nobody_processed_are_enforced_at_every_level),
		TEST(a_signer_that_could_ask_leaves_the_question_open_whoever_stands_first),
		TEST(everything_that_it_was_asked_with_makes_another_key),
		TEST(what_does_not_change_the_question_does_not_change_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
