/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/bundle_write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"

static const struct span entries[] = { { (const uint8_t *)"{\"logIndex\":\"7\"}", 16 } };
static const struct span stamps[] = { { (const uint8_t *)"\1\2\3", 3 } };
static const struct bundle_material_parts parts = { .leaf = { (const uint8_t *)"leaf", 4 },
						    .entries = entries,
						    .entry_count = 1,
						    .stamps = stamps,
						    .stamp_count = 1 };

static void
an_envelope_goes_beside_its_certificate_entries_and_timestamps(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) out = { 0 };

	bundle_write_keyless_dsse(&parts, span_str("{}"), span_of("\1\2\3", 3), &out);
	assert_non_null(strstr(
		buf_cstr(&out),
		"{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
		"\"verificationMaterial\":{\"certificate\":{\"rawBytes\":\"bGVhZg==\"},"
		"\"tlogEntries\":[{\"logIndex\":\"7\"}],\"timestampVerificationData\":{"
		"\"rfc3161Timestamps\":[{\"signedTimestamp\":\"AQID\"}]}},\"dsseEnvelope\":{"));
}

static void
a_blob_s_bundle_has_its_digest_and_signature(void **state)
{
	(void)state;
	const struct notar_digest digest = digest_of(NOTAR_SHA256, span_str("hello"));
	NOTAR_AUTO_OF(buf) out = { 0 };

	bundle_write_keyless_message(&parts, &digest, span_of("\1\2\3", 3), &out);
	assert_non_null(strstr(buf_cstr(&out),
			       "\"messageSignature\":{\"messageDigest\":{\"algorithm\":"
			       "\"SHA2_256\",\"digest\":"
			       "\"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\"},"
			       "\"signature\":\"AQID\"}}"));
}

static void
lists_without_members_are_left_out(void **state)
{
	(void)state;
	const struct bundle_material_parts bare = { .leaf = span_str("leaf") };
	NOTAR_AUTO_OF(buf) out = { 0 };

	bundle_write_keyless_dsse(&bare, span_str("{}"), span_of("\1", 1), &out);
	assert_null(strstr(buf_cstr(&out), "tlogEntries"));
	assert_null(strstr(buf_cstr(&out), "timestampVerificationData"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_goes_beside_its_certificate_entries_and_timestamps),
		cmocka_unit_test(a_blob_s_bundle_has_its_digest_and_signature),
		cmocka_unit_test(lists_without_members_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
