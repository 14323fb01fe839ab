/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/gate_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/own.h"

static struct gate_request
read_path(const char *method, const char *uri)
{
	struct gate_request request;

	gate_path_read(span_str(method), span_str(uri), &request);
	return request;
}

static void
a_manifest_is_split_at_its_last_word(void **state)
{
	static const struct {
		const char *uri, *name, *reference;
	} cases[] = {
		{ "/v2/app/manifests/v1", "app", "v1" },
		{ "/v2/a/b/c/manifests/sha256:12", "a/b/c", "sha256:12" },
		{ "/v2/app/manifests/v1?ns=docker.io&x=/v2/other/manifests/v2", "app", "v1" },
		{ "/v2/a/manifests/b/manifests/v1", "a/manifests/b", "v1" },
		{ "/v2/%61pp/m%61nifests/v%31", "app", "v1" },
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		struct gate_request got = read_path("GET", cases[i].uri);

		assert_int_equal(got.wish, GATE_MANIFEST);
		assert_string_equal(got.name, cases[i].name);
		assert_string_equal(got.reference, cases[i].reference);
	}
}

static void
what_two_servers_could_read_in_two_ways_is_refused(void **state)
{
	static const char *const uris[] = {
		"",
		"v2/app/manifests/v1",
		"*",
		"/v2//manifests/v1",
		"/v2/app//manifests/v1",
		"/v2/app/manifests//v1",
		"/v2/./app/manifests/v1",
		"/v2/app/../app/manifests/v1",
		"/v2/app/manifests/..",
		"/v2/app/manifests/.",
		"/v2/app%2fmanifests/v1",
		"/v2/app/manifests%2Fv1",
		"/v2/app/%2e%2e/manifests/v1",
		"/v2/app/manifests/v1%00",
		"/v2/app/manifests/v1%0a",
		"/v2/app/manifests/v1%20",
		"/v2/app/manifests/%",
		"/v2/app/manifests/%4",
		"/v2/app/manifests/%zz",
		"/v2/app/%256danifests/v1",
		"/v2/app\\manifests\\v1",
		"/v2/app/manifests/v1;a=b",
		"/v2/app/manifests/v1#x",
		"/V2/app/manifests/v1",
		"/v2/app/MANIFESTS/v1",
		"/v2/app/Manifests/v1",
		"/v2/manifests/v1",
		"/v2/app/manifests/",
		"/v2/app/manifests/v%3f",
		"/v2/app/manifests/\xc3\xa4",
		"/v2/app/manifests/v1\x7f",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(uris); i++) {
		struct gate_request got = read_path("GET", uris[i]);

		if (got.wish != GATE_REFUSE || got.problem == NULL)
			fail_msg("taken: %s", uris[i]);
	}
}

static void
what_is_too_long_is_refused(void **state)
{
	char uri[4096] = "/v2/";

	(void)state;
	memset(uri + 4, 'a', 2000);
	(void)snprintf(uri + 2004, sizeof(uri) - 2004, "/manifests/v1");
	assert_int_equal(read_path("GET", uri).wish, GATE_REFUSE);
	(void)snprintf(uri, sizeof(uri), "/v2/app/manifests/");
	memset(uri + 18, 'a', 600);
	uri[618] = '\0';
	assert_int_equal(read_path("GET", uri).wish, GATE_REFUSE);
}

static void
what_is_no_manifest_passes(void **state)
{
	static const char *const uris[] = { "/",
					    "/v2",
					    "/v2/",
					    "/v2/app/blobs/sha256:1",
					    "/v2/app/tags/list",
					    "/v2/_catalog",
					    "/metrics",
					    "/v2/app/blobs/uploads/",
					    "/v2/app/referrers/sha256:1?artifactType=a%2Fb" };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(uris); i++)
		assert_int_equal(read_path("GET", uris[i]).wish, GATE_PASS);
}

static void
only_reading_a_manifest_is_judged(void **state)
{
	static const char *const writes[] = { "PUT", "POST", "PATCH", "DELETE", "OPTIONS" };
	static const char *const unknown[] = { "", "get", "TRACE", "GETX", "GET ", "CONNECT" };

	(void)state;
	assert_int_equal(read_path("HEAD", "/v2/app/manifests/v1").wish, GATE_MANIFEST);
	for (size_t i = 0; i < NOTAR_COUNT(writes); i++)
		assert_int_equal(read_path(writes[i], "/v2/app/manifests/v1").wish, GATE_PASS);
	for (size_t i = 0; i < NOTAR_COUNT(unknown); i++)
		assert_int_equal(read_path(unknown[i], "/v2/app/manifests/v1").wish, GATE_REFUSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_split_at_its_last_word),
		cmocka_unit_test(what_two_servers_could_read_in_two_ways_is_refused),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(what_is_no_manifest_passes),
		cmocka_unit_test(only_reading_a_manifest_is_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
