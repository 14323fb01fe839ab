/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy_x509.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/key_fixture.h"
#include "trust/policy.h"

#define STORES "tests/vectors/trust-stores/"
#define ANY "\"identities\":[\"*\"]"
#define NAMED "x509.subject: C=US,ST=WA,O=notar"

/* {"version":1,"rules":[],"signers":{"a":{"x509":TEXT}}}, where $name$ becomes the PEM file name.pem
 * as a JSON string. */
static enum notar_code
load(const char *text, struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) document = { 0 };
	const char *at = text;

	buf_append_str(&document, "{\"version\":1,\"rules\":[],\"signers\":{\"a\":{\"x509\":");
	for (const char *mark; (mark = strchr(at, '$')) != NULL;) {
		char path[128];
		int len = (int)strcspn(mark + 1, "$");

		(void)snprintf(path, sizeof(path), STORES "%.*s.pem", len, mark + 1);
		NOTAR_AUTO_OF(buf) pem = fixture_bytes(path), quoted = { 0 };

		json_put_span(&quoted, buf_span(&pem));
		buf_append(&document, at, (size_t)(mark - at));
		buf_append_span(&document, buf_span(&quoted));
		at = mark + 1 + len + 1;
	}
	buf_append_str(&document, at);
	buf_append_str(&document, "}}}");
	return policy_load(buf_span(&document), out, err);
}

static const struct policy_x509 *
load_good(const char *text, struct policy **out)
{
	struct notar_error err = { 0 };

	if (load(text, out, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal((*out)->signer_count, 1);
	assert_non_null((*out)->signers[0].x509);
	return (*out)->signers[0].x509;
}

static void
what_is_not_said_is_strict(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	const struct policy_x509 *x509 = load_good("{\"ca\":[$ca$]," ANY "}", &policy);

	assert_int_equal(x509->anchors[X509_ANCHOR_CA].count, 1);
	assert_int_equal(x509->anchors[X509_ANCHOR_AUTHORITY].count, 0);
	assert_int_equal(x509->anchors[X509_ANCHOR_TSA].count, 0);
	assert_true(x509->any_identity);
	assert_int_equal(x509->authenticity, X509_ENFORCE);
	assert_int_equal(x509->timestamp, X509_ENFORCE);
	assert_int_equal(x509->expiry, X509_ENFORCE);
	assert_int_equal(x509->revocation, X509_ENFORCE);
	assert_false(x509->timestamp_after_expiry);
	assert_int_equal(x509->plugin_count, 0);
	assert_int_equal(policy->signers[0].count, 0);
}

static void
everything_can_be_said(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	const struct policy_x509 *x509 = load_good(
		"{\"ca\":[$ca$,$intermediate$,$alone$],\"signingAuthority\":[$other$],"
		"\"tsa\":[$ca$,$other$],\"identities\":[\"" NAMED
		"\",\"x509.subject:O=x,C=US,S=WA\"],"
		"\"authenticity\":\"log\",\"authenticTimestamp\":\"log\",\"expiry\":\"log\","
		"\"revocation\":\"skip\",\"verifyTimestamp\":\"afterCertExpiry\","
		"\"plugins\":[\"com.example.plugin\"]}",
		&policy);

	assert_int_equal(x509->anchors[X509_ANCHOR_CA].count, 3);
	assert_int_equal(x509->anchors[X509_ANCHOR_AUTHORITY].count, 1);
	assert_int_equal(x509->anchors[X509_ANCHOR_TSA].count, 2);
	assert_false(x509->any_identity);
	assert_int_equal(x509->identity_count, 2);
	assert_int_equal(x509->authenticity, X509_LOG);
	assert_int_equal(x509->timestamp, X509_LOG);
	assert_int_equal(x509->expiry, X509_LOG);
	assert_int_equal(x509->revocation, X509_SKIP);
	assert_true(x509->timestamp_after_expiry);
	assert_int_equal(x509->plugin_count, 1);
	assert_string_equal(x509->plugins[0], "com.example.plugin");
}

static void
each_member_can_be_wrong_and_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "7", "x509" },
		{ "[]", "x509" },
		{ "{}", "neither ca nor" },
		{ "{" ANY "}", "neither ca nor" },
		{ "{\"tsa\":[$ca$]," ANY "}", "neither ca nor" },
		{ "{\"ca\":[]," ANY "}", "ca: empty" },
		{ "{\"ca\":[$ca$],\"tsa\":[]," ANY "}", "tsa: empty" },
		{ "{\"ca\":$ca$," ANY "}", "x509.ca" },
		{ "{\"ca\":[7]," ANY "}", "ca[0]" },
		{ "{\"ca\":[\"\"]," ANY "}", "ca[0]" },
		{ "{\"ca\":[\"no certificate\"]," ANY "}", "ca[0]" },
		{ "{\"ca\":[$ca$,\"-----BEGIN PUBLIC KEY-----\\nAAAA\\n"
		  "-----END PUBLIC KEY-----\\n\"]," ANY "}",
		  "ca[1]" },
		{ "{\"ca\":[$leaf$]," ANY "}", "neither a CA nor" },
		{ "{\"ca\":[$ca$],\"signingAuthority\":[$leaf$]," ANY "}", "signingAuthority[0]" },
		{ "{\"ca\":[$ca$],\"tsa\":[$leaf$]," ANY "}", "tsa[0]" },
		{ "{\"ca\":[$ca$],\"tsa\":[$alone$]," ANY "}", "not a self-signed CA" },
		{ "{\"ca\":[$ca$],\"tsa\":[$intermediate$]," ANY "}", "not a self-signed CA" },
		{ "{\"ca\":[$ca$]}", "identities" },
		{ "{\"ca\":[$ca$],\"identities\":[]}", "identities: empty" },
		{ "{\"ca\":[$ca$],\"identities\":\"*\"}", "identities" },
		{ "{\"ca\":[$ca$],\"identities\":[7]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"**\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"*\",\"*\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"" NAMED "\",\"*\"]}", "identities[1]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"arn:aws:signer\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"X509.subject: C=US,ST=WA,O=a\"]}",
		  "identities[0]" },
		{ "{\"ca\":[$ca$],\"identities\":[\"x509.subject: C=US\"]}", "no ST" },
		{ "{\"ca\":[$ca$],\"identities\":[\"" NAMED "\",\"" NAMED "\"]}", "overlap" },
		{ "{\"ca\":[$ca$],\"identities\":[\"" NAMED "\",\"" NAMED ",CN=x\"]}", "overlap" },
		{ "{\"ca\":[$ca$],\"identities\":[\"" NAMED ",CN=x\",\"" NAMED "\"]}", "overlap" },
		{ "{\"ca\":[$ca$]," ANY ",\"integrity\":\"enforce\"}", "integrity" },
		{ "{\"ca\":[$ca$]," ANY ",\"authenticity\":\"skip\"}", "authenticity" },
		{ "{\"ca\":[$ca$]," ANY ",\"authenticity\":\"Enforce\"}", "authenticity" },
		{ "{\"ca\":[$ca$]," ANY ",\"authenticTimestamp\":\"skip\"}", "authenticTimestamp" },
		{ "{\"ca\":[$ca$]," ANY ",\"expiry\":\"skip\"}", "expiry" },
		{ "{\"ca\":[$ca$]," ANY ",\"expiry\":7}", "expiry" },
		{ "{\"ca\":[$ca$]," ANY ",\"revocation\":\"none\"}", "revocation" },
		{ "{\"ca\":[$ca$]," ANY ",\"verifyTimestamp\":\"never\"}", "verifyTimestamp" },
		{ "{\"ca\":[$ca$]," ANY ",\"plugins\":\"a\"}", "plugins" },
		{ "{\"ca\":[$ca$]," ANY ",\"plugins\":[7]}", "plugins[0]" },
		{ "{\"ca\":[$ca$]," ANY ",\"plugins\":[\"\"]}", "plugins[0]" },
		{ "{\"ca\":[$ca$]," ANY ",\"plugins\":[\"..\"]}", "plugins[0]" },
		{ "{\"ca\":[$ca$]," ANY ",\"plugins\":[\"../a\"]}", "plugins[0]" },
		{ "{\"ca\":[$ca$]," ANY ",\"CA\":[]}", "CA" },
		{ "{\"ca\":[$ca$],\"plugins\":[],\"identities\":[\"arn:aws:signer\"]}",
		  "no plugin" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"arn:x\",\"*\"]}",
		  "identities[1]" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"arn\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"arn:\"]}",
		  "identities[0]" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\":x\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"\"]}", "identities[0]" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"X509.subject: C=US\"]}",
		  "identities[0]" },
		{ "{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"x509.subject: C=US\"]}",
		  "no ST" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO(policy) *policy = NULL;
		struct notar_error err = { 0 };

		if (load(cases[i].text, &policy, &err) != NOTAR_E_CONFIG ||
		    strstr(err.msg, cases[i].names) == NULL)
			fail_msg("%s: says %s", cases[i].text, err.msg);
		assert_null(policy);
	}
}

static void
identities_of_other_kinds_are_kept_for_the_plugins(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL, *any = NULL;
	const struct policy_x509 *x509 = load_good(
		"{\"ca\":[$ca$],\"plugins\":[\"p\"],\"identities\":[\"arn:aws:signer:x\",\"" NAMED
		"\",\"x509.subject.v2:y\"]}",
		&policy);

	assert_false(x509->any_identity);
	assert_int_equal(x509->identity_count, 1);
	assert_int_equal(x509->identity_text_count, 3);
	assert_string_equal(x509->identity_texts[0], "arn:aws:signer:x");
	assert_string_equal(x509->identity_texts[1], NAMED);
	assert_string_equal(x509->identity_texts[2], "x509.subject.v2:y");
	x509 = load_good("{\"ca\":[$ca$]," ANY "}", &any);
	assert_int_equal(x509->identity_text_count, 1);
	assert_string_equal(x509->identity_texts[0], "*");
}

static void
more_certificates_than_a_store_may_have_are_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) pem = fixture_bytes(STORES "ca.pem"), many = { 0 }, text = { 0 };
	NOTAR_AUTO(policy) *policy = NULL;
	struct notar_error err = { 0 };

	for (int i = 0; i < 1025; i++)
		buf_append_span(&many, buf_span(&pem));
	buf_append_str(&text, "{\"ca\":[");
	json_put_span(&text, buf_span(&many));
	buf_append_str(&text, "]," ANY "}");
	assert_int_equal(load(buf_cstr(&text), &policy, &err), NOTAR_E_CONFIG);
	assert_non_null(strstr(err.msg, "1024"));
}

static void
a_signer_may_have_both_keys_and_certificates(void **state)
{
	(void)state;
	NOTAR_AUTO(policy) *policy = NULL;
	NOTAR_AUTO_OF(buf) pub = fixture_bytes("tests/vectors/openssl-keys/p256.pub"), text = { 0 };

	buf_append_str(&text, "{\"ca\":[$ca$]," ANY "},\"keys\":[");
	json_put_span(&text, buf_span(&pub));
	buf_append_str(&text, "],\"x509\":null");
	struct notar_error err = { 0 };

	/* The name twice: refused as every name that stands twice. */
	assert_int_equal(load(buf_cstr(&text), &policy, &err), NOTAR_E_CONFIG);
	buf_cut(&text, text.len - strlen(",\"x509\":null"));
	if (load(buf_cstr(&text), &policy, &err) != NOTAR_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(policy->signers[0].count, 1);
	assert_non_null(policy->signers[0].x509);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_strict),
		cmocka_unit_test(everything_can_be_said),
		cmocka_unit_test(each_member_can_be_wrong_and_is_named),
		cmocka_unit_test(identities_of_other_kinds_are_kept_for_the_plugins),
		cmocka_unit_test(more_certificates_than_a_store_may_have_are_refused),
		cmocka_unit_test(a_signer_may_have_both_keys_and_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
