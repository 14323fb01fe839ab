/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/simple.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/envelope_fixture.h"

#define HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" /* of "hello" */
#define IDENTITY "\"identity\":{\"docker-reference\":\"registry.example/app\"}"
#define IMAGE "\"image\":{\"docker-manifest-digest\":\"sha256:" HEX "\"}"
#define KIND "\"type\":\"cosign container image signature\""

static enum notar_code
read_text(const char *text, struct simple_payload *out, struct notar_error *err)
{
	struct notar_digest digest = fixture_digest("hello");

	return simple_payload_read(span_str(text), &digest, out, err);
}

static void
a_payload_is_read_with_or_without_annotations(void **state)
{
	(void)state;
	static const char *const good[] = {
		"{\"critical\":{" IDENTITY "," IMAGE "," KIND "},\"optional\":null}",
		"{\"critical\":{" IDENTITY "," IMAGE "," KIND "},\"optional\":{\"env\":\"prod\"}}",
	};

	for (size_t i = 0; i < NOTAR_COUNT(good); i++) {
		NOTAR_AUTO_OF(simple_payload) payload = { 0 };
		struct notar_error err = { 0 };

		assert_int_equal(read_text(good[i], &payload, &err), NOTAR_OK);
		assert_true(span_is(payload.docker_reference, "registry.example/app"));
		assert_int_equal(payload.optional.value != NULL, i == 1);
	}
}

static void
what_another_reader_might_understand_differently_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{\"critical\":7}",
		"{\"critical\":{" IDENTITY "," IMAGE "}}",
		"{\"critical\":{" IDENTITY "," KIND "}}",
		"{\"critical\":{" IDENTITY "," IMAGE ",\"type\":\"atomic container signature 2\"}}",
		"{\"critical\":{" IDENTITY "," IMAGE "," IMAGE "," KIND "}}",
		"{\"critical\":{" IDENTITY ",\"Image\":{\"docker-manifest-digest\":\"sha256:" HEX
		"\"}," KIND "}}",
		"{\"critical\":{" IDENTITY ",\"image\":{\"Docker-manifest-digest\":\"sha256:" HEX
		"\"}," KIND "}}",
		"{\"critical\":{" IDENTITY ",\"image\":{\"docker-manifest-digest\":7}," KIND "}}",
		"{\"critical\":{" IDENTITY "," IMAGE "," KIND "}}{}",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(simple_payload) payload = { 0 };
		struct notar_error err = { 0 };

		assert_int_not_equal(read_text(bad[i], &payload, &err), NOTAR_OK);
		assert_null(payload.root);
		assert_true(err.msg[0] != '\0');
	}
}

static void
another_digest_is_a_mismatch(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(simple_payload) payload = { 0 };
	struct notar_digest other = fixture_digest("other");
	struct notar_error err = { 0 };

	assert_int_equal(simple_payload_read(span_str("{\"critical\":{" IDENTITY "," IMAGE "," KIND
						      "},\"optional\":null}"),
					     &other, &payload, &err),
			 NOTAR_E_DIGEST);
	assert_null(payload.root);
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	static const char good[] =
		"{\"critical\":{" IDENTITY "," IMAGE "," KIND "},\"optional\":null}";
	struct notar_digest digest = fixture_digest("hello");

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		NOTAR_AUTO_OF(simple_payload) payload = { 0 };

		assert_int_not_equal(
			simple_payload_read(span_of(good, len), &digest, &payload, NULL), NOTAR_OK);
	}
}

static void
the_payload_we_write_is_cosigns_byte_for_byte(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) plain = { 0 };
	NOTAR_AUTO_OF(buf) noted = { 0 };
	struct notar_digest digest = fixture_digest("hello");
	const struct annotation notes[] = { { span_str("env"), span_str("prod") } };

	simple_payload_write("registry.example/app", &digest, NULL, 0, &plain);
	assert_string_equal(buf_cstr(&plain),
			    "{\"critical\":{" IDENTITY "," IMAGE "," KIND "},\"optional\":null}");
	simple_payload_write("registry.example/app", &digest, notes, 1, &noted);
	assert_string_equal(buf_cstr(&noted), "{\"critical\":{" IDENTITY "," IMAGE "," KIND
					      "},\"optional\":{\"env\":\"prod\"}}");
}

static void
tags_name_the_digest(void **state)
{
	(void)state;
	struct notar_digest digest = fixture_digest("hello");
	char tag[SIMPLE_TAG_BYTES];

	assert_string_equal(simple_tag(&digest, ".sig", tag), "sha256-" HEX ".sig");
	assert_string_equal(simple_tag(&digest, "", tag), "sha256-" HEX);
}

/* Signing again must not lose somebody else's layer. */
static void
a_second_signature_stays_beside_the_first(void **state)
{
	(void)state;
	struct notar_digest config = fixture_digest("config");
	struct simple_layer first = { SIMPLE_LAYER_TYPE, fixture_digest("one"), 3,
				      span_str("sig one"), NULL };
	struct simple_layer second = { SIMPLE_LAYER_TYPE, fixture_digest("two"), 3,
				       span_str("sig two"), NULL };
	NOTAR_AUTO_OF(buf) one = { 0 };
	NOTAR_AUTO_OF(buf) both = { 0 };
	NOTAR_AUTO_OF(manifest) old = { 0 };
	NOTAR_AUTO_OF(manifest) made = { 0 };
	struct notar_error err = { 0 };

	simple_manifest_write(NULL, &first, &config, 10, &one);
	assert_int_equal(manifest_parse(buf_span(&one), (struct span){ 0 }, &old, &err), NOTAR_OK);
	simple_manifest_write(&old, &second, &config, 10, &both);
	assert_int_equal(manifest_parse(buf_span(&both), (struct span){ 0 }, &made, &err),
			 NOTAR_OK);
	assert_int_equal(made.count, 2);
	assert_true(notar_digest_equal(&made.entries[0].digest, &first.digest));
	assert_true(notar_digest_equal(&made.entries[1].digest, &second.digest));
	assert_true(span_is(descriptor_annotation(&made.entries[0], SIMPLE_SIGNATURE_ANNOTATION),
			    "c2lnIG9uZQ=="));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payload_is_read_with_or_without_annotations),
		cmocka_unit_test(what_another_reader_might_understand_differently_is_refused),
		cmocka_unit_test(another_digest_is_a_mismatch),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(the_payload_we_write_is_cosigns_byte_for_byte),
		cmocka_unit_test(tags_name_the_digest),
		cmocka_unit_test(a_second_signature_stays_beside_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
