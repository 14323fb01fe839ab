/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/bundle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/limits.h"
#include "tests/lib/envelope_fixture.h"

#define DSSE                                                                                       \
	"\"dsseEnvelope\":{\"payload\":\"e30=\",\"payloadType\":\"t\",\"signatures\":[{\"sig\":"   \
	"\"AQID\"}]}"
#define MATERIAL "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"aGludA==\"}}"
#define TYPE "\"mediaType\":\"" BUNDLE_TYPE "\""

static void
a_bundle_made_with_a_key_is_read(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(bundle) bundle = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(bundle_parse(span_str("{" TYPE "," MATERIAL "," DSSE "}"), &bundle, &err),
			 NOTAR_OK);
	assert_int_equal(bundle.material, BUNDLE_PUBLIC_KEY);
	assert_true(bundle.is_dsse);
	assert_true(span_is(buf_span(&bundle.hint), "aGludA=="));
}

static void
what_breaks_the_form_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{" TYPE "}",
		"{" TYPE "," MATERIAL "}",
		"{" TYPE "," DSSE "}",
		"{" MATERIAL "," DSSE "}",
		"{" TYPE "," MATERIAL "," DSSE ",\"x\":1}",
		"{" TYPE "," TYPE "," MATERIAL "," DSSE "}",
		"{" TYPE "," MATERIAL "," DSSE ",\"messageSignature\":{\"signature\":\"AQID\"}}",
		"{" TYPE ",\"verificationMaterial\":{}," DSSE "}",
		"{" TYPE ",\"verificationMaterial\":{\"publicKey\":{},\"certificate\":{}}," DSSE
		"}",
		"{" TYPE ",\"verificationMaterial\":{\"publicKey\":{\"hint\":7}}," DSSE "}",
		"{" TYPE ",\"verificationMaterial\":{\"publicKey\":{\"raw\":\"x\"}}," DSSE "}",
		"{" TYPE ",\"verificationMaterial\":{\"publicKey\":{},\"tlogEntries\":7}," DSSE "}",
		"{" TYPE ",\"verificationMaterial\":{\"publicKey\":{},"
		"\"timestampVerificationData\":{\"other\":[]}}," DSSE "}",
		"{" TYPE "," MATERIAL ",\"messageSignature\":{}}",
		"{" TYPE "," MATERIAL ",\"messageSignature\":{\"signature\":\"AQID\","
		"\"messageDigest\":{\"algorithm\":\"MD5\",\"digest\":\"AQID\"}}}",
		"{" TYPE "," MATERIAL ",\"messageSignature\":{\"signature\":\"AQID\","
		"\"messageDigest\":{\"algorithm\":\"SHA2_256\",\"digest\":\"AQID\"}}}",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(bundle) bundle = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(bundle_parse(span_str(bad[i]), &bundle, &err), NOTAR_E_FORMAT);
		assert_null(bundle.hint.ptr);
		assert_true(err.msg[0] != '\0');
	}
}

static void
a_media_type_of_tomorrow_is_unsupported_not_guessed(void **state)
{
	(void)state;
	static const char *const types[] = {
		"application/vnd.dev.sigstore.bundle.v0.4+json",
		"application/vnd.dev.sigstore.bundle+json;version=0.9",
		"application/json",
		"",
	};

	for (size_t i = 0; i < NOTAR_COUNT(types); i++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO_OF(bundle) bundle = { 0 };
		struct notar_error err = { 0 };

		buf_printf(&text, "{\"mediaType\":\"%s\"," MATERIAL "," DSSE "}", types[i]);
		assert_int_equal(bundle_parse(buf_span(&text), &bundle, &err), NOTAR_E_UNSUPPORTED);
	}
}

static enum notar_code
parse_with_entries(const char *before, const char *after, size_t count)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO_OF(bundle) bundle = { 0 };
	struct notar_error err = { 0 };

	buf_printf(&text, "{" TYPE "," DSSE ",\"verificationMaterial\":{\"publicKey\":{},%s[",
		   before);
	for (size_t i = 0; i < count; i++)
		buf_append_str(&text, i == 0 ? "{}" : ",{}");
	buf_printf(&text, "]%s}}", after);
	return bundle_parse(buf_span(&text), &bundle, &err);
}

static void
cve_2024_45395_log_entries_and_timestamps_are_bounded(void **state)
{
	(void)state;
	static const char stamps[] = "\"timestampVerificationData\":{\"rfc3161Timestamps\":";

	/* So many are looked at, and found to be no entries; of more the first is not. */
	assert_int_equal(parse_with_entries("\"tlogEntries\":", "", LIMIT_BUNDLE_TLOG_ENTRIES),
			 NOTAR_E_FORMAT);
	assert_int_equal(parse_with_entries("\"tlogEntries\":", "", LIMIT_BUNDLE_TLOG_ENTRIES + 1),
			 NOTAR_E_LIMIT);
	assert_int_equal(parse_with_entries(stamps, "}", LIMIT_BUNDLE_TIMESTAMPS), NOTAR_E_FORMAT);
	assert_int_equal(parse_with_entries(stamps, "}", LIMIT_BUNDLE_TIMESTAMPS + 1),
			 NOTAR_E_LIMIT);
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_signer();
	struct notar_digest digest = fixture_digest("hello");
	NOTAR_AUTO_OF(buf) good = fixture_bundle(key, &digest);

	for (size_t len = 0; len < good.len; len++) {
		NOTAR_AUTO_OF(bundle) bundle = { 0 };

		assert_int_not_equal(bundle_parse(span_of(good.ptr, len), &bundle, NULL), NOTAR_OK);
	}
}

/* Golden: what is published must not change by accident. The key is the fixture's. */
static void
what_we_write_is_byte_for_byte_the_golden_bundle(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_signer();
	struct notar_digest digest = fixture_digest("hello");
	NOTAR_AUTO_OF(buf) made = fixture_bundle(key, &digest);
	NOTAR_AUTO_OF(buf) golden = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(file_read("tests/golden/bundle.json", 1U << 20, &golden, &err), NOTAR_OK);
	buf_append_byte(&made, '\n');
	assert_true(span_equal(buf_span(&made), buf_span(&golden)));
}

static void
a_blobs_bundle_reads_back_with_its_digest(void **state)
{
	(void)state;
	NOTAR_AUTO(key) *key = fixture_signer();
	struct notar_digest digest = fixture_digest("hello");
	NOTAR_AUTO_OF(buf) text = { 0 };
	NOTAR_AUTO_OF(bundle) bundle = { 0 };
	struct notar_error err = { 0 };

	bundle_write_message(span_of(key_id(key), KEY_ID_BYTES), &digest, span_str("sig"), &text);
	assert_int_equal(bundle_parse(buf_span(&text), &bundle, &err), NOTAR_OK);
	assert_false(bundle.is_dsse);
	assert_true(notar_digest_equal(&bundle.message_digest, &digest));
	assert_true(span_is(buf_span(&bundle.message_signature), "sig"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_made_with_a_key_is_read),
		cmocka_unit_test(what_breaks_the_form_is_refused),
		cmocka_unit_test(a_media_type_of_tomorrow_is_unsupported_not_guessed),
		cmocka_unit_test(cve_2024_45395_log_entries_and_timestamps_are_bounded),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(what_we_write_is_byte_for_byte_the_golden_bundle),
		cmocka_unit_test(a_blobs_bundle_reads_back_with_its_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
