/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/notary_payload.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"
#include "tests/lib/notary_fixture.h"

#define TYPE "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\""
#define DIGEST                                                                                     \
	"\"digest\":\"sha256:"                                                                     \
	"26e74e04a45db0b3c426e18625e5feaf57a6997b535cf5a4054994891377ec7b\""

static void
what_is_written_has_the_golden_bytes(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) out = { 0 };

	notary_payload_write(
		"application/vnd.oci.image.manifest.v1+json",
		"sha256:26e74e04a45db0b3c426e18625e5feaf57a6997b535cf5a4054994891377ec7b", 22, NULL,
		0, &out);
	assert_string_equal(buf_cstr(&out), FIXTURE_PAYLOAD);
}

static void
metadata_is_written_in_the_order_of_its_names(void **state)
{
	(void)state;
	const struct annotation annotations[] = { { span_str("b"), span_str("2") },
						  { span_str("aa"), span_str("\"") },
						  { span_str("a"), span_str("1") } };
	NOTAR_AUTO_OF(buf) out = { 0 };

	notary_payload_write("t", "d", 0, annotations, NOTAR_COUNT(annotations), &out);
	assert_string_equal(buf_cstr(&out), "{\"targetArtifact\":{\"annotations\":{\"a\":\"1\","
					    "\"aa\":\"\\\"\",\"b\":\"2\"},\"digest\":\"d\","
					    "\"mediaType\":\"t\",\"size\":0}}");
}

static void
members_that_are_not_known_are_ignored_as_notation_does(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(notary_payload) read = { 0 };
	NOTAR_AUTO_OF(buf)
	text = fixture_replaced(span_str(FIXTURE_PAYLOAD), span_str("\"size\":22}"),
				span_str("\"size\":9223372036854775807,\"artifactType\":\"a\","
					 "\"annotations\":{\"k\":\"v\"},\"urls\":[]},\"more\":1"));

	assert_int_equal(notary_payload_read(buf_span(&text), &read, NULL), NOTAR_OK);
	assert_true(span_is(read.media_type, "application/vnd.oci.image.manifest.v1+json"));
	assert_true(span_starts_with(read.digest, "sha256:26e7"));
	assert_int_equal(read.size, INT64_MAX);
	assert_non_null(read.annotations.value);
}

static void
each_rule_for_a_payload_is_enforced_alone(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to, *word;
	} changes[] = {
		{ FIXTURE_PAYLOAD, "", "payload" },
		{ FIXTURE_PAYLOAD, "[]", "object" },
		{ FIXTURE_PAYLOAD, "null", "payload" },
		{ FIXTURE_PAYLOAD, "{}", "targetArtifact" },
		{ FIXTURE_PAYLOAD, FIXTURE_PAYLOAD "{}", "payload" },
		{ FIXTURE_PAYLOAD, "\xef\xbb\xbf" FIXTURE_PAYLOAD, "payload" },
		{ FIXTURE_PAYLOAD, "{\"targetArtifact\":\"sha256:00\"}", "targetArtifact" },
		{ FIXTURE_PAYLOAD, "{\"targetArtifact\":null}", "targetArtifact" },
		{ "targetArtifact", "TargetArtifact", "targetArtifact" },
		{ TYPE ",", "", "mediaType" },
		{ TYPE, "\"mediaType\":null", "mediaType" },
		{ TYPE, "\"mediaType\":7", "mediaType" },
		{ TYPE, "\"mediaType\":\"a\\u0000b\"", "payload" },
		{ "\"mediaType\"", "\"MediaType\"", "mediaType" },
		{ DIGEST ",", "", "digest" },
		{ DIGEST, "\"digest\":[]", "digest" },
		{ DIGEST, DIGEST "," DIGEST, "digest" },
		{ ",\"size\":22", "", "size" },
		{ "22", "-1", "size" },
		{ "22", "22.0", "size" },
		{ "22", "\"22\"", "size" },
		{ "22", "true", "size" },
		{ "22", "9223372036854775808", "payload" },
		{ "22", "22,\"size\":22", "size" },
		{ "22", "22,\"annotations\":[]", "annotations" },
		{ "22", "22,\"annotations\":\"a\"", "annotations" },
		{ "22", "22,\"annotations\":{\"a\":\"1\",\"a\":\"2\"}", "payload" },
	};
	static const struct notary_payload nothing;

	for (size_t i = 0; i < NOTAR_COUNT(changes); i++) {
		NOTAR_AUTO_OF(buf)
		text = fixture_replaced(span_str(FIXTURE_PAYLOAD), span_str(changes[i].from),
					span_str(changes[i].to));
		struct notary_payload read = { 0 };
		struct notar_error err = { 0 };

		if (notary_payload_read(buf_span(&text), &read, &err) != NOTAR_E_FORMAT ||
		    strstr(err.msg, changes[i].word) == NULL)
			fail_msg("%s: says %s", changes[i].to, err.msg);
		assert_memory_equal(&read, &nothing, sizeof(nothing));
	}
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < strlen(FIXTURE_PAYLOAD); len++) {
		struct notary_payload read = { 0 };

		assert_int_equal(notary_payload_read(span_of(FIXTURE_PAYLOAD, len), &read, NULL),
				 NOTAR_E_FORMAT);
		assert_null(read.root);
	}
}

static void
metadata_that_may_not_be_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *name, *value, *word;
	} bad[] = {
		{ "", "v", "empty name" },
		{ "n", "", "empty value" },
		{ "io.cncf.notary", "v", "reserved" },
		{ "io.cncf.notary.x", "v", "reserved" },
		{ "io.cncf.notaryx", "v", "reserved" }, /* a prefix, no dot required */
		{ "first", "v", "twice" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		const struct annotation both[] = { { span_str("first"), span_str("v") },
						   { span_str(bad[i].name),
						     span_str(bad[i].value) } };
		struct notar_error err = { 0 };

		assert_int_equal(notary_metadata_check(both, 1, NULL), NOTAR_OK);
		if (notary_metadata_check(both, 2, &err) != NOTAR_E_USAGE ||
		    strstr(err.msg, bad[i].word) == NULL)
			fail_msg("%s=%s: says %s", bad[i].name, bad[i].value, err.msg);
	}
}

static void
metadata_that_only_resembles_the_reserved_may_be(void **state)
{
	(void)state;
	const struct annotation good[] = { { span_str("io.cncf.notar"), span_str("v") },
					   { span_str("IO.cncf.notary"), span_str("v") },
					   { span_str("x.io.cncf.notary"), span_str("v") } };

	assert_int_equal(notary_metadata_check(good, NOTAR_COUNT(good), NULL), NOTAR_OK);
	assert_int_equal(notary_metadata_check(NULL, 0, NULL), NOTAR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_has_the_golden_bytes),
		cmocka_unit_test(metadata_is_written_in_the_order_of_its_names),
		cmocka_unit_test(members_that_are_not_known_are_ignored_as_notation_does),
		cmocka_unit_test(each_rule_for_a_payload_is_enforced_alone),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(metadata_that_may_not_be_is_refused),
		cmocka_unit_test(metadata_that_only_resembles_the_reserved_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
