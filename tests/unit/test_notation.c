/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/notation.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "tests/lib/key_fixture.h"
#include "trust/policy.h"

#define DOCUMENT(statements) "{\"version\":\"1.0\",\"trustPolicies\":[" statements "]}"
#define LEVEL(level) "\"signatureVerification\":{\"level\":\"" level "\"}"
#define TRUST "\"trustStores\":[\"ca:a\"],\"trustedIdentities\":[\"*\"]"
#define SCOPES(scopes) "\"registryScopes\":[" scopes "]"
#define STATEMENT(name, scopes, more)                                                              \
	"{\"name\":\"" name "\"," SCOPES(scopes) "," LEVEL("strict") "," more "}"
#define NAMED "x509.subject: C=US,ST=WA,O=notar"
#define VERIFY(verification)                                                                       \
	DOCUMENT("{\"name\":\"n\"," SCOPES(                                                        \
		"\"h/a\"") "," TRUST ",\"signatureVerification\":" verification "}")
#define BLOB(name, more) "{\"name\":\"" name "\"," TRUST "," more LEVEL("strict") "}"
#define SKIPPED(name, scopes, more)                                                                \
	"{\"name\":\"" name "\"," SCOPES(scopes) "," LEVEL("skip") more "}"

/* What was asked of the store; every one holds the same CA, but those named "none". */
struct asked {
	char text[256];
};

static enum notar_code
fake_store(void *context, const char *type, const char *name, struct buf *pem,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = fixture_bytes("tests/vectors/trust-stores/ca.pem");
	struct asked *asked = context;
	size_t len = strlen(asked->text);

	if (strcmp(name, "none") == 0)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no such store: none");
	(void)snprintf(asked->text + len, sizeof(asked->text) - len, "%s:%s ", type, name);
	buf_append_span(pem, buf_span(&bytes));
	return NOTAR_OK;
}

static struct policy *
translate(const char *text, enum notation_kind kind, struct asked *asked)
{
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct policy *policy = NULL;
	struct notar_error err = { 0 };

	assert_true(notation_is_document(span_str(text)));
	if (notation_translate(span_str(text), kind, fake_store, asked, &out, &err) != NOTAR_OK ||
	    policy_load(buf_span(&out), &policy, &err) != NOTAR_OK)
		fail_msg("%s: %s", text, err.msg);
	return policy;
}

static const struct policy_x509 *
only_signer(const struct policy *policy)
{
	assert_int_equal(policy->signer_count, 1);
	assert_non_null(policy->signers[0].x509);
	return policy->signers[0].x509;
}

static void
a_statement_is_a_signer_and_a_rule_for_each_scope(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy = translate(
		DOCUMENT(STATEMENT("prod", "\"h/a\",\"h:5000/b/c\"", TRUST)), NOTATION_OCI, &asked);
	const struct policy_x509 *x509 = only_signer(policy);

	assert_string_equal(policy->signers[0].name, "prod");
	assert_int_equal(x509->anchors[X509_ANCHOR_CA].count, 1);
	assert_true(x509->any_identity);
	assert_int_equal(policy->rule_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		assert_string_equal(rule->name, "prod");
		assert_string_equal(rule->scope, i == 0 ? "h/a" : "h:5000/b/c");
		assert_int_equal(rule->action, POLICY_ENFORCE);
		assert_false(rule->exempt);
		assert_int_equal(rule->count, 1);
		assert_string_equal(rule->requirements[0].signers[0], "prod");
		assert_int_equal(rule->requirements[0].threshold, 1);
	}
	assert_string_equal(asked.text, "ca:a ");
}

static void
a_scope_is_exact_and_what_no_scope_covers_is_covered_by_nothing(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy =
		translate(DOCUMENT(STATEMENT("prod", "\"h/a\"", TRUST)), NOTATION_OCI, &asked);

	assert_non_null(policy_rule_for(policy, "h/a"));
	assert_null(policy_rule_for(policy, "h/a/b"));
	assert_null(policy_rule_for(policy, "h/ab"));
	assert_null(policy_rule_for(policy, "H/a"));
	assert_null(policy_rule_for(policy, "docker.io/h/a"));
}

static void
each_level_is_what_the_specification_says(void **state)
{
	(void)state;
	static const struct {
		const char *verification;
		enum x509_action authenticity, timestamp, expiry, revocation;
		bool after_expiry;
	} cases[] = {
		{ "{\"level\":\"strict\"}", X509_ENFORCE, X509_ENFORCE, X509_ENFORCE, X509_ENFORCE,
		  false },
		{ "{\"level\":\"permissive\"}", X509_ENFORCE, X509_LOG, X509_LOG, X509_LOG, false },
		{ "{\"level\":\"audit\"}", X509_LOG, X509_LOG, X509_LOG, X509_LOG, false },
		{ "{\"level\":\"audit\",\"override\":{}}", X509_LOG, X509_LOG, X509_LOG, X509_LOG,
		  false },
		{ "{\"level\":\"permissive\",\"override\":{\"expiry\":\"enforce\"}}", X509_ENFORCE,
		  X509_LOG, X509_ENFORCE, X509_LOG, false },
		{ "{\"level\":\"strict\",\"override\":{\"revocation\":\"skip\"},"
		  "\"verifyTimestamp\":\"always\"}",
		  X509_ENFORCE, X509_ENFORCE, X509_ENFORCE, X509_SKIP, false },
		{ "{\"level\":\"strict\",\"override\":{\"authenticity\":\"log\","
		  "\"authenticTimestamp\":\"log\"},\"verifyTimestamp\":\"afterCertExpiry\"}",
		  X509_LOG, X509_LOG, X509_ENFORCE, X509_ENFORCE, true },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		struct asked asked = { "" };

		buf_append_str(&text,
			       "{\"version\":\"1.0\",\"trustPolicies\":[{\"name\":\"n\","
			       "\"registryScopes\":[\"*\"]," TRUST ",\"signatureVerification\":");
		buf_append_str(&text, cases[i].verification);
		buf_append_str(&text, "}]}");
		NOTAR_AUTO(policy) *policy = translate(buf_cstr(&text), NOTATION_OCI, &asked);
		const struct policy_x509 *x509 = only_signer(policy);

		assert_int_equal(x509->authenticity, cases[i].authenticity);
		assert_int_equal(x509->timestamp, cases[i].timestamp);
		assert_int_equal(x509->expiry, cases[i].expiry);
		assert_int_equal(x509->revocation, cases[i].revocation);
		assert_int_equal(x509->timestamp_after_expiry, cases[i].after_expiry);
	}
}

static void
level_skip_is_a_rule_that_needs_no_signature(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy = translate(
		DOCUMENT(SKIPPED(
			"free", "\"h/a\"",
			",\"trustStores\":[],\"trustedIdentities\":[]") "," STATEMENT("rest",
										      "\"*\"",
										      TRUST)),
		NOTATION_OCI, &asked);

	assert_true(policy_rule_for(policy, "h/a")->exempt);
	assert_false(policy_rule_for(policy, "h/b")->exempt);
	assert_int_equal(policy->signer_count, 1);
}

static void
stores_are_loaded_once_and_by_type(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy = translate(
		DOCUMENT(STATEMENT("n", "\"*\"",
				   "\"trustStores\":[\"tsa:t\",\"ca:a\",\"signingAuthority:s\","
				   "\"ca:b\",\"ca:a\",\"tsa:t\"],\"trustedIdentities\":[\"*\"]")),
		NOTATION_OCI, &asked);
	const struct policy_x509 *x509 = only_signer(policy);

	assert_string_equal(asked.text, "ca:a ca:b signingAuthority:s tsa:t ");
	assert_int_equal(x509->anchors[X509_ANCHOR_CA].count, 2);
	assert_int_equal(x509->anchors[X509_ANCHOR_AUTHORITY].count, 1);
	assert_int_equal(x509->anchors[X509_ANCHOR_TSA].count, 1);
}

static void
identities_for_plugins_are_left_out_beside_ours(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy = translate(
		DOCUMENT(STATEMENT("n", "\"*\"",
				   "\"trustStores\":[\"ca:a\"],\"trustedIdentities\":["
				   "\"arn:aws:signer:x\",\"" NAMED "\",\"x509.subject.v2:y\"]")),
		NOTATION_OCI, &asked);
	const struct policy_x509 *x509 = only_signer(policy);

	assert_false(x509->any_identity);
	assert_int_equal(x509->identity_count, 1);
}

static void
plugins_that_a_statement_names_may_be_run(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy =
		translate(DOCUMENT(STATEMENT("n", "\"*\"",
					     "\"trustStores\":[\"ca:a\"],\"verificationPlugins\":"
					     "[\"com.example.p\",\"q\"],\"trustedIdentities\":["
					     "\"arn:aws:signer:x\"]")),
			  NOTATION_OCI, &asked);
	const struct policy_x509 *x509 = only_signer(policy);

	assert_int_equal(x509->plugin_count, 2);
	assert_string_equal(x509->plugins[0], "com.example.p");
	assert_string_equal(x509->plugins[1], "q");
	assert_false(x509->any_identity);
	assert_int_equal(x509->identity_count, 0);
	assert_int_equal(x509->identity_text_count, 1);
	assert_string_equal(x509->identity_texts[0], "arn:aws:signer:x");
}

static void
members_that_nobody_knows_are_ignored(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy = translate(
		"{\"$schema\":\"x\",\"version\":\"1.0\",\"trustPolicies\":[{\"comment\":[1],"
		"\"name\":\"n\",\"registryScopes\":[\"*\"]," TRUST
		",\"signatureVerification\":{\"level\":\"strict\",\"why\":\"so\"}}]}",
		NOTATION_OCI, &asked);

	assert_int_equal(policy->rule_count, 1);
}

static void
a_blobs_statement_is_found_by_its_name_and_the_global_one_by_none(void **state)
{
	(void)state;
	struct asked asked = { "" };
	NOTAR_AUTO(policy) *policy =
		translate(DOCUMENT(BLOB("one", "") "," BLOB("all", "\"globalPolicy\":true,")),
			  NOTATION_BLOB, &asked);

	assert_string_equal(policy_rule_for(policy, "one")->name, "one");
	assert_string_equal(policy_rule_for(policy, "all")->scope, "all");
	assert_string_equal(policy_rule_for(policy, "")->scope, "*");
	assert_string_equal(policy_rule_for(policy, "")->name, "all");
}

static void
refuse(const char *text, enum notation_kind kind, const char *names)
{
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct notar_error err = { 0 };
	struct asked asked = { "" };

	if (notation_translate(span_str(text), kind, fake_store, &asked, &out, &err) !=
		    NOTAR_E_CONFIG ||
	    strstr(err.msg, names) == NULL)
		fail_msg("%s: says %s", text, err.msg);
	assert_int_equal(out.len, 0);
	assert_int_equal(err.code, NOTAR_E_CONFIG);
}

static void
a_document_that_is_wrong_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "", "trust policy" },
		{ "[]", "trust policy" },
		{ "\xef\xbb\xbf" DOCUMENT(STATEMENT("n", "\"*\"", TRUST)), "trust policy" },
		{ "{\"trustPolicies\":[]}", "version" },
		{ "{\"version\":1.0,\"trustPolicies\":[]}", "version" },
		{ "{\"version\":\"1\",\"trustPolicies\":[]}", "version" },
		{ "{\"version\":\"1.1\",\"trustPolicies\":[]}", "version" },
		{ "{\"version\":\"1.0\"}", "trustPolicies" },
		{ "{\"version\":\"1.0\",\"trustPolicies\":null}", "trustPolicies" },
		{ "{\"version\":\"1.0\",\"trustPolicies\":{}}", "trustPolicies" },
		{ DOCUMENT(""), "no statement" },
		{ DOCUMENT("7"), "trustPolicies[0]" },
		{ "{\"version\":\"1.0\",\"Version\":\"2\",\"trustPolicies\":[]}", "written" },
		{ "{\"version\":\"1.0\",\"version\":\"1.0\",\"trustPolicies\":[]}", "version" },
		/* names */
		{ DOCUMENT("{" SCOPES("\"*\"") "," LEVEL("strict") "," TRUST "}"), "name" },
		{ DOCUMENT("{\"name\":7," SCOPES("\"*\"") "," LEVEL("strict") "," TRUST "}"),
		  "name" },
		{ DOCUMENT(STATEMENT("", "\"*\"", TRUST)), "name" },
		{ DOCUMENT(STATEMENT("*", "\"*\"", TRUST)), "name" },
		{ DOCUMENT(STATEMENT("n", "\"h/a\"", TRUST) "," STATEMENT("n", "\"h/b\"", TRUST)),
		  "[1].name: stands twice" },
		{ DOCUMENT(SKIPPED("n", "\"h/a\"", "") "," SKIPPED("n", "\"h/b\"", "")),
		  "stands twice" },
		/* letters' case, which other readers do not mind */
		{ DOCUMENT("{\"Name\":\"x\",\"name\":\"n\"}"), "written \"name\"" },
		{ DOCUMENT(STATEMENT("n", "\"*\"", TRUST ",\"truststores\":[]")),
		  "written \"trustStores\"" },
		{ VERIFY("{\"level\":\"permissive\",\"Override\":{\"expiry\":\"enforce\"}}"),
		  "written \"override\"" },
		{ VERIFY("{\"level\":\"strict\",\"over\xc5\xbfide\":{}}"), "not ASCII" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++)
		refuse(cases[i].text, NOTATION_OCI, cases[i].names);
}

static void
a_verification_that_is_wrong_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ DOCUMENT("{\"name\":\"n\"," SCOPES("\"*\"") "," TRUST "}"),
		  "signatureVerification" },
		{ VERIFY("\"strict\""), "signatureVerification" },
		{ VERIFY("{}"), "level" },
		{ VERIFY("{\"level\":\"\"}"), "level" },
		{ VERIFY("{\"level\":\"Strict\"}"), "level" },
		{ VERIFY("{\"level\":\"custom\"}"), "level" },
		{ VERIFY("{\"level\":7}"), "level" },
		{ VERIFY("{\"level\":\"strict\",\"override\":[]}"), "override" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"integrity\":\"log\"}}"),
		  "integrity" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"Expiry\":\"log\"}}"), "Expiry" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"other\":\"log\"}}"), "other" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"expiry\":\"warn\"}}"), "expiry" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"expiry\":\"Log\"}}"), "expiry" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"expiry\":7}}"), "expiry" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"expiry\":\"skip\"}}"),
		  "only revocation" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"authenticity\":\"skip\"}}"),
		  "only revocation" },
		{ VERIFY("{\"level\":\"audit\",\"override\":{\"authenticTimestamp\":\"skip\"}}"),
		  "only revocation" },
		{ VERIFY("{\"level\":\"strict\",\"verifyTimestamp\":\"never\"}"),
		  "verifyTimestamp" },
		{ VERIFY("{\"level\":\"strict\",\"verifyTimestamp\":true}"), "verifyTimestamp" },
		{ DOCUMENT(SKIPPED("n", "\"h/a\"", "," TRUST)), "level skip with" },
		{ DOCUMENT(SKIPPED("n", "\"h/a\"", ",\"trustStores\":[\"ca:a\"]")),
		  "level skip with" },
		{ DOCUMENT(SKIPPED("n", "\"h/a\"", ",\"trustedIdentities\":[\"*\"]")),
		  "level skip with" },
		{ DOCUMENT("{\"name\":\"n\"," SCOPES("\"h/a\"") ",\"signatureVerification\":"
								"{\"level\":\"skip\",\"override\":"
								"{\"expiry\":\"log\"}}}"),
		  "cannot be overridden" },
		{ DOCUMENT(SKIPPED("n", "\"*\"", "")), "level skip for everything" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++)
		refuse(cases[i].text, NOTATION_OCI, cases[i].names);
}

static void
plugins_can_be_named_wrongly(void **state)
{
	(void)state;
	static const struct {
		const char *member, *names;
	} cases[] = {
		{ "\"verificationPlugins\":\"p\"", "verificationPlugins" },
		{ "\"verificationPlugins\":[7]", "verificationPlugins[0]" },
		{ "\"verificationPlugins\":[\"p\",\"\"]", "verificationPlugins[1]" },
		{ "\"verificationPlugins\":[\"..\"]", "verificationPlugins[0]" },
		{ "\"verificationPlugins\":[\"../p\"]", "verificationPlugins[0]" },
		{ "\"VerificationPlugins\":[\"p\"]", "must be written" },
		{ "\"verificationplugins\":[\"p\"]", "must be written" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };

		buf_printf(&text, DOCUMENT(STATEMENT("n", "\"*\"", TRUST ",%s")), cases[i].member);
		refuse(buf_cstr(&text), NOTATION_OCI, cases[i].names);
	}
	refuse(DOCUMENT(SKIPPED("n", "\"h/a\"", ",\"verificationPlugins\":[\"p\"]")), NOTATION_OCI,
	       "level skip");
	refuse(DOCUMENT(STATEMENT("n", "\"*\"",
				  "\"trustStores\":[\"ca:a\"],\"verificationPlugins\":[],"
				  "\"trustedIdentities\":[\"arn:x\"]")),
	       NOTATION_OCI, "plugins");
}

static void
whom_to_trust_can_be_said_wrongly(void **state)
{
	(void)state;
	static const struct {
		const char *stores, *identities, *names;
	} cases[] = {
		{ "[]", "[\"*\"]", "required" },
		{ "[\"ca:a\"]", "[]", "required" },
		{ "null", "[\"*\"]", "required" },
		{ "[\"ca:a\"]", "null", "required" },
		{ "\"ca:a\"", "[\"*\"]", "trustStores" },
		{ "[7]", "[\"*\"]", "trustStores[0]" },
		{ "[\"\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\":a\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"CA:a\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"x509:a\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:a\",\"ca:.\"]", "[\"*\"]", "trustStores[1]" },
		{ "[\"ca:..\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:../a\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:a/b\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:a b\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:a:b\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"ca:\xc3\xa9\"]", "[\"*\"]", "trustStores[0]" },
		{ "[\"tsa:t\"]", "[\"*\"]", "no store of type" },
		{ "[\"ca:none\"]", "[\"*\"]", "no such store" },
		{ "[\"ca:a\"]", "\"*\"", "trustedIdentities" },
		{ "[\"ca:a\"]", "[7]", "trustedIdentities[0]" },
		{ "[\"ca:a\"]", "[\"\"]", "trustedIdentities[0]" },
		{ "[\"ca:a\"]", "[\"x509.subject\"]", "trustedIdentities[0]" },
		{ "[\"ca:a\"]", "[\"x509.subject:\"]", "trustedIdentities[0]" },
		{ "[\"ca:a\"]", "[\"*\",\"" NAMED "\"]", "must stand alone" },
		{ "[\"ca:a\"]", "[\"*\",\"*\"]", "must stand alone" },
		{ "[\"ca:a\"]", "[\"x509.subject: C=US,O=x\"]", "no ST" },
		{ "[\"ca:a\"]", "[\"x509.subject: C=US,ST=WA,O=#0401\"]", "=#" },
		{ "[\"ca:a\"]", "[\"x509.subject: C=US,ST=WA,O=a+CN=b\"]", "'+'" },
		{ "[\"ca:a\"]", "[\"arn:aws:signer:x\"]", "plugins" },
		{ "[\"ca:a\"]", "[\"X509.Subject: C=US,ST=WA,O=x\"]", "plugins" },
		{ "[\"ca:a\"]", "[\"" NAMED "\",\"" NAMED ",CN=x\"]", "overlap" },
		{ "[\"ca:a\"]", "[\"" NAMED "\",\"x509.subject:O=notar;S=WA;C=US\"]", "overlap" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };

		buf_printf(&text,
			   DOCUMENT(STATEMENT("n", "\"*\"",
					      "\"trustStores\":%s,"
					      "\"trustedIdentities\":%s")),
			   cases[i].stores, cases[i].identities);
		refuse(buf_cstr(&text), NOTATION_OCI, cases[i].names);
	}
}

static void
scopes_can_be_wrong(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"h",
		"h/",
		"/a",
		"h//a",
		"h/a/",
		"h/A",
		"h/a:v1",
		"h/a@sha256:00",
		"https://h/a",
		"h/*",
		"*/a",
		"h/a*",
		"h /a",
		"h/a ",
		"h:/a",
		"h:x/a",
		"h:1:2/a",
		"-h/a",
		"h-/a",
		"h./a",
		".h/a",
		"h..i/a",
		"h_i/a",
		"h/.a",
		"h/a.",
		"h/a..b",
		"h/a___b",
		"h/a._b",
		"h/a-",
		"h/../a",
		"[::1]/a",
		"oci:/a",
		"h/a?b",
		"h/a%20",
		"h\xc3\xa9/a",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };

		buf_printf(&text, DOCUMENT(STATEMENT("n", "\"%s\"", TRUST)), bad[i]);
		refuse(buf_cstr(&text), NOTATION_OCI, "registryScopes[0]");
	}
}

static void
scopes_of_each_shape_are_taken(void **state)
{
	(void)state;
	static const char *const good[] = {
		"*",
		"h/a",
		"H/a",
		"h-i.j0:5000/a/b",
		"h/a.b_c__d-e--f",
		"local/a",
		"1.2.3.4/0",
		"docker.io/library/nginx",
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		struct asked asked = { "" };

		buf_printf(&text, DOCUMENT(STATEMENT("n", "\"%s\"", TRUST)), good[i]);
		NOTAR_AUTO(policy) *policy = translate(buf_cstr(&text), NOTATION_OCI, &asked);

		assert_string_equal(policy->rules[0].scope, good[i]);
	}
}

static void
scopes_together_can_be_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ DOCUMENT("{\"name\":\"n\"," LEVEL("strict") "," TRUST "}"), "registryScopes" },
		{ DOCUMENT(STATEMENT("n", "", TRUST)), "registryScopes" },
		{ DOCUMENT(STATEMENT("n", "7", TRUST)), "registryScopes[0]" },
		{ DOCUMENT(STATEMENT("n", "\"*\",\"h/a\"", TRUST)), "must stand alone" },
		{ DOCUMENT(STATEMENT("n", "\"h/a\",\"*\"", TRUST)), "must stand alone" },
		{ DOCUMENT(STATEMENT("n", "\"h/a\",\"h/a\"", TRUST)), "h/a stands twice" },
		{ DOCUMENT(STATEMENT("n", "\"h/a\"", TRUST) "," STATEMENT("m", "\"h/a\"", TRUST)),
		  "h/a stands twice" },
		{ DOCUMENT(STATEMENT("n", "\"h/a\"", TRUST) "," SKIPPED("m", "\"h/a\"", "")),
		  "h/a stands twice" },
		{ DOCUMENT(STATEMENT("n", "\"*\"", TRUST) "," STATEMENT("m", "\"*\"", TRUST)),
		  "* stands twice" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++)
		refuse(cases[i].text, NOTATION_OCI, cases[i].names);
}

static void
statements_for_blobs_can_be_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ DOCUMENT(BLOB("n", "\"globalPolicy\":\"true\",")), "globalPolicy" },
		{ DOCUMENT(BLOB("n", "\"globalpolicy\":true,")), "written \"globalPolicy\"" },
		{ DOCUMENT(BLOB("n", "\"globalPolicy\":true,") "," BLOB("m",
									"\"globalPolicy\":true,")),
		  "second global" },
		{ DOCUMENT("{\"name\":\"n\",\"globalPolicy\":true," LEVEL("skip") "}"),
		  "level skip for the global" },
		{ DOCUMENT(BLOB("n", "") "," BLOB("n", "")), "stands twice" },
		{ DOCUMENT(BLOB("a/*", "")), "name" },
		{ DOCUMENT(BLOB("a b", "")), "name" },
		{ DOCUMENT(BLOB("a/", "")), "name" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++)
		refuse(cases[i].text, NOTATION_BLOB, cases[i].names);
}

static void
what_would_be_too_large_a_policy_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) text = { 0 };

	buf_append_str(&text, "{\"version\":\"1.0\",\"trustPolicies\":[");
	for (int i = 0; i < 1000; i++)
		buf_printf(&text,
			   "%s" STATEMENT(
				   "n%d", "\"h/a%d\"",
				   "\"trustStores\":[\"ca:a\",\"ca:b\",\"ca:c\",\"ca:d\",\"ca:e\","
				   "\"ca:f\",\"ca:g\",\"ca:h\",\"ca:i\",\"ca:j\",\"ca:k\"],"
				   "\"trustedIdentities\":[\"*\"]"),
			   i == 0 ? "" : ",", i, i);
	buf_append_str(&text, "]}");
	NOTAR_AUTO_OF(buf) out = { 0 };
	struct notar_error err = { 0 };
	struct asked asked = { "" };

	assert_true(notation_is_document(buf_span(&text)));
	assert_int_equal(
		notation_translate(buf_span(&text), NOTATION_OCI, fake_store, &asked, &out, &err),
		NOTAR_E_CONFIG);
	assert_non_null(strstr(err.msg, "the certificates of its trust stores"));
}

static void
our_own_documents_are_not_the_notary_projects(void **state)
{
	(void)state;
	assert_false(notation_is_document(span_str("{\"version\":1,\"rules\":[]}")));
	assert_false(notation_is_document(span_str("{\"a\":{\"trustPolicies\":[]}}")));
	assert_false(notation_is_document(span_str("[\"trustPolicies\"]")));
	assert_false(notation_is_document(span_str("{\"TrustPolicies\":[]}")));
	assert_false(notation_is_document(span_str("trustPolicies")));
	assert_false(notation_is_document(span_str("")));
	assert_true(notation_is_document(span_str("{\"trustPolicies\":7}")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_statement_is_a_signer_and_a_rule_for_each_scope),
		cmocka_unit_test(a_scope_is_exact_and_what_no_scope_covers_is_covered_by_nothing),
		cmocka_unit_test(each_level_is_what_the_specification_says),
		cmocka_unit_test(level_skip_is_a_rule_that_needs_no_signature),
		cmocka_unit_test(stores_are_loaded_once_and_by_type),
		cmocka_unit_test(identities_for_plugins_are_left_out_beside_ours),
		cmocka_unit_test(plugins_that_a_statement_names_may_be_run),
		cmocka_unit_test(plugins_can_be_named_wrongly),
		cmocka_unit_test(members_that_nobody_knows_are_ignored),
		cmocka_unit_test(a_blobs_statement_is_found_by_its_name_and_the_global_one_by_none),
		cmocka_unit_test(a_document_that_is_wrong_is_refused),
		cmocka_unit_test(a_verification_that_is_wrong_is_refused),
		cmocka_unit_test(whom_to_trust_can_be_said_wrongly),
		cmocka_unit_test(scopes_can_be_wrong),
		cmocka_unit_test(scopes_of_each_shape_are_taken),
		cmocka_unit_test(scopes_together_can_be_wrong),
		cmocka_unit_test(statements_for_blobs_can_be_wrong),
		cmocka_unit_test(what_would_be_too_large_a_policy_is_refused),
		cmocka_unit_test(our_own_documents_are_not_the_notary_projects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
