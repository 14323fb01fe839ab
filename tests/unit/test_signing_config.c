/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/signing_config.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_S 1790000000 /* 2026-09-21 */
#define HEAD "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\","
#define SINCE(year) "\"validFor\":{\"start\":\"" year "-01-01T00:00:00Z\"}"
#define SERVICE(url, version, year, by)                                                            \
	"{\"url\":\"" url "\",\"majorApiVersion\":" version "," SINCE(year) ",\"operator\":\"" by  \
									    "\"}"
#define CA "\"caUrls\":[" SERVICE("https://ca", "1", "2022", "a") "]"
#define ANY_LOG "\"rekorTlogConfig\":{\"selector\":\"ANY\"}"

static enum notar_code
choose(const char *text, struct signing_config *config, struct signing_choice *choice,
       struct notar_error *err)
{
	*choice = (struct signing_choice){ 0 };
	NOTAR_TRY(signing_config_parse(span_str(text), config, err));
	return signing_config_choose(config, NOW_S, choice, err);
}

#define OLD_CA SERVICE("https://old", "1", "2020", "a")
#define NEW_CA SERVICE("https://new", "1", "2024", "b")
#define FUTURE_CA SERVICE("https://later", "1", "2030", "c")
#define CA_V2 SERVICE("https://v2", "2", "2021", "d")
#define LOG_V1 SERVICE("https://one", "1", "2025", "a")
#define LOG_V2 SERVICE("https://two", "2", "2022", "a")
#define LOG_V3 SERVICE("https://three", "3", "2022", "a")
#define OIDC SERVICE("https://oidc", "1", "2022", "a")
#define TSA SERVICE("https://tsa/x", "1", "2022", "a")

static void
the_highest_known_version_and_the_newest_service_are_asked(void **state)
{
	(void)state;
	static const char text[] =
		HEAD "\"caUrls\":[" OLD_CA "," NEW_CA "," FUTURE_CA "," CA_V2 "],"
		     "\"oidcUrls\":[" OIDC "],"
		     "\"rekorTlogUrls\":[" LOG_V1 "," LOG_V2 "," LOG_V3 "]," ANY_LOG ","
		     "\"tsaUrls\":[" TSA "],\"tsaConfig\":{\"selector\":2},\"unknown\":[1]}";
	NOTAR_AUTO_OF(signing_config) config = { 0 };
	struct signing_choice choice;
	struct notar_error err = { 0 };

	assert_int_equal(choose(text, &config, &choice, &err), NOTAR_OK);
	assert_string_equal(choice.authority, "https://new");
	assert_string_equal(choice.provider, "https://oidc");
	assert_int_equal(choice.log_count, 1);
	assert_string_equal(choice.logs[0].url, "https://two");
	assert_int_equal(choice.logs[0].version, 2);
	assert_int_equal(choice.stamper_count, 1);
	assert_string_equal(choice.stampers[0], "https://tsa/x");
	assert_int_equal(signing_choice_check(&choice, &err), NOTAR_OK);
}

static void
one_service_of_each_operator_is_asked(void **state)
{
	(void)state;
	static const char text[] =
		HEAD CA ",\"rekorTlogUrls\":[" SERVICE("https://a1", "1", "2021", "a") "," SERVICE(
			"https://b", "1", "2020",
			"b") "," SERVICE("https://a2", "1", "2023",
					 "a") "],"
					      "\"rekor_tlog_config\":{\"selector\":\"ALL\"}}";
	NOTAR_AUTO_OF(signing_config) config = { 0 };
	struct signing_choice choice;

	assert_int_equal(choose(text, &config, &choice, NULL), NOTAR_OK);
	assert_int_equal(choice.log_count, 2);
	assert_string_equal(choice.logs[0].url, "https://a2");
	assert_string_equal(choice.logs[1].url, "https://b");
}

static void
a_document_without_logs_and_authorities_asks_none(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(signing_config) config = { 0 };
	struct signing_choice choice;
	struct notar_error err = { 0 };

	assert_int_equal(choose(HEAD CA "}", &config, &choice, NULL), NOTAR_OK);
	assert_int_equal(choice.log_count + choice.stamper_count, 0);
	assert_int_equal(signing_choice_check(&choice, &err), NOTAR_E_CONFIG);
	assert_non_null(strstr(err.msg, "timestamp authority"));
}

static void
a_log_of_version_2_without_a_timestamp_authority_is_refused(void **state)
{
	(void)state;
	struct signing_choice choice = { .authority = "https://ca",
					 .logs = { { "https://log", 2 } },
					 .log_count = 1 };

	assert_int_equal(signing_choice_check(&choice, NULL), NOTAR_E_CONFIG);
	choice.logs[0].version = 3;
	assert_int_equal(signing_choice_check(&choice, NULL), NOTAR_E_CONFIG);
	choice.logs[0].version = 1;
	assert_int_equal(signing_choice_check(&choice, NULL), NOTAR_OK);
	choice.authority = NULL;
	assert_int_equal(signing_choice_check(&choice, NULL), NOTAR_E_CONFIG);
}

static void
what_cannot_be_chosen_from_is_refused_and_named(void **state)
{
	(void)state;
#define LOG "\"rekorTlogUrls\":[" SERVICE("https://log", "1", "2022", "a") "]"
#define OLD_LOG "\"rekorTlogUrls\":[" SERVICE("https://log", "3", "2022", "a") "]"
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ HEAD "\"caUrls\":[]}", "certificate authority" },
		{ HEAD "\"caUrls\":[" SERVICE("https://ca", "1", "2030", "a") "]}",
		  "certificate authority" },
		{ HEAD "\"caUrls\":[{\"url\":\"https://ca\",\"majorApiVersion\":1,\"validFor\":{"
		       "\"start\":\"2020-01-01T00:00:00Z\",\"end\":\"2021-01-01T00:00:00Z\"}}]}",
		  "certificate authority" },
		{ HEAD CA "," LOG "}", "selector" },
		{ HEAD CA "," LOG ",\"rekorTlogConfig\":{\"selector\":0}}", "selector" },
		{ HEAD CA "," LOG ",\"rekorTlogConfig\":{\"selector\":\"EXACT\",\"count\":2}}",
		  "1 usable" },
		{ HEAD CA "," OLD_LOG "," ANY_LOG "}", "0 usable" },
		{ HEAD CA "," OLD_LOG ",\"rekorTlogConfig\":{\"selector\":\"ALL\"}}", "0 usable" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(signing_config) config = { 0 };
		struct signing_choice choice;
		struct notar_error err = { 0 };

		assert_int_equal(choose(cases[i].text, &config, &choice, &err), NOTAR_E_CONFIG);
		assert_non_null(strstr(err.msg, cases[i].names));
	}
}

static void
what_breaks_the_form_is_refused_and_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "[]", "signing config" },
		{ "{}", "mediaType" },
		{ "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.1+json\"}",
		  "mediaType" },
		{ HEAD "\"caUrls\":{}}", "caUrls" },
		{ HEAD "\"caUrls\":[7]}", "caUrls[0]" },
		{ HEAD "\"caUrls\":[],\"ca_urls\":[]}", "two spellings" },
		{ HEAD "\"caUrls\":[{\"majorApiVersion\":1," SINCE("2022") "}]}", "url" },
		{ HEAD "\"caUrls\":[" SERVICE("ftp://ca", "1", "2022", "a") "]}", "url" },
		{ HEAD "\"caUrls\":[" SERVICE("https://c a", "1", "2022", "a") "]}", "url" },
		{ HEAD "\"caUrls\":[" SERVICE("https://ca", "-1", "2022", "a") "]}",
		  "majorApiVersion" },
		{ HEAD "\"caUrls\":[{\"url\":\"https://ca\"," SINCE("2022") "}]}",
		  "majorApiVersion" },
		{ HEAD "\"caUrls\":[{\"url\":\"https://ca\",\"majorApiVersion\":1}]}", "validFor" },
		{ HEAD "\"caUrls\":[{\"url\":\"https://ca\",\"majorApiVersion\":1,\"validFor\":{}}]"
		       "}",
		  "start" },
		{ HEAD "\"caUrls\":[" SERVICE("https://ca", "1", "soon", "a") "]}", "start" },
		{ HEAD CA ",\"tsaConfig\":{\"selector\":\"SOME\"}}", "selector" },
		{ HEAD CA ",\"tsaConfig\":{\"selector\":4}}", "selector" },
		{ HEAD CA ",\"tsaConfig\":{\"selector\":\"EXACT\"}}", "count" },
	};
	for (size_t i = 0; i < NOTAR_COUNT(cases); i++) {
		NOTAR_AUTO_OF(signing_config) config = { 0 };
		struct notar_error err = { 0 };

		assert_int_not_equal(signing_config_parse(span_str(cases[i].text), &config, &err),
				     NOTAR_OK);
		if (strstr(err.msg, cases[i].names) == NULL)
			fail_msg("case %zu: %s", i, err.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_highest_known_version_and_the_newest_service_are_asked),
		cmocka_unit_test(one_service_of_each_operator_is_asked),
		cmocka_unit_test(a_document_without_logs_and_authorities_asks_none),
		cmocka_unit_test(a_log_of_version_2_without_a_timestamp_authority_is_refused),
		cmocka_unit_test(what_cannot_be_chosen_from_is_refused_and_named),
		cmocka_unit_test(what_breaks_the_form_is_refused_and_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
