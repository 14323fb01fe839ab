/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy_keyless.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "sync/policy_file.h"
#include "sync/trusted_root_file.h"
#include "tests/lib/key_fixture.h"

#define ROOT "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}"
#define WHO "\"issuer\":\"https://issuer.example\",\"subject\":\"https://shop.example/x\""
#define KNOWN "\"identities\":[{" WHO "}],\"trustedRoot\":\"r\""

/* A policy with the root "r" and a signer of these members. */
static enum notar_code
load(const char *members, struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	buf_printf(&text,
		   "{\"version\":1,\"rules\":[],\"trustedRoots\":{\"r\":" ROOT
		   "},\"signers\":{\"a\":{%s}}}",
		   members);
	return policy_load(buf_span(&text), out, err);
}

static enum notar_code
load_with_key(const char *members, struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) pem = fixture_bytes("tests/vectors/openssl-keys/p256.pub"), text = { 0 };

	buf_append_str(&text, "\"keys\":[");
	json_put_span(&text, buf_span(&pem));
	buf_printf(&text, "],%s", members);
	return load(buf_cstr(&text), out, err);
}

static const struct policy_keyless *
load_good(const char *members, struct policy **out)
{
	struct notar_error err = { 0 };

	if (load(members, out, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	assert_non_null((*out)->signers[0].keyless);
	return (*out)->signers[0].keyless;
}

static void
refused(const char *members, const char *says)
{
	struct policy *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(load(members, &policy, &err), NOTAR_E_CONFIG);
	assert_null(policy);
	if (strstr(err.msg, says) == NULL)
		fail_msg("%s: \"%s\"", members, err.msg);
}

static void
what_is_not_said_is_one_of_each(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	const struct policy_keyless *keyless = load_good(KNOWN, &policy);

	assert_int_equal(keyless->count, 1);
	assert_string_equal(keyless->identities[0].issuer.text, "https://issuer.example");
	assert_string_equal(keyless->identities[0].subject.text, "https://shop.example/x");
	assert_ptr_equal(keyless->root, policy->roots.items[0].root);
	assert_int_equal(keyless->logs, 1);
	assert_int_equal(keyless->scts, 1);
	assert_int_equal(keyless->times, 1);
	assert_int_equal(keyless->timestamps, 0);
}

static void
everything_can_be_said(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	const struct policy_keyless *keyless = load_good(
		"\"identities\":[{" WHO "},{\"issuerPattern\":\"https://.+\",\"subjectPattern\":"
		"\"[a-z]+@x\",\"extensions\":{\"sourceRepositoryURI\":\"https://x\"}}],"
		"\"trustedRoot\":\"r\",\"thresholds\":{\"logs\":2,\"scts\":0,\"times\":3,"
		"\"timestamps\":1}",
		&policy);

	assert_int_equal(keyless->count, 2);
	assert_true(pattern_matches(keyless->identities[1].subject.pattern, span_str("me@x")));
	assert_false(pattern_matches(keyless->identities[1].subject.pattern, span_str("me@xy")));
	assert_string_equal(keyless->identities[1].extensions[12], "https://x");
	assert_int_equal(keyless->logs, 2);
	assert_int_equal(keyless->scts, 0);
	assert_int_equal(keyless->times, 3);
	assert_int_equal(keyless->timestamps, 1);
}

static void
cve_2026_48815_what_cannot_be_enforced_is_refused(void **state)
{
	static const struct {
		const char *members, *says;
	} cases[] = {
		{ "", "neither keys nor x509" },
		{ "\"trustedRoot\":\"r\"", "neither keys nor x509" },
		{ "\"identities\":null,\"trustedRoot\":\"r\"", "identities" },
		{ "\"identities\":[],\"trustedRoot\":\"r\"", "empty" },
		{ "\"identities\":{},\"trustedRoot\":\"r\"", "identities" },
		{ "\"identities\":[{" WHO "}]", "no trustedRoot" },
		{ "\"identities\":[{" WHO "}],\"trustedRoot\":\"s\"", "not among" },
		{ "\"identities\":[{" WHO "}],\"trustedRoot\":1", "trustedRoot" },
		{ "\"identities\":[{}],\"trustedRoot\":\"r\"", "issuer" },
		{ "\"identities\":[{\"issuer\":\"i\"}],\"trustedRoot\":\"r\"", "subject" },
		{ "\"identities\":[{\"subject\":\"s\"}],\"trustedRoot\":\"r\"", "issuer" },
		{ "\"identities\":[{\"issuer\":\"\",\"subject\":\"s\"}],\"trustedRoot\":\"r\"",
		  "empty" },
		{ "\"identities\":[{\"issuer\":null,\"subject\":\"s\"}],\"trustedRoot\":\"r\"",
		  "issuer" },
		{ "\"identities\":[{" WHO ",\"subjectPattern\":\"a\"}],\"trustedRoot\":\"r\"",
		  "both" },
		{ "\"identities\":[{\"issuer\":\"i\",\"subjectPattern\":\".*\"}],"
		  "\"trustedRoot\":\"r\"",
		  "empty text" },
		{ "\"identities\":[{\"issuer\":\"i\",\"subjectPattern\":\"(\"}],"
		  "\"trustedRoot\":\"r\"",
		  "subject" },
		{ "\"identities\":[{" WHO ",\"san\":\"x\"}],\"trustedRoot\":\"r\"", "san" },
		{ "\"identities\":[{" WHO ",\"extensions\":{\"nonsense\":\"x\"}}],"
		  "\"trustedRoot\":\"r\"",
		  "nonsense" },
		{ "\"identities\":[{" WHO ",\"extensions\":{}}],\"trustedRoot\":\"r\"", "empty" },
		{ "\"identities\":[{" WHO ",\"extensions\":null}],\"trustedRoot\":\"r\"",
		  "extensions" },
		{ "\"identities\":[{" WHO ",\"extensions\":{\"sourceRepositoryURI\":1}}],"
		  "\"trustedRoot\":\"r\"",
		  "sourceRepositoryURI" },
		{ KNOWN ",\"thresholds\":{\"times\":0}", "times" },
		{ KNOWN ",\"thresholds\":{\"logs\":-1}", "logs" },
		{ KNOWN ",\"thresholds\":{\"logs\":65}", "logs" },
		{ KNOWN ",\"thresholds\":{\"witnesses\":1}", "witnesses" },
		{ KNOWN ",\"thresholds\":null", "thresholds" },
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++)
		refused(cases[i].members, cases[i].says);
}

static void
a_key_may_have_to_be_logged(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(
		load_with_key("\"trustedRoot\":\"r\",\"thresholds\":{\"logs\":2}", &policy, &err),
		NOTAR_OK);
	assert_int_equal(policy->signers[0].keyless->count, 0);
	assert_int_equal(policy->signers[0].keyless->logs, 2);
}

static void
of_a_key_nothing_but_logs_can_be_demanded(void **state)
{
	static const char *const members[] = {
		"\"thresholds\":{\"logs\":1}",
		"\"trustedRoot\":null",
		"\"trustedRoot\":\"r\",\"thresholds\":{\"logs\":0}",
		"\"trustedRoot\":\"r\",\"thresholds\":{\"scts\":1}",
		"\"trustedRoot\":\"r\",\"thresholds\":{\"times\":1}",
		"\"trustedRoot\":\"r\",\"thresholds\":{\"timestamps\":1}",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(members); i++) {
		struct policy *policy = NULL;
		struct notar_error err = { 0 };

		assert_int_equal(load_with_key(members[i], &policy, &err), NOTAR_E_CONFIG);
		assert_null(policy);
	}
}

static void
trusted_roots_are_documents(void **state)
{
	static const char *const roots[] = {
		"[]", "{\"r\":\"root.json\"}", "{\"\":" ROOT "}", "{\"r\":{}}", "{\"r\":null}", "1"
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(roots); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		struct policy *policy = NULL;
		struct notar_error err = { 0 };

		buf_printf(&text, "{\"version\":1,\"rules\":[],\"trustedRoots\":%s}", roots[i]);
		assert_int_equal(policy_load(buf_span(&text), &policy, &err), NOTAR_E_CONFIG);
		assert_null(policy);
	}
}

static struct trusted_root *
some_root(void)
{
	struct trusted_root *root = calloc(1, sizeof(*root));

	assert_non_null(root);
	return root;
}

static void
an_identity_in_words_makes_a_policy(void **state)
{
	(void)state;
	const struct keyless_words words = { .issuer = "i", .subject_pattern = "s+" };
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(policy_of_identities(&words, some_root(), "urn:x", &policy, &err),
			 NOTAR_OK);
	const struct policy_rule *rule = policy_rule_for(policy, "registry.example/app");

	assert_non_null(rule);
	assert_string_equal(rule->requirements[0].predicate_type, "urn:x");
	assert_string_equal(rule->requirements[0].signers[0], policy->signers[0].name);
	assert_string_equal(policy->signers[0].keyless->identities[0].issuer.text, "i");
}

static void
half_an_identity_in_words_is_refused(void **state)
{
	static const struct keyless_words words[] = {
		{ 0 },
		{ .issuer = "i" },
		{ .subject = "s" },
		{ .issuer = "", .subject = "s" },
		{ .issuer = "i", .subject = "s", .subject_pattern = "s" },
		{ .issuer = "i", .subject_pattern = ".*" },
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(words); i++) {
		struct policy *policy = NULL;
		struct notar_error err = { 0 };

		assert_int_equal(policy_of_identities(&words[i], some_root(), NULL, &policy, &err),
				 NOTAR_E_USAGE);
		assert_int_equal(err.code, NOTAR_E_USAGE);
		assert_null(policy);
	}
}

static void
a_log_is_demanded_of_keys_that_are_given(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	struct key *keys[1] = { 0 };
	NOTAR_AUTO_OF(buf) pem = fixture_bytes("tests/vectors/openssl-keys/p256.pub");

	assert_int_equal(key_load_public(buf_span(&pem), &keys[0], NULL), NOTAR_OK);
	assert_int_equal(policy_of_keys(keys, 1, 1, NULL, &policy, NULL), NOTAR_OK);
	assert_null(policy->signers[0].keyless);
	assert_int_equal(policy_demand_log(policy, some_root(), NULL), NOTAR_OK);
	assert_int_equal(policy->signers[0].keyless->count, 0);
	assert_int_equal(policy->signers[0].keyless->logs, 1);
	assert_ptr_equal(policy->signers[0].keyless->root, policy->roots.items[0].root);
}

#define POLICY_BY_PATH                                                                             \
	"{\"version\":1,\"rules\":[],\"trustedRoots\":{\"r\":\"root.json\"},"                      \
	"\"signers\":{\"a\":{" KNOWN "}}}"

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
a_root_in_a_file_becomes_a_part_of_the_policy(void **state)
{
	(void)state;
	char folder[] = "/tmp/notar-roots-XXXXXX", path[64], root[64];
	NOTAR_AUTO_OF(policy_file) file = { 0 };
	NOTAR_AUTO(policy) *again = NULL;
	struct notar_error err = { 0 };

	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/policy.json", folder);
	(void)snprintf(root, sizeof(root), "%s/root.json", folder);
	write_text(path, POLICY_BY_PATH);
	assert_int_equal(policy_file_read(path, NOTATION_OCI, &file, &err), NOTAR_E_CONFIG);
	assert_non_null(strstr(err.msg, "root.json"));
	write_text(root, "[]");
	assert_int_equal(policy_file_read(path, NOTATION_OCI, &file, &err), NOTAR_E_CONFIG);
	write_text(root, ROOT);
	assert_int_equal(policy_file_read(path, NOTATION_OCI, &file, &err), NOTAR_OK);
	assert_non_null(file.policy->signers[0].keyless);
	assert_int_equal(policy_load(buf_span(&file.text), &again, &err), NOTAR_OK);
	(void)unlink(root);
	(void)unlink(path);
	(void)rmdir(folder);
}

static void
a_document_without_paths_stays_as_it_is(void **state)
{
	(void)state;
	static const char text[] = " {\"version\" : 1, \"trustedRoots\": {\"r\": " ROOT "}}\n";
	NOTAR_AUTO_OF(buf) out = { 0 };

	assert_int_equal(trusted_root_files_embed("/nowhere", span_str(text), &out, NULL),
			 NOTAR_OK);
	assert_string_equal(buf_cstr(&out), text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_one_of_each),
		cmocka_unit_test(everything_can_be_said),
		cmocka_unit_test(cve_2026_48815_what_cannot_be_enforced_is_refused),
		cmocka_unit_test(a_key_may_have_to_be_logged),
		cmocka_unit_test(of_a_key_nothing_but_logs_can_be_demanded),
		cmocka_unit_test(trusted_roots_are_documents),
		cmocka_unit_test(an_identity_in_words_makes_a_policy),
		cmocka_unit_test(half_an_identity_in_words_is_refused),
		cmocka_unit_test(a_log_is_demanded_of_keys_that_are_given),
		cmocka_unit_test(a_root_in_a_file_becomes_a_part_of_the_policy),
		cmocka_unit_test(a_document_without_paths_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
