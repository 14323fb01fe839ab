/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/config.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LISTEN "\"listen\":[\"127.0.0.1:0\"]"

static void
the_least_configuration_has_the_manuals_defaults(void **state)
{
	(void)state;
	NOTAR_AUTO(config) *config = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(config_load(span_str("{" LISTEN "}"), &config, &err), NOTAR_OK);
	assert_string_equal(config->listen[0], "127.0.0.1:0");
	assert_null(config->listen[1]);
	assert_null(config->probes);
	assert_null(config->policy);
	assert_string_equal(config->log_level, "info");
	assert_string_equal(config->log_format, "auto");
	assert_int_equal(config->loops, 0);
	assert_int_equal(config->workers, 8);
	assert_int_equal(config->queue, 4096);
	assert_int_equal(config->listing_ttl_s, 3600);
	assert_int_equal(config->negative_ttl_s, 15);
	assert_int_equal(config->fetch_timeout_s, 30);
	assert_int_equal(config->drain_s, 0);
	assert_int_equal(config->quota_bytes, 4LL << 30);
	assert_false(config->recheck_unchanged);
}

static void
each_member_can_be_wrong_and_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "", "configuration" },
		{ "[]", "configuration" },
		{ "{}", "listen" },
		{ "{\"listen\":\"127.0.0.1:0\"}", "listen" },
		{ "{\"listen\":[]}", "listen" },
		{ "{\"listen\":[7]}", "listen[0]" },
		{ "{\"listen\":[\"\"]}", "listen[0]" },
		{ "{" LISTEN ",\"colour\":1}", "colour" },
		{ "{" LISTEN "," LISTEN "}", "listen" },
		{ "{" LISTEN ",\"probes\":7}", "probes" },
		{ "{" LISTEN ",\"probes\":\"\"}", "probes" },
		{ "{" LISTEN ",\"policy\":[]}", "policy" },
		{ "{" LISTEN ",\"tls\":7}", "tls" },
		{ "{" LISTEN ",\"tls\":{\"certificate\":\"c\"}}", "tls" },
		{ "{" LISTEN ",\"tls\":{\"key\":\"k\"}}", "tls" },
		{ "{" LISTEN ",\"tls\":{\"certificate\":\"c\",\"key\":\"k\",\"ca\":\"x\"}}", "ca" },
		{ "{" LISTEN ",\"log\":{\"level\":\"loud\"}}", "log.level" },
		{ "{" LISTEN ",\"log\":{\"format\":7}}", "log.format" },
		{ "{" LISTEN ",\"loops\":-1}", "loops" },
		{ "{" LISTEN ",\"loops\":65}", "loops" },
		{ "{" LISTEN ",\"loops\":\"2\"}", "loops" },
		{ "{" LISTEN ",\"workers\":0}", "workers" },
		{ "{" LISTEN ",\"workers\":257}", "workers" },
		{ "{" LISTEN ",\"workers\":1.5}", "workers" },
		{ "{" LISTEN ",\"queue\":0}", "queue" },
		{ "{" LISTEN ",\"listing_ttl\":60}", "listing_ttl" },
		{ "{" LISTEN ",\"listing_ttl\":\"60\"}", "listing_ttl" },
		{ "{" LISTEN ",\"listing_ttl\":\"-1s\"}", "listing_ttl" },
		{ "{" LISTEN ",\"listing_ttl\":\"400d\"}", "listing_ttl" },
		{ "{" LISTEN ",\"negative_ttl\":\"2h\"}", "negative_ttl" },
		{ "{" LISTEN ",\"fetch_timeout\":\"0s\"}", "fetch_timeout" },
		{ "{" LISTEN ",\"drain\":\"301s\"}", "drain" },
		{ "{" LISTEN ",\"store\":{\"quota_bytes\":1}}", "store.quota_bytes" },
		{ "{" LISTEN ",\"store\":{\"path\":\"x\"}}", "path" },
		{ "{" LISTEN ",\"recheck_unchanged\":\"yes\"}", "recheck_unchanged" },
		{ "{" LISTEN ",\"registries\":[]}", "registries" },
		{ "{" LISTEN ",\"registries\":{\"h\":7}}", "h" },
		{ "{" LISTEN ",\"registries\":{\"h\":{\"insecure\":true}}}", "insecure" },
		{ "{" LISTEN ",\"registries\":{\"h\":{\"plain_http\":\"yes\"}}}", "plain_http" },
		{ "{" LISTEN ",\"registries\":{\"h\":{\"layout\":\"relative\"}}}", "layout" },
		{ "{" LISTEN "}x", "configuration" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO(config) *config = NULL;
		struct notar_error err = { 0 };

		if (config_load(span_str(cases[i].text), &config, &err) != NOTAR_E_CONFIG)
			fail_msg("taken: %s", cases[i].text);
		assert_null(config);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("\"%s\" does not name %s", err.msg, cases[i].names);
	}
}

static void
registries_are_found_by_their_exact_host(void **state)
{
	(void)state;
	NOTAR_AUTO(config) *config = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(config_load(span_str("{" LISTEN ",\"registries\":{\"r.example:5000\":{"
					      "\"plain_http\":true}}}"),
				     &config, &err),
			 NOTAR_OK);
	assert_true(config_registry_for(config, "r.example:5000")->plain_http);
	assert_null(config_registry_for(config, "r.example"));
	assert_null(config_registry_for(config, "r.example:50000"));
}

static void
every_truncation_is_refused(void **state)
{
	(void)state;
	static const char good[] = "{" LISTEN ",\"log\":{\"level\":\"debug\"},\"drain\":\"5s\"}";

	for (size_t len = 0; len < sizeof(good) - 1; len++) {
		NOTAR_AUTO(config) *config = NULL;
		struct notar_error err = { 0 };

		assert_int_equal(config_load(span_of(good, len), &config, &err), NOTAR_E_CONFIG);
		assert_null(config);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_configuration_has_the_manuals_defaults),
		cmocka_unit_test(each_member_can_be_wrong_and_is_named),
		cmocka_unit_test(registries_are_found_by_their_exact_host),
		cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
