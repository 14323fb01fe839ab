/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/jws.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/limits.h"
#include "envelope/notary_header.h"
#include "tests/lib/key_fixture.h"
#include "tests/lib/notary_fixture.h"

#define CRIT "\"crit\":[\"" NOTARY_SCHEME "\",\"" NOTARY_EXPIRY "\"]"
#define CTY "\"cty\":\"" NOTARY_PAYLOAD_TYPE "\""
#define EXPIRES "\"" NOTARY_EXPIRY "\":\"2024-11-13T22:13:20Z\""
#define SCHEME "\"" NOTARY_SCHEME "\":\"notary.x509\""
#define SIGNED "\"" NOTARY_SIGNING_TIME "\":\"2023-11-14T22:13:20Z\""
#define PROTECTED "{\"alg\":\"ES256\"," CRIT "," CTY "," EXPIRES "," SCHEME "," SIGNED "}"

/* One change to a good text, and a word of what is said of it. */
struct change {
	const char *from, *to, *word;
};

/* An envelope around a protected header. */
static struct buf envelope_of(struct span protected)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct buf out = { 0 };

	fixture_certificates(&chain, 1);
	base64url_append(&text, protected);
	jws_write(buf_span(&text), span_str(FIXTURE_PAYLOAD), span_str("signature"), &chain,
		  span_str("token"), "notar/1", &out);
	return out;
}

static void
expect_refused(struct span bytes, const char *word, const char *what)
{
	static const struct notary_envelope nothing;
	struct notary_envelope read = { 0 };
	struct notar_error err = { 0 };
	enum notar_code code = jws_parse(bytes, &read, &err);

	if (code != NOTAR_E_FORMAT || strstr(err.msg, word) == NULL)
		fail_msg("%s: %d, says \"%s\", not \"%s\"", what, code, err.msg, word);
	assert_memory_equal(&read, &nothing, sizeof(nothing));
}

/* Reads an envelope whose protected header has the change. */
static void
expect_header_refused(const struct change *change)
{
	NOTAR_AUTO_OF(buf)
	protected =
		fixture_replaced(span_str(PROTECTED), span_str(change->from), span_str(change->to));
	NOTAR_AUTO_OF(buf) bytes = envelope_of(buf_span(&protected));

	expect_refused(buf_span(&bytes), change->word, change->to);
}

static void
read_header(const char *from, const char *to, struct notary_envelope *out)
{
	NOTAR_AUTO_OF(buf)
	protected = fixture_replaced(span_str(PROTECTED), span_str(from), span_str(to));
	NOTAR_AUTO_OF(buf) bytes = envelope_of(buf_span(&protected));
	struct notar_error err = { 0 };

	if (jws_parse(buf_span(&bytes), out, &err) != NOTAR_OK)
		fail_msg("%s: %s", to, err.msg);
}

static void
what_is_signed_has_the_golden_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) protected = { 0 }, tbs = { 0 }, decoded = { 0 };
	const struct notary_draft draft = fixture_draft();

	jws_write_protected(&draft, &protected);
	jws_write_tbs(buf_span(&protected), draft.payload, &tbs);
	assert_int_equal(draft.payload.len, 170);
	assert_int_equal(base64url_decode(buf_span(&protected), &decoded, "protected", NULL),
			 NOTAR_OK);
	assert_int_equal(decoded.len, 275);
	assert_string_equal(buf_cstr(&decoded), PROTECTED);
	assert_int_equal(tbs.len, 595);
	fixture_expect_sha256(buf_span(&tbs),
			      "b0f70a0b28fff81c272e1646c1084dccc52e9a7beba4e7b34e4a06fde96fe6de");
}

static void
an_authority_s_header_has_its_time_in_crit_and_no_other_time(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) protected = { 0 }, decoded = { 0 };
	struct notary_draft draft = fixture_draft();

	draft.scheme = NOTARY_X509_AUTHORITY;
	draft.expires_s = 0;
	jws_write_protected(&draft, &protected);
	assert_int_equal(base64url_decode(buf_span(&protected), &decoded, "protected", NULL),
			 NOTAR_OK);
	assert_string_equal(buf_cstr(&decoded),
			    "{\"alg\":\"ES256\",\"crit\":[\"" NOTARY_SCHEME
			    "\",\"" NOTARY_AUTHENTIC_TIME "\"]," CTY ",\"" NOTARY_AUTHENTIC_TIME
			    "\":\"2023-11-14T22:13:20Z\",\"" NOTARY_SCHEME
			    "\":\"notary.x509.signingAuthority\"}");
}

static void
what_is_written_reads_as_it_was_meant(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) bytes = envelope_of(span_str(PROTECTED));
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	assert_int_equal(jws_parse(buf_span(&bytes), &read, NULL), NOTAR_OK);
	assert_int_equal(read.format, FACT_JWS);
	assert_string_equal(read.suite->jws, "ES256");
	assert_int_equal(read.scheme, NOTARY_X509);
	assert_int_equal(read.signed_s, FIXTURE_SIGNED_S);
	assert_int_equal(read.expires_s, FIXTURE_EXPIRES_S);
	assert_true(span_is(buf_span(&read.payload), FIXTURE_PAYLOAD));
	assert_true(span_is(buf_span(&read.signature), "signature"));
	assert_true(span_is(buf_span(&read.timestamp), "token"));
	assert_true(span_is(buf_span(&read.agent), "notar/1"));
	assert_int_equal(read.chain.count, 1);
	assert_int_equal(read.plugin.len, 0);
	assert_int_equal(read.extra_count, 0);
	fixture_expect_sha256(buf_span(&read.to_be_signed),
			      "b0f70a0b28fff81c272e1646c1084dccc52e9a7beba4e7b34e4a06fde96fe6de");
}

static void
an_envelope_of_notation_is_read_and_its_signature_holds(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) bytes = fixture_bytes("tests/fuzz/corpus/jws/notation-p256");
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };
	const struct key *key = NULL;

	assert_int_equal(jws_parse(buf_span(&bytes), &read, NULL), NOTAR_OK);
	assert_int_equal(cert_key(read.chain.certs[0], &key, NULL), NOTAR_OK);
	assert_int_equal(key_verify(key, buf_span(&read.to_be_signed), buf_span(&read.signature),
				    SIG_RAW, NULL),
			 NOTAR_OK);
	read.to_be_signed.ptr[0] ^= 1;
	assert_int_equal(key_verify(key, buf_span(&read.to_be_signed), buf_span(&read.signature),
				    SIG_RAW, NULL),
			 NOTAR_E_SIGNATURE);
}

static void
each_rule_for_crit_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ CRIT ",", "", "crit: absent" },
		{ CRIT, "\"crit\":[]", "crit: absent or empty" },
		{ CRIT, "\"crit\":null", "crit" },
		{ CRIT, "\"crit\":\"" NOTARY_SCHEME "\"", "crit" },
		{ CRIT, "\"crit\":[\"" NOTARY_SCHEME "\",\"" NOTARY_EXPIRY "\",7]", "crit[2]" },
		{ CRIT, "\"crit\":[\"" NOTARY_EXPIRY "\"]", NOTARY_SCHEME " is not listed" },
		{ CRIT, "\"crit\":[\"" NOTARY_SCHEME "\"]", NOTARY_EXPIRY " is not listed" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_SCHEME "\",", "twice" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_EXPIRY "\",", "twice" },
		{ "\"crit\":[", "\"crit\":[\"alg\",", "\"alg\" is absent, or may not" },
		{ "\"crit\":[", "\"crit\":[\"cty\",", "\"cty\" is absent, or may not" },
		{ "\"crit\":[", "\"crit\":[\"crit\",", "\"crit\" is absent, or may not" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_SIGNING_TIME "\",", "may not be listed" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_AUTHENTIC_TIME "\",", "is absent" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_PLUGIN "\",", "is absent" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_PLUGIN_MIN "\",", "is absent" },
		{ "\"crit\":[", "\"crit\":[\"" NOTARY_TIMESTAMP "\",", "is absent" },
		{ "\"crit\":[", "\"crit\":[\"x5c\",", "is absent" },
		{ "\"crit\":[", "\"crit\":[\"extension\",", "is absent" },
		{ "\"crit\":[", "\"crit\":[\"\",", "is absent" },
		{ EXPIRES ",", "", NOTARY_EXPIRY "\" is absent" },
		{ "{", "{\"" NOTARY_PLUGIN "\":\"a\",", NOTARY_PLUGIN " is not listed" },
		{ "{", "{\"" NOTARY_PLUGIN_MIN "\":\"1.0.0\",", NOTARY_PLUGIN_MIN " is not" },
		{ "{\"alg\":\"ES256\",\"crit\":[",
		  "{\"alg\":\"ES256\",\"a\":1,\"crit\":[\"a\",\"a\",", "\"a\" twice" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(changes); i++)
		expect_header_refused(&changes[i]);
}

static void
each_rule_for_scheme_and_times_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ SCHEME ",", "", "signingScheme" },
		{ "notary.x509", "notary.X509", "signingScheme" },
		{ "notary.x509", "notary.x509.", "signingScheme" },
		{ "\"notary.x509\"", "null", "signingScheme" },
		{ "\"notary.x509\"", "7", "signingScheme" },
		{ "," SIGNED, "", "signing time not present" },
		{ SIGNED, "\"" NOTARY_AUTHENTIC_TIME "\":\"2023-11-14T22:13:20Z\"", "other" },
		{ "\"notary.x509\"", "\"notary.x509.signingAuthority\"", "other" },
		{ "2024-11-13T22:13:20Z", "2023-11-14T22:13:20Z", "not after" },
		{ "2024-11-13T22:13:20Z", "2023-11-14T22:13:19Z", "not after" },
		{ "2024-11-13T22:13:20Z", "2023-11-14T23:13:20+01:00", "not after" },
		{ "2023-11-14T22:13:20Z", "2023-11-14T22:13:20", "signingTime" },
		{ "2023-11-14T22:13:20Z", "2023-11-14 22:13:20Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "2023-11-14T24:00:00Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "2023-11-14T22:13:60Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "2023-02-29T22:13:20Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "0000-11-14T22:13:20Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "12023-11-14T22:13:20Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.Z", "signingTime" },
		{ "2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z ", "signingTime" },
		{ "\"2023-11-14T22:13:20Z\"", "1700000000", "signingTime" },
		{ "\"2023-11-14T22:13:20Z\"", "null", "signingTime" },
		{ "\"2024-11-13T22:13:20Z\"", "null", "expiry" },
		{ "\"2024-11-13T22:13:20Z\"", "\"\"", "expiry" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(changes); i++)
		expect_header_refused(&changes[i]);
}

/* It would otherwise be 0, which says "never". */
static void
an_expiry_at_the_epoch_does_not_read_as_none(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf)
	early = fixture_replaced(span_str(PROTECTED), span_str("2024-11-13T22:13:20Z"),
				 span_str("1970-01-01T00:00:00Z"));
	NOTAR_AUTO_OF(buf)
	both = fixture_replaced(buf_span(&early), span_str("2023-11-14T22:13:20Z"),
				span_str("1969-12-31T00:00:00Z"));
	NOTAR_AUTO_OF(buf) bytes = envelope_of(buf_span(&both));

	expect_refused(buf_span(&bytes), "before 1970", "an expiry at the epoch");
}

static void
each_rule_for_the_protected_header_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ PROTECTED, "", "protected" },
		{ PROTECTED, "[]", "protected" },
		{ PROTECTED, "null", "protected" },
		{ PROTECTED, PROTECTED " {}", "protected" },
		{ PROTECTED, "\xef\xbb\xbf" PROTECTED, "protected" },
		{ "\"alg\":\"ES256\",", "", "alg: absent" },
		{ "ES256", "none", "alg" },
		{ "ES256", "HS256", "alg" },
		{ "ES256", "RS256", "alg" },
		{ "ES256", "ES256K", "alg" },
		{ "ES256", "EdDSA", "alg" },
		{ "ES256", "es256", "alg" },
		{ "ES256", "", "alg" },
		{ "\"ES256\"", "-7", "alg" },
		{ "{", "{\"alg\":\"ES256\",", "duplicate" },
		{ "{", "{\"" NOTARY_SCHEME "\":\"notary.x509\",", "duplicate" },
		{ "{", "{\"a\":{\"b\":1,\"b\":2},", "\"b\"" },
		{ "{", "{\"a\":\"\\u0000\",", "protected" },
		{ "{", "{\"x5c\":[],", "in both headers" },
		{ "{", "{\"x5c\":null,", "in both headers" },
		{ "{", "{\"" NOTARY_AGENT "\":false,", "in both headers" },
		{ CTY ",", "", "content type" },
		{ NOTARY_PAYLOAD_TYPE, "application/json", "content type" },
		{ NOTARY_PAYLOAD_TYPE, NOTARY_PAYLOAD_TYPE ";a=b", "content type" },
		{ CTY, "\"cty\":7", "cty" },
		{ "{", "{\"" NOTARY_PLUGIN "\":\"\",", "blank" },
		{ "{", "{\"" NOTARY_PLUGIN "\":\" a\",", "blank" },
		{ "{", "{\"" NOTARY_PLUGIN "\":null,", "verificationPlugin" },
		{ "{", "{\"" NOTARY_PLUGIN_MIN "\":\"\",", "blank" },
		{ "{", "{\"" NOTARY_PLUGIN_MIN "\":1,", "verificationPluginMinVersion" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(changes); i++)
		expect_header_refused(&changes[i]);
}

static void
every_algorithm_of_the_notary_project_is_read(void **state)
{
	(void)state;
	static const char *const names[] = { "PS256", "PS384", "PS512", "ES256", "ES384", "ES512" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		NOTAR_AUTO_OF(notary_envelope) read = { 0 };

		read_header("ES256", names[i], &read);
		assert_string_equal(read.suite->jws, names[i]);
	}
}

static void
times_are_read_with_any_offset_and_fraction(void **state)
{
	(void)state;
	static const char *const times[] = { "2023-11-15T06:13:20+08:00",
					     "2023-11-14T14:13:20-08:00",
					     "2023-11-14T22:13:20.999Z" };

	for (size_t i = 0; i < NOTAR_COUNT(times); i++) {
		NOTAR_AUTO_OF(notary_envelope) read = { 0 };

		read_header("2023-11-14T22:13:20Z", times[i], &read);
		assert_int_equal(read.signed_s, FIXTURE_SIGNED_S);
	}
}

static void
plugins_and_other_attributes_are_kept_with_whether_they_are_critical(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	read_header("\"crit\":[",
		    "\"" NOTARY_PLUGIN "\":\"com.example\",\"" NOTARY_PLUGIN_MIN
		    "\":\"1.2.3\",\"first\":{\"a\":[1,null]},\"second\":\"\xe2\x82\xac\","
		    "\"crit\":[\"" NOTARY_PLUGIN "\",\"second\",\"" NOTARY_PLUGIN_MIN "\",",
		    &read);
	assert_true(span_is(buf_span(&read.plugin), "com.example"));
	assert_true(span_is(buf_span(&read.plugin_min_version), "1.2.3"));
	assert_int_equal(read.extra_count, 2);
	assert_true(span_is(buf_span(&read.extras[0].name), "first"));
	assert_true(span_is(buf_span(&read.extras[0].value), "{\"a\":[1,null]}"));
	assert_false(read.extras[0].critical);
	assert_true(span_is(buf_span(&read.extras[1].value), "\"\xe2\x82\xac\""));
	assert_true(read.extras[1].critical);
}

static void
each_rule_for_the_envelope_s_form_is_enforced_alone(void **state)
{
	(void)state;
	static const struct change changes[] = {
		{ "{", "[", "jws" },
		{ "{", "", "jws" },
		{ "{", "{\"kid\":\"a\",", "kid" },
		{ "{", "{\"signatures\":[],", "signatures" },
		{ "{", "{\"payload\":\"e30\",", "payload" },
		{ "\"payload\":", "\"Payload\":", "Payload" },
		{ "\"payload\":\"", "\"payload\":\"=", "payload" },
		{ "\"payload\":\"", "\"payload\":\" ", "payload" },
		{ "\"payload\":\"", "\"payload\":\"+", "payload" },
		{ "\"payload\":\"", "\"payload\":\"e.", "payload" },
		{ "\"payload\":\"", "\"payload\":\"AAA", "payload" },
		{ "\"protected\":\"", "\"protected\":\"/", "protected" },
		{ "\"protected\":\"", "\"protected\":\"AAAA", "protected" },
		{ "\"protected\":", "\"protected\":null,\"signature\":", "signature" },
		{ "\"header\":", "\"header\":[],\"protecteD\":", "protecteD" },
		{ "\"header\":{", "\"header\":7,\"x\":{", "\"x\"" },
		{ "\"signature\":\"c2lnbmF0dXJl\"", "\"signature\":\"\"", "signature" },
		{ "\"signature\":\"c2lnbmF0dXJl\"", "\"signature\":null", "signature" },
		{ ",\"signature\":\"c2lnbmF0dXJl\"", "", "signature" },
		{ "c2lnbmF0dXJl", "c2lnbmF0dXJ", "signature" },   /* left-over bits */
		{ "c2lnbmF0dXJl", "c2lnbmF0dXJlA", "signature" }, /* 4n+1 */
		{ "c2lnbmF0dXJl", "c2lnbmF0dXJl==", "signature" },
		{ "c2lnbmF0dXJl", "c2lnbmF0\\ndXJl", "signature" },
		{ "c2lnbmF0dXJl\"}", "c2lnbmF0dXJl\"}{}", "jws" },
		{ "\"x5c\":[", "\"X5C\":[", "x5c" },
		{ "\"x5c\":[", "\"x5c\":[],\"a\":[", "x5c: empty" },
		{ "\"x5c\":[", "\"x5c\":[null,", "x5c[0]" },
		{ "\"x5c\":[", "\"x5c\":[\"\",", "certificate" },
		{ "\"x5c\":[", "\"x5c\":[\"AAAA\",", "certificate" },
		{ "\"x5c\":[\"", "\"x5c\":[\"\\n", "x5c[0]" },
		{ "\"x5c\":[", "\"x5c\":\"AAAA\",\"a\":[", "x5c" },
		{ "dG9rZW4=", "dG9rZW4", NOTARY_TIMESTAMP },
		{ "dG9rZW4=", "dG9rZW5=", NOTARY_TIMESTAMP },
		{ "\"dG9rZW4=\"", "7", NOTARY_TIMESTAMP },
		{ "\"notar/1\"", "[]", NOTARY_AGENT },
		{ "\"header\":{", "\"header\":{\"alg\":\"ES256\",", "in both headers" },
		{ "\"header\":{", "\"header\":{\"alg\":null,", "in both headers" },
		{ "\"header\":{", "\"header\":{\"crit\":[],", "in both headers" },
	};
	NOTAR_AUTO_OF(buf) good = envelope_of(span_str(PROTECTED));

	for (size_t i = 0; i < NOTAR_COUNT(changes); i++) {
		NOTAR_AUTO_OF(buf)
		bytes = fixture_replaced(buf_span(&good), span_str(changes[i].from),
					 span_str(changes[i].to));

		expect_refused(buf_span(&bytes), changes[i].word, changes[i].to);
	}
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) good = envelope_of(span_str(PROTECTED));

	for (size_t len = 0; len < good.len; len++)
		expect_refused(span_of(good.ptr, len), "", "a truncation");
}

static void
the_compact_form_and_many_dots_are_refused_as_in_cve_2025_30204(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) dots = { 0 }, good = envelope_of(span_str(PROTECTED));

	expect_refused(span_str("e30.e30.c2lnbmF0dXJl"), "jws", "compact form");
	for (size_t i = 0; i < 100000; i++)
		buf_append_byte(&dots, '.');
	expect_refused(buf_span(&dots), "jws", "dots");
	NOTAR_AUTO_OF(buf)
	inside = fixture_replaced(buf_span(&good), span_str("c2lnbmF0dXJl"), buf_span(&dots));

	expect_refused(buf_span(&inside), "signature", "dots in the signature");
}

/* A header of so many more attributes, or an envelope of so many certificates. */
static enum notar_code
parse_many(size_t attributes, size_t certificates)
{
	NOTAR_AUTO_OF(buf) header = { 0 }, text = { 0 }, bytes = { 0 };
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	fixture_certificates(&chain, certificates);
	buf_append_byte(&header, '{');
	for (size_t i = 0; i < attributes; i++)
		buf_printf(&header, "\"a%zu\":0,", i);
	buf_append_str(&header, &PROTECTED[1]);
	base64url_append(&text, buf_span(&header));
	jws_write(buf_span(&text), span_str(FIXTURE_PAYLOAD), span_str("s"), &chain,
		  (struct span){ 0 }, "a", &bytes);
	return jws_parse(buf_span(&bytes), &read, NULL);
}

static void
attributes_certificates_and_bytes_have_limits(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) large = { 0 };
	NOTAR_AUTO_OF(notary_envelope) read = { 0 };

	assert_int_equal(parse_many(NOTARY_ATTRIBUTES_MAX, 1), NOTAR_OK);
	assert_int_equal(parse_many(NOTARY_ATTRIBUTES_MAX + 1, 1), NOTAR_E_LIMIT);
	assert_int_equal(parse_many(0, LIMIT_CHAIN_CERTIFICATES), NOTAR_OK);
	assert_int_not_equal(parse_many(0, LIMIT_CHAIN_CERTIFICATES + 1), NOTAR_OK);
	for (size_t i = 0; i <= LIMIT_NOTARY_ENVELOPE_BYTES; i++)
		buf_append_byte(&large, ' ');
	assert_int_equal(jws_parse(buf_span(&large), &read, NULL), NOTAR_E_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_has_the_golden_bytes),
		cmocka_unit_test(an_authority_s_header_has_its_time_in_crit_and_no_other_time),
		cmocka_unit_test(what_is_written_reads_as_it_was_meant),
		cmocka_unit_test(an_envelope_of_notation_is_read_and_its_signature_holds),
		cmocka_unit_test(each_rule_for_crit_is_enforced_alone),
		cmocka_unit_test(each_rule_for_scheme_and_times_is_enforced_alone),
		cmocka_unit_test(an_expiry_at_the_epoch_does_not_read_as_none),
		cmocka_unit_test(each_rule_for_the_protected_header_is_enforced_alone),
		cmocka_unit_test(every_algorithm_of_the_notary_project_is_read),
		cmocka_unit_test(times_are_read_with_any_offset_and_fraction),
		cmocka_unit_test(
			plugins_and_other_attributes_are_kept_with_whether_they_are_critical),
		cmocka_unit_test(each_rule_for_the_envelope_s_form_is_enforced_alone),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(the_compact_form_and_many_dots_are_refused_as_in_cve_2025_30204),
		cmocka_unit_test(attributes_certificates_and_bytes_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
