/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/own.h"

#define HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define HEX512 HEX HEX

static void
registry_names_are_split_into_their_parts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *host, *path, *tag;
		bool pinned;
	} cases[] = {
		{ "registry.example/app", "registry.example", "app", "", false },
		{ "registry.example:5000/a/b-c__d.e:v1", "registry.example:5000", "a/b-c__d.e",
		  "v1", false },
		{ "localhost/app@sha256:" HEX, "localhost", "app", "", true },
		{ "localhost:1/app:v1@sha512:" HEX512, "localhost:1", "app", "v1", true },
		{ "[::1]:5000/app:_x.Y-9", "[::1]:5000", "app", "_x.Y-9", false },
		{ "127.0.0.1/app", "127.0.0.1", "app", "", false },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct reference ref;
		struct notar_error err = { 0 };

		assert_int_equal(
			reference_parse(span_str(cases[i].text), REFERENCE_STRICT, &ref, &err),
			NOTAR_OK);
		assert_int_equal(ref.place, REFERENCE_REGISTRY);
		assert_string_equal(ref.host, cases[i].host);
		assert_string_equal(ref.path, cases[i].path);
		assert_string_equal(ref.tag, cases[i].tag);
		assert_int_equal(ref.digest.alg != NOTAR_DIGEST_NONE, cases[i].pinned);
	}
}

static void
what_could_change_its_meaning_in_a_url_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"app",
		"library/app",
		"/app",
		"registry.example",
		"registry.example/",
		"registry.example//app",
		"registry.example/App",
		"registry.example/app/",
		"registry.example/../app",
		"registry.example/./app",
		"registry.example/a..b",
		"registry.example/app:",
		"registry.example/app:-v1",
		"registry.example/app:.v1",
		"registry.example/app:v 1",
		"registry.example/app:v1/x",
		"registry.example/app@",
		"registry.example/app@sha256:" HEX "00",
		"registry.example/app@sha256:2CF24DBA",
		"registry.example/"
		"app@sha256:2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E7304336293"
		"8B9824",
		"registry.example/app@md5:d41d8cd98f00b204e9800998ecf8427e",
		"registry.example/app@sha256:" HEX "@sha256:" HEX,
		"registry.example/app@sha256:" HEX ":v1",
		"registry.example/app?x=1",
		"registry.example/app#x",
		"registry.example/app%2f",
		"registry.example/app\\b",
		"registry.example/app\n",
		"user@registry.example/app",
		"registry.example:/app",
		"registry.example:99999/app",
		"registry.example:0x50/app",
		"http://registry.example/app",
		"-registry.example/app",
		"registry..example/app",
		"[::1/app",
		"[::g]/app",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		struct reference ref;
		struct notar_error err = { 0 };

		if (reference_parse(span_str(bad[i]), REFERENCE_STRICT, &ref, &err) !=
		    NOTAR_E_USAGE)
			fail_msg("taken: %s", bad[i]);
		assert_true(err.msg[0] != '\0');
	}
}

static void
a_nul_inside_is_refused(void **state)
{
	(void)state;
	static const char text[] = "registry.example/app\0:v1";
	struct reference ref;
	struct notar_error err = { 0 };

	assert_int_equal(
		reference_parse(span_of(text, sizeof(text) - 1), REFERENCE_STRICT, &ref, &err),
		NOTAR_E_USAGE);
}

static void
lengths_are_bounded_to_the_character(void **state)
{
	(void)state;
	char text[1200];
	struct reference ref;
	struct notar_error err = { 0 };

	(void)snprintf(text, sizeof(text), "registry.example/app:%0*d", LIMIT_TAG_CHARS, 0);
	assert_int_equal(reference_parse(span_str(text), REFERENCE_STRICT, &ref, &err), NOTAR_OK);
	(void)snprintf(text, sizeof(text), "registry.example/app:%0*d", LIMIT_TAG_CHARS + 1, 0);
	assert_int_not_equal(reference_parse(span_str(text), REFERENCE_STRICT, &ref, &err),
			     NOTAR_OK);
	(void)snprintf(text, sizeof(text), "registry.example/%0*d", LIMIT_REPOSITORY_CHARS + 1, 0);
	assert_int_not_equal(reference_parse(span_str(text), REFERENCE_STRICT, &ref, &err),
			     NOTAR_OK);
}

static void
short_names_mean_docker_io_where_the_node_would_say_so(void **state)
{
	(void)state;
	static const struct {
		const char *text, *repository, *tag;
	} cases[] = {
		{ "nginx", "docker.io/library/nginx", "latest" },
		{ "nginx:1", "docker.io/library/nginx", "1" },
		{ "team/app", "docker.io/team/app", "latest" },
		{ "docker.io/nginx", "docker.io/library/nginx", "latest" },
		{ "index.docker.io/team/app:1", "docker.io/team/app", "1" },
		{ "localhost/app", "localhost/app", "latest" },
		{ "nginx@sha256:" HEX, "docker.io/library/nginx", "" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct reference ref;
		char name[REFERENCE_NAME_BYTES];
		struct notar_error err = { 0 };

		if (reference_parse(span_str(cases[i].text), REFERENCE_DOCKER_NAMES, &ref, &err) !=
		    NOTAR_OK)
			fail_msg("%s: %s", cases[i].text, err.msg);
		assert_string_equal(reference_repository(&ref, name), cases[i].repository);
		assert_string_equal(ref.tag, cases[i].tag);
	}
}

/* Docker would ask a registry named "gci", and read the lower-case form as docker.io's. */
static void
a_host_by_its_upper_case_letter_alone_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = { "gCi/app", "Team/app:v1", "LOCALHOST/app" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		struct reference ref;
		struct notar_error err = { 0 };

		assert_int_equal(
			reference_parse(span_str(names[i]), REFERENCE_DOCKER_NAMES, &ref, &err),
			NOTAR_E_USAGE);
	}
}

static void
a_layouts_name_does_not_depend_on_how_its_folder_is_written(void **state)
{
	(void)state;
	static const char *const same[] = { "oci:/srv/images", "oci:/srv/./images",
					    "oci:/srv/x/../images", "oci:/srv//images" };

	for (size_t i = 0; i < NOTAR_COUNT(same); i++) {
		struct reference ref;
		char name[REFERENCE_NAME_BYTES];
		struct notar_error err = { 0 };

		assert_int_equal(reference_parse(span_str(same[i]), REFERENCE_STRICT, &ref, &err),
				 NOTAR_OK);
		assert_int_equal(ref.place, REFERENCE_LAYOUT);
		assert_string_equal(reference_repository(&ref, name), "oci:/srv/images");
	}
}

static void
what_is_formatted_parses_to_the_same(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"registry.example/app:v1",
		"registry.example:5000/a/b@sha256:" HEX,
		"registry.example/app:v1@sha256:" HEX,
		"oci:/srv/images:v1",
	};

	for (size_t i = 0; i < NOTAR_COUNT(texts); i++) {
		struct reference ref;
		char text[REFERENCE_TEXT_BYTES];
		struct notar_error err = { 0 };

		assert_int_equal(reference_parse(span_str(texts[i]), REFERENCE_STRICT, &ref, &err),
				 NOTAR_OK);
		assert_string_equal(reference_format(&ref, text), texts[i]);
	}
}

static void
only_loopback_is_loopback(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool loopback;
	} cases[] = {
		{ "localhost/app", true },
		{ "localhost:5000/app", true },
		{ "127.0.0.1:5000/app", true },
		{ "127.9.9.9/app", true },
		{ "[::1]:5000/app", true },
		{ "localhost.example/app", false },
		{ "127.0.0.1.example/app", false },
		{ "128.0.0.1/app", false },
		{ "[::2]/app", false },
		{ "oci:/srv/images", false },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct reference ref;
		struct notar_error err = { 0 };

		assert_int_equal(
			reference_parse(span_str(cases[i].text), REFERENCE_STRICT, &ref, &err),
			NOTAR_OK);
		assert_int_equal(reference_is_loopback(&ref), cases[i].loopback);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registry_names_are_split_into_their_parts),
		cmocka_unit_test(what_could_change_its_meaning_in_a_url_is_refused),
		cmocka_unit_test(a_nul_inside_is_refused),
		cmocka_unit_test(lengths_are_bounded_to_the_character),
		cmocka_unit_test(short_names_mean_docker_io_where_the_node_would_say_so),
		cmocka_unit_test(a_host_by_its_upper_case_letter_alone_is_refused),
		cmocka_unit_test(a_layouts_name_does_not_depend_on_how_its_folder_is_written),
		cmocka_unit_test(what_is_formatted_parses_to_the_same),
		cmocka_unit_test(only_loopback_is_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
