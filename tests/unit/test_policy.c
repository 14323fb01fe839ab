/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/key_fixture.h"

#define RULE(scope, more) "{\"scope\":\"" scope "\"" more ",\"require\":{\"signers\":[\"a\"]}}"
#define RULES(rules) "{\"version\":1,\"rules\":[" rules "]}"

static void
a_policy_is_read_with_its_defaults(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(policy_load(span_str(RULES(RULE("h/app", ""))), &policy, &err), NOTAR_OK);
	assert_int_equal(policy->rule_count, 1);
	assert_string_equal(policy->rules[0].name, "h/app");
	assert_int_equal(policy->rules[0].action, POLICY_ENFORCE);
	assert_false(policy->rules[0].exempt);
	assert_int_equal(policy->rules[0].requirements[0].threshold, 1);
	assert_null(policy->rules[0].requirements[0].predicate_type);
	assert_false(policy_wants_attestations(policy, "h/app"));
}

static void
an_empty_list_of_rules_is_a_policy_that_covers_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(policy_load(span_str(RULES("")), &policy, &err), NOTAR_OK);
	assert_null(policy_rule_for(policy, "h/app"));
}

/* CVE-2026-48815: what cannot be enforced must not be accepted. */
static void
cve_2026_48815_unknown_members_are_errors_wherever_they_stand(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{\"version\":1,\"rules\":[],\"mode\":\"strict\"}",
		RULES(RULE("h/a", ",\"requires\":1")),
		RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[\"a\"],\"oids\":[\"1.2\"]}}"),
		"{\"version\":1,\"rules\":[],\"signers\":{\"a\":{\"keys\":[],\"issuer\":\"x\"}}}",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO(policy) *policy = NULL;
		struct notar_error err = { 0 };

		assert_int_equal(policy_load(span_str(bad[i]), &policy, &err), NOTAR_E_CONFIG);
		assert_null(policy);
	}
}

static void
each_member_can_be_wrong_and_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "", "policy" },
		{ "[]", "policy" },
		{ "{}", "version" },
		{ "{\"version\":2,\"rules\":[]}", "version" },
		{ "{\"version\":\"1\",\"rules\":[]}", "version" },
		{ "{\"version\":1}", "rules" },
		{ "{\"version\":1,\"rules\":{}}", "rules" },
		{ "{\"version\":1,\"version\":1,\"rules\":[]}", "version" },
		{ RULES("7"), "rules[0]" },
		{ RULES("{\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":7,\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":\"\",\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":\"h/a*\",\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":\"*/a\",\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":\"h/*/a\",\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":\"h/a/\",\"require\":\"none\"}"), "scope" },
		{ RULES("{\"scope\":\"h /a\",\"require\":\"none\"}"), "scope" },
		{ RULES(RULE("h/a", "") "," RULE("h/a", "")), "h/a stands twice" },
		{ RULES("{\"scope\":\"h/a\"}"), "require" },
		{ RULES("{\"scope\":\"h/a\",\"require\":null}"), "require" },
		{ RULES("{\"scope\":\"h/a\",\"require\":\"nothing\"}"), "require" },
		{ RULES("{\"scope\":\"h/a\",\"require\":[]}"), "require" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{}}"), "signers" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[]}}"), "signers" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[7]}}"), "signers[0]" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[\"a\"],\"threshold\":0}}"),
		  "threshold" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[\"a\"],\"threshold\":-1}}"),
		  "threshold" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[\"a\"],\"threshold\":2}}"),
		  "threshold" },
		{ RULES("{\"scope\":\"h/a\",\"require\":{\"signers\":[\"a\"],\"threshold\":1.5}}"),
		  "threshold" },
		{ RULES(RULE("h/a", ",\"action\":\"ignore\"")), "action" },
		{ RULES(RULE("h/a", ",\"name\":7")), "name" },
		{ "{\"version\":1,\"rules\":[],\"signers\":[]}", "signers" },
		{ "{\"version\":1,\"rules\":[],\"signers\":{\"a\":{}}}", "keys" },
		{ "{\"version\":1,\"rules\":[],\"signers\":{\"a\":{\"keys\":[]}}}", "keys" },
		{ "{\"version\":1,\"rules\":[],\"signers\":{\"\":{\"keys\":[\"x\"]}}}", "signers" },
		{ "{\"version\":1,\"rules\":[],\"signers\":{\"*\":{\"keys\":[\"x\"]}}}",
		  "signers" },
		{ "{\"version\":1,\"rules\":[],\"signers\":{\"a\":{\"keys\":[\"no key\"]}}}",
		  "keys[0]" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO(policy) *policy = NULL;
		struct notar_error err = { 0 };

		assert_int_equal(policy_load(span_str(cases[i].text), &policy, &err),
				 NOTAR_E_CONFIG);
		assert_null(policy);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("%s: \"%s\" does not name %s", cases[i].text, err.msg,
				 cases[i].names);
	}
}

static const char *
rule_name(const struct policy *policy, const char *repository)
{
	const struct policy_rule *rule = policy_rule_for(policy, repository);

	return rule == NULL ? "none" : rule->name;
}

static void
the_most_specific_scope_wins_wherever_it_stands(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(policy_load(span_str(RULES(RULE("*", "") "," RULE("h/team/*", "") "," RULE(
					     "h/*", "") "," RULE("h/team/app", ""))),
				     &policy, &err),
			 NOTAR_OK);
	assert_string_equal(rule_name(policy, "h/team/app"), "h/team/app");
	assert_string_equal(rule_name(policy, "h/team/app2"), "h/team/*");
	assert_string_equal(rule_name(policy, "h/team/app/sub"), "h/team/*");
	assert_string_equal(rule_name(policy, "h/teams"), "h/*");
	assert_string_equal(rule_name(policy, "other/app"), "*");
}

static void
a_prefix_ends_at_a_slash_and_covers_something_below_it(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(policy_load(span_str(RULES(RULE("h/team/*", ""))), &policy, &err),
			 NOTAR_OK);
	assert_string_equal(rule_name(policy, "h/team"), "none");
	assert_string_equal(rule_name(policy, "h/team/"), "none");
	assert_string_equal(rule_name(policy, "h/teamster/app"), "none");
	assert_string_equal(rule_name(policy, "H/team/app"), "none");
	assert_string_equal(rule_name(policy, ""), "none");
	assert_string_equal(rule_name(policy, "evil.example/h/team/app"), "none");
}

static void
ten_thousand_rules_are_found_like_one(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	buf_append_str(&text, "{\"version\":1,\"rules\":[");
	for (int i = 0; i < 10000; i++)
		buf_printf(&text, "%s{\"scope\":\"h/%d%s\",\"require\":\"none\"}", i > 0 ? "," : "",
			   i, i % 2 == 0 ? "/*" : "");
	buf_append_str(&text, "]}");
	assert_int_equal(policy_load(buf_span(&text), &policy, &err), NOTAR_OK);
	assert_string_equal(rule_name(policy, "h/4711"), "h/4711");
	assert_string_equal(rule_name(policy, "h/4711/app"), "none");
	assert_string_equal(rule_name(policy, "h/4712/team/app"), "h/4712/*");
	assert_string_equal(rule_name(policy, "h/4712"), "none");
}

static void
keys_alone_make_a_policy_for_every_repository(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct key *keys[] = { fixture_key(OPENSSL_KEYS "p256.pub"),
			       fixture_key(OPENSSL_KEYS "ed25519.pub") };
	struct notar_error err = { 0 };

	assert_int_equal(policy_of_keys(keys, 2, 2, "urn:x", &policy, &err), NOTAR_OK);
	const struct policy_rule *rule = policy_rule_for(policy, "any/thing");

	assert_non_null(rule);
	assert_int_equal(rule->requirements[0].threshold, 2);
	assert_int_equal(rule->requirements[0].count, 2);
	assert_true(policy_wants_attestations(policy, "any/thing"));
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	static const char good[] = RULES(RULE("h/*", ",\"name\":\"n\",\"action\":\"warn\""));

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		NOTAR_AUTO(policy) *policy = NULL;

		assert_int_equal(policy_load(span_of(good, len), &policy, NULL), NOTAR_E_CONFIG);
		assert_null(policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_is_read_with_its_defaults),
		cmocka_unit_test(an_empty_list_of_rules_is_a_policy_that_covers_nothing),
		cmocka_unit_test(cve_2026_48815_unknown_members_are_errors_wherever_they_stand),
		cmocka_unit_test(each_member_can_be_wrong_and_is_named),
		cmocka_unit_test(the_most_specific_scope_wins_wherever_it_stands),
		cmocka_unit_test(a_prefix_ends_at_a_slash_and_covers_something_below_it),
		cmocka_unit_test(ten_thousand_rules_are_found_like_one),
		cmocka_unit_test(keys_alone_make_a_policy_for_every_repository),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
