/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/docker_config.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define AUTH "YW5uOnMzY3JldA==" /* ann:s3cret */

static enum notar_code
find(const char *document, const char *host, const char *repository, struct credentials *out)
{
	struct notar_error err = { 0 };

	return docker_config_find(span_str(document), host, repository, out, &err);
}

static bool
is_ann(const struct credentials *c)
{
	return span_is(secret_borrow(&c->username), "ann") &&
	       span_is(secret_borrow(&c->password), "s3cret");
}

static void
an_entry_is_found_by_its_exact_host(void **state)
{
	(void)state;
	static const char document[] =
		"{\"auths\":{\"registry.example:5000\":{\"auth\":\"" AUTH "\"}}}";
	NOTAR_AUTO_OF(credentials) c = { 0 };

	assert_int_equal(find(document, "registry.example:5000", NULL, &c), NOTAR_OK);
	assert_true(is_ann(&c));
}

/* CVE-2026-59891: credentials belong to one host and port, and to no other. */
static void
cve_2026_59891_nobody_elses_credentials_are_found(void **state)
{
	(void)state;
	static const char document[] = "{\"auths\":{\"registry.example\":{\"auth\":\"" AUTH "\"}}}";
	static const char *const others[] = {
		"registry.example:5000",
		"registry.example.evil.example",
		"evil.registry.example",
		"egistry.example",
		"registry.exampl",
		"registry.example.",
		"",
	};

	for (size_t i = 0; i < NOTAR_COUNT(others); i++) {
		NOTAR_AUTO_OF(credentials) c = { 0 };

		assert_int_equal(find(document, others[i], NULL, &c), NOTAR_E_NOT_FOUND);
		assert_true(credentials_are_empty(&c));
	}
}

static void
the_longest_prefix_of_the_repository_wins(void **state)
{
	(void)state;
	static const char document[] =
		"{\"auths\":{\"r.example\":{\"auth\":\"eDp5\"},\"r.example/team\":{\"auth\":\"" AUTH
		"\"}}}";
	NOTAR_AUTO_OF(credentials) team = { 0 };
	NOTAR_AUTO_OF(credentials) teams = { 0 };

	assert_int_equal(find(document, "r.example", "team/app", &team), NOTAR_OK);
	assert_true(is_ann(&team));
	assert_int_equal(find(document, "r.example", "teams/app", &teams), NOTAR_OK);
	assert_false(is_ann(&teams));
}

static void
damage_is_refused_and_not_read_as_absent(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"[]",
		"{",
		"{\"auths\":7}",
		"{\"auths\":{\"r.example\":7}}",
		"{\"auths\":{\"r.example\":{\"auth\":7}}}",
		"{\"auths\":{\"r.example\":{\"auth\":\"$$$\"}}}",
		"{\"auths\":{\"r.example\":{\"auth\":\"bm9jb2xvbg==\"}}}",
		"{\"auths\":{\"r.example\":{\"auth\":\"" AUTH "\"}},\"auths\":{}}",
	};

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++) {
		NOTAR_AUTO_OF(credentials) c = { 0 };
		enum notar_code code = find(bad[i], "r.example", NULL, &c);

		if (code == NOTAR_OK || code == NOTAR_E_NOT_FOUND)
			fail_msg("%s: %s", bad[i], notar_code_name(code));
		assert_true(credentials_are_empty(&c));
	}
}

static void
an_empty_entry_holds_nothing(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(credentials) c = { 0 };

	assert_int_equal(find("{\"auths\":{\"r.example\":{}}}", "r.example", NULL, &c),
			 NOTAR_E_NOT_FOUND);
	assert_int_equal(find("{}", "r.example", NULL, &c), NOTAR_E_NOT_FOUND);
}

static void
helpers_are_named_by_host_and_by_nothing_that_leads_elsewhere(void **state)
{
	(void)state;
	char helper[DOCKER_CONFIG_HELPER_CHARS + 1];
	struct notar_error err = { 0 };

	assert_int_equal(
		docker_config_helper(span_str("{\"credHelpers\":{\"r.example\":\"pass\"}}"),
				     "r.example", helper, &err),
		NOTAR_OK);
	assert_string_equal(helper, "pass");
	assert_int_equal(
		docker_config_helper(span_str("{\"credsStore\":\"desktop\"}"), "any", helper, &err),
		NOTAR_OK);
	assert_string_equal(helper, "desktop");
	assert_int_equal(docker_config_helper(span_str("{}"), "any", helper, &err), NOTAR_OK);
	assert_string_equal(helper, "");
	static const char *const bad[] = { "{\"credsStore\":\"../evil\"}",
					   "{\"credsStore\":\"a b\"}",
					   "{\"credsStore\":\"/bin/sh\"}", "{\"credsStore\":7}" };

	for (size_t i = 0; i < NOTAR_COUNT(bad); i++)
		assert_int_not_equal(docker_config_helper(span_str(bad[i]), "any", helper, &err),
				     NOTAR_OK);
}

static void
editing_keeps_what_else_the_document_holds(void **state)
{
	(void)state;
	static const char document[] = "{\"HttpHeaders\":{\"X\":\"1\"},\"auths\":{\"o.example\":{"
				       "\"auth\":\"eDp5\"}},\"z\":[1]}";
	NOTAR_AUTO_OF(buf) added = { 0 };
	NOTAR_AUTO_OF(buf) removed = { 0 };
	NOTAR_AUTO_OF(credentials) c = { 0 };
	struct notar_error err = { 0 };
	bool changed;

	assert_int_equal(docker_config_edit(span_str(document), "r.example", span_str(AUTH), &added,
					    &changed, &err),
			 NOTAR_OK);
	assert_non_null(strstr(buf_cstr(&added), "HttpHeaders"));
	assert_non_null(strstr(buf_cstr(&added), "eDp5"));
	assert_int_equal(find(buf_cstr(&added), "r.example", NULL, &c), NOTAR_OK);
	assert_true(is_ann(&c));
	assert_int_equal(docker_config_edit(buf_span(&added), "r.example", (struct span){ 0 },
					    &removed, &changed, &err),
			 NOTAR_OK);
	assert_true(changed);
	assert_null(strstr(buf_cstr(&removed), "r.example"));
	assert_non_null(strstr(buf_cstr(&removed), "eDp5"));
}

static void
a_login_replaces_the_host_however_older_tools_spelt_it(void **state)
{
	(void)state;
	static const char document[] =
		"{\"auths\":{\"https://r.example/v1/\":{\"auth\":\"eDp5\"},\"r.example/team\":{"
		"\"auth\":\"eDp5\"}}}";
	NOTAR_AUTO_OF(buf) made = { 0 };
	NOTAR_AUTO_OF(credentials) c = { 0 };
	struct notar_error err = { 0 };
	bool changed;

	assert_int_equal(docker_config_edit(span_str(document), "r.example", span_str(AUTH), &made,
					    &changed, &err),
			 NOTAR_OK);
	assert_true(changed);
	assert_int_equal(find(buf_cstr(&made), "r.example", NULL, &c), NOTAR_OK);
	assert_true(is_ann(&c));
	assert_null(strstr(buf_cstr(&made), "https"));
	assert_non_null(strstr(buf_cstr(&made), "r.example/team"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_found_by_its_exact_host),
		cmocka_unit_test(cve_2026_59891_nobody_elses_credentials_are_found),
		cmocka_unit_test(the_longest_prefix_of_the_repository_wins),
		cmocka_unit_test(damage_is_refused_and_not_read_as_absent),
		cmocka_unit_test(an_empty_entry_holds_nothing),
		cmocka_unit_test(helpers_are_named_by_host_and_by_nothing_that_leads_elsewhere),
		cmocka_unit_test(editing_keeps_what_else_the_document_holds),
		cmocka_unit_test(a_login_replaces_the_host_however_older_tools_spelt_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
