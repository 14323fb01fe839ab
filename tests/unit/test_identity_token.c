/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/identity_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/lib/fake_http.h"

#define TOKEN "eyJhIjoxfQ.e30.c2ln"
#define NOWHERE "/nonexistent/token"

static const char *const names[] = {
	"SIGSTORE_ID_TOKEN",
	"ACTIONS_ID_TOKEN_REQUEST_URL",
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN",
	"BUILDKITE_AGENT_ACCESS_TOKEN",
	"BUILDKITE_AGENT_ENDPOINT",
	"BUILDKITE_JOB_ID",
	"SPIFFE_ENDPOINT_SOCKET",
};

/* No source at all: nobody listens on port 1. */
static int
bare_environment(void **state)
{
	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++)
		(void)unsetenv(names[i]);
	return setenv("GCE_METADATA_HOST", "127.0.0.1:1", 1);
}

static enum notar_code
get(const char *given, struct identity_token *out, struct notar_error *err)
{
	const struct identity_token_options options = { .given = given, .file = NOWHERE };

	return identity_token_get(&options, out, err);
}

static void
what_is_given_comes_before_the_environment(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_token) token = { 0 };

	(void)setenv("SIGSTORE_ID_TOKEN", "other", 1);
	assert_int_equal(get(TOKEN, &token, NULL), NOTAR_OK);
	assert_true(span_is(secret_borrow(&token.text), TOKEN));
}

static void
a_file_that_is_given_and_missing_ends_the_search(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_token) token = { 0 };
	struct notar_error err = { 0 };

	(void)setenv("SIGSTORE_ID_TOKEN", "other", 1);
	assert_int_equal(get(NOWHERE, &token, &err), NOTAR_E_USAGE);
	assert_null(token.text.ptr);
}

static void
a_cut_token_is_not_shown_as_a_path(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_token) token = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(get("eyJhIjoxfQ.e30", &token, &err), NOTAR_E_USAGE);
	assert_null(strstr(err.msg, "eyJ"));
}

static void
the_environment_s_token_is_trimmed(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_token) token = { 0 };

	(void)setenv("SIGSTORE_ID_TOKEN", TOKEN "\n", 1);
	assert_int_equal(get(NULL, &token, NULL), NOTAR_OK);
	assert_true(span_is(secret_borrow(&token.text), TOKEN));
	assert_string_equal(token.source, "SIGSTORE_ID_TOKEN");
}

static void
without_a_source_it_is_said_what_to_do(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_token) token = { 0 };
	struct notar_error err = { 0 };

	assert_int_equal(get(NULL, &token, &err), NOTAR_E_NOT_FOUND);
	assert_non_null(strstr(err.msg, "SIGSTORE_ID_TOKEN"));
	(void)setenv("SPIFFE_ENDPOINT_SOCKET", "unix:///x", 1);
	assert_int_equal(get(NULL, &token, &err), NOTAR_E_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "SIGSTORE_ID_TOKEN"));
}

static void
answer(struct fake_http *server, unsigned nth, const char *request, struct buf *out, void *user)
{
	(void)server;
	(void)nth;
	(void)request;
	fake_reply(out, 200, "Metadata-Flavor: Google\r\n", user);
}

static void
github_is_asked_with_its_own_token_and_the_audience(void **state)
{
	(void)state;
	char body[] = "{\"value\":\"" TOKEN "\"}";
	struct fake_http *server = fake_http_start("127.0.0.1", answer, body);
	NOTAR_AUTO_OF(identity_token) token = { 0 };
	char url[128];

	(void)snprintf(url, sizeof(url), "%s/t?a=b", fake_http_url(server));
	(void)setenv("ACTIONS_ID_TOKEN_REQUEST_URL", url, 1);
	(void)setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "own", 1);
	assert_int_equal(get(NULL, &token, NULL), NOTAR_OK);
	assert_true(span_is(secret_borrow(&token.text), TOKEN));
	assert_true(fake_http_saw(server, "GET /t?a=b&audience=sigstore "));
	assert_true(fake_http_saw(server, "bearer own"));
	fake_http_stop(server);
}

static void
a_token_of_its_own_is_never_sent_in_the_clear(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(identity_token) token = { 0 };

	(void)setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "http://192.0.2.1/t", 1);
	(void)setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "own", 1);
	assert_int_equal(get(NULL, &token, NULL), NOTAR_E_CONFIG);
}

static void
google_s_metadata_answer_is_the_token(void **state)
{
	(void)state;
	char body[] = TOKEN;
	struct fake_http *server = fake_http_start("127.0.0.1", answer, body);
	NOTAR_AUTO_OF(identity_token) token = { 0 };

	(void)setenv("GCE_METADATA_HOST", fake_http_host(server), 1);
	assert_int_equal(get(NULL, &token, NULL), NOTAR_OK);
	assert_true(span_is(secret_borrow(&token.text), TOKEN));
	assert_true(fake_http_saw(server, "Metadata-Flavor: Google"));
	fake_http_stop(server);
}

static void
buildkite_s_agent_gives_a_job_s_token(void **state)
{
	(void)state;
	char body[] = "{\"token\":\"" TOKEN "\"}";
	struct fake_http *server = fake_http_start("127.0.0.1", answer, body);
	NOTAR_AUTO_OF(identity_token) token = { 0 };

	(void)setenv("BUILDKITE_AGENT_ACCESS_TOKEN", "own", 1);
	(void)setenv("BUILDKITE_AGENT_ENDPOINT", fake_http_url(server), 1);
	(void)setenv("BUILDKITE_JOB_ID", "../x", 1);
	assert_int_equal(get(NULL, &token, NULL), NOTAR_E_CONFIG);
	(void)setenv("BUILDKITE_JOB_ID", "job-1", 1);
	assert_int_equal(get(NULL, &token, NULL), NOTAR_OK);
	assert_true(span_is(secret_borrow(&token.text), TOKEN));
	assert_true(fake_http_saw(server, "POST /jobs/job-1/oidc/tokens "));
	assert_true(fake_http_saw(server, "Token own"));
	fake_http_stop(server);
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, bare_environment)
	const struct CMUnitTest tests[] = {
		WITH(what_is_given_comes_before_the_environment),
		WITH(a_file_that_is_given_and_missing_ends_the_search),
		WITH(a_cut_token_is_not_shown_as_a_path),
		WITH(the_environment_s_token_is_trimmed),
		WITH(without_a_source_it_is_said_what_to_do),
		WITH(github_is_asked_with_its_own_token_and_the_audience),
		WITH(a_token_of_its_own_is_never_sent_in_the_clear),
		WITH(google_s_metadata_answer_is_the_token),
		WITH(buildkite_s_agent_gives_a_job_s_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
