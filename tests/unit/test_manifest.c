/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/manifest.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"

#define HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define DESCRIPTOR(type) "{\"mediaType\":\"" type "\",\"digest\":\"sha256:" HEX "\",\"size\":5}"
#define CONFIG "\"config\":" DESCRIPTOR(OCI_TYPE_CONFIG)
#define LAYERS "\"layers\":[" DESCRIPTOR("a/b") "]"
#define MANIFEST                                                                                   \
	"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST "\"," CONFIG "," LAYERS "}"
#define INDEX                                                                                      \
	"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX                                     \
	"\",\"manifests\":[" DESCRIPTOR(OCI_TYPE_MANIFEST) "]}"

static void
manifests_and_indexes_are_told_apart(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(manifest) manifest = { 0 };
	NOTAR_AUTO_OF(manifest) index = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(
		manifest_parse(span_str(MANIFEST), span_str(OCI_TYPE_MANIFEST), &manifest, &err),
		NOTAR_OK);
	assert_false(manifest.is_index);
	assert_int_equal(manifest.count, 1);
	assert_int_equal(manifest.entries[0].size, 5);
	assert_int_equal(manifest_parse(span_str(INDEX), span_str(OCI_TYPE_INDEX), &index, &err),
			 NOTAR_OK);
	assert_true(index.is_index);
	assert_int_equal(index.count, 1);
}

/* CVE-2021-41190: bytes that one reader takes for a manifest and another for an index. */
static void
cve_2021_41190_nothing_is_both_manifest_and_index(void **state)
{
	(void)state;
	static const struct {
		const char *text, *content_type;
	} cases[] = {
		{ "{\"schemaVersion\":2," CONFIG "," LAYERS ",\"manifests\":[]}", "" },
		{ "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST "\"," CONFIG "," LAYERS
		  ",\"manifests\":[" DESCRIPTOR(OCI_TYPE_MANIFEST) "]}",
		  OCI_TYPE_MANIFEST },
		{ "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX "\"," CONFIG "," LAYERS
		  "}",
		  OCI_TYPE_INDEX },
		{ MANIFEST, OCI_TYPE_INDEX },
		{ INDEX, OCI_TYPE_MANIFEST },
		{ MANIFEST, OCI_TYPE_DOCKER_LIST },
		{ "{\"schemaVersion\":2," CONFIG "," LAYERS "}", OCI_TYPE_INDEX },
		{ "{\"schemaVersion\":2,\"manifests\":[]}", OCI_TYPE_MANIFEST },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(manifest) m = { 0 };
		struct notar_error err = { 0 };

		if (manifest_parse(span_str(cases[i].text), span_str(cases[i].content_type), &m,
				   &err) == NOTAR_OK)
			fail_msg("taken: %s as %s", cases[i].text, cases[i].content_type);
		assert_null(m.root);
	}
}

/* As an answer of the referrers API it would read as "unsigned". */
static void
an_index_without_its_list_is_refused(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(manifest) absent = { 0 };
	NOTAR_AUTO_OF(manifest) null = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(manifest_parse(span_str("{\"schemaVersion\":2}"), span_str(OCI_TYPE_INDEX),
					&absent, &err),
			 NOTAR_E_FORMAT);
	assert_int_equal(manifest_parse(span_str("{\"schemaVersion\":2,\"manifests\":null}"),
					span_str(OCI_TYPE_INDEX), &null, &err),
			 NOTAR_OK);
}

static void
damage_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"null",
		"{\"schemaVersion\":1," CONFIG "," LAYERS "}",
		"{\"schemaVersion\":\"2\"," CONFIG "," LAYERS "}",
		"{\"schemaVersion\":2,\"schemaVersion\":2," CONFIG "," LAYERS "}",
		"{\"schemaVersion\":2," CONFIG ",\"layers\":{}}",
		"{\"schemaVersion\":2," CONFIG ",\"layers\":[7]}",
		"{\"schemaVersion\":2," CONFIG ",\"layers\":[{}]}",
		"{\"schemaVersion\":2," CONFIG
		",\"layers\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:" HEX "\",\"size\":-1}]}",
		"{\"schemaVersion\":2," CONFIG
		",\"layers\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:" HEX "\",\"size\":1.5}]}",
		"{\"schemaVersion\":2," CONFIG
		",\"layers\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:00\","
		"\"size\":1}]}",
		"{\"schemaVersion\":2," CONFIG
		",\"layers\":[{\"mediaType\":\"a/b\",\"digest\":\"md5:" HEX "\",\"size\":1}]}",
		"{\"schemaVersion\":2,\"config\":7," LAYERS "}",
		"{\"schemaVersion\":2," LAYERS "}",
		"{\"schemaVersion\":2," CONFIG "," LAYERS ",\"subject\":7}",
		"{\"schemaVersion\":2," CONFIG "," LAYERS ",\"subject\":{}}",
		"{\"schemaVersion\":2," CONFIG "," LAYERS ",\"annotations\":[]}",
		MANIFEST "x",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(manifest) m = { 0 };
		struct notar_error err = { 0 };

		if (manifest_parse(span_str(bad[i]), (struct span){ 0 }, &m, &err) == NOTAR_OK)
			fail_msg("taken: %s", bad[i]);
		assert_null(m.root);
		assert_true(err.msg[0] != '\0');
	}
}

/* CVE-2024-29903: nothing is allocated by a count that a peer chose without a bound. */
static void
cve_2024_29903_layers_are_bounded(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO_OF(manifest) m = { 0 };
		struct notar_error err = { 0 };

		buf_append_str(&text, "{\"schemaVersion\":2," CONFIG ",\"layers\":[");
		for (size_t i = 0; i < LIMIT_MANIFEST_LAYERS + over; i++)
			buf_append_str(&text, i == 0 ? DESCRIPTOR("a/b") : "," DESCRIPTOR("a/b"));
		buf_append_str(&text, "]}");
		assert_int_equal(manifest_parse(buf_span(&text), (struct span){ 0 }, &m, &err) ==
					 NOTAR_OK,
				 over == 0);
	}
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(MANIFEST) - 1; len++) {
		NOTAR_AUTO_OF(manifest) m = { 0 };

		assert_int_not_equal(
			manifest_parse(span_of(MANIFEST, len), (struct span){ 0 }, &m, NULL),
			NOTAR_OK);
		assert_null(m.root);
	}
}

static void
no_flipped_bit_changes_the_digest_unnoticed(void **state)
{
	(void)state;
	char text[sizeof(MANIFEST)];
	size_t start = (size_t)(strstr(MANIFEST, "layers") - MANIFEST);

	for (size_t bit = start * 8; bit < (sizeof(MANIFEST) - 1) * 8; bit++) {
		NOTAR_AUTO_OF(manifest) m = { 0 };
		char digest[NOTAR_DIGEST_TEXT_BYTES];

		memcpy(text, MANIFEST, sizeof(text));
		text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
		if (manifest_parse(span_of(text, sizeof(text) - 1), (struct span){ 0 }, &m, NULL) !=
			    NOTAR_OK ||
		    m.count == 0)
			continue;
		/* Still a manifest: then its digest is what its bytes say. */
		assert_non_null(strstr(text, notar_digest_format(&m.entries[0].digest, digest)));
	}
}

#define ARTIFACT                                                                                   \
	"{\"mediaType\":\"" OCI_TYPE_ARTIFACT                                                      \
	"\",\"artifactType\":\"a/sig\",\"blobs\":[" DESCRIPTOR("a/b") "],\"subject\":" DESCRIPTOR( \
		OCI_TYPE_MANIFEST) "}"

static void
artifact_manifests_of_the_release_candidates_are_read(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(manifest) m = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(manifest_parse(span_str(ARTIFACT), span_str(OCI_TYPE_ARTIFACT), &m, &err),
			 NOTAR_OK);
	assert_false(m.is_index);
	assert_true(m.has_subject);
	assert_true(span_is(m.artifact_type, "a/sig"));
	assert_int_equal(m.count, 1);
	assert_true(span_is(m.entries[0].media_type, "a/b"));
}

static void
artifact_manifests_are_nothing_else_at_once(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"{\"mediaType\":\"" OCI_TYPE_ARTIFACT "\"," LAYERS ",\"blobs\":[]}",
		"{\"mediaType\":\"" OCI_TYPE_ARTIFACT "\"," CONFIG ",\"blobs\":[]}",
		"{\"mediaType\":\"" OCI_TYPE_ARTIFACT "\",\"manifests\":[],\"blobs\":[]}",
		"{\"mediaType\":\"" OCI_TYPE_ARTIFACT "\",\"blobs\":[{}]}",
		"{\"mediaType\":\"" OCI_TYPE_ARTIFACT "\",\"blobs\":{}}",
		/* The number is theirs alone to leave out. */
		"{\"mediaType\":\"" OCI_TYPE_MANIFEST "\"," CONFIG "," LAYERS "}",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(manifest) m = { 0 };
		struct notar_error err = { 0 };

		assert_int_not_equal(manifest_parse(span_str(bad[i]), (struct span){ 0 }, &m, &err),
				     NOTAR_OK);
		assert_null(m.root);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifests_and_indexes_are_told_apart),
		cmocka_unit_test(cve_2021_41190_nothing_is_both_manifest_and_index),
		cmocka_unit_test(an_index_without_its_list_is_refused),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(cve_2024_29903_layers_are_bounded),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(artifact_manifests_of_the_release_candidates_are_read),
		cmocka_unit_test(artifact_manifests_are_nothing_else_at_once),
		cmocka_unit_test(no_flipped_bit_changes_the_digest_unnoticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
