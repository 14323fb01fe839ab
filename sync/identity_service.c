/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/identity_service.h"

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"
#include "sync/bearer.h"

#define SERVICE_MS 15000
#define PROBE_MS 1000 /* of Google's metadata, which is next door or not there */
#define GOOGLE_HOST "metadata.google.internal"
#define GOOGLE_PATH                                                                                \
	"/computeMetadata/v1/instance/service-accounts/default/identity"                           \
	"?audience=" IDENTITY_TOKEN_AUDIENCE "&format=full"
#define BUILDKITE_ENDPOINT "https://agent.buildkite.com/v3"
#define JOB_CHARS 64

static enum notar_code
ask(const struct identity_token_options *options, struct http_request *request,
    struct http_response *response, struct notar_error *err)
{
	const struct http_client_options access = { .ca_file = options->ca_file };
	NOTAR_AUTO(http_client) *client = NULL;

	request->cap = LIMIT_TOKEN_BODY_BYTES;
	request->no_redirects = true;
	NOTAR_TRY(http_client_new(&access, &client, err));
	NOTAR_TRY(http_client_do(client, request, response, err));
	if (response->status != 200 && response->status != 201)
		return notar_fail(err, NOTAR_E_AUTH, "status %d, and no token", response->status);
	return NOTAR_OK;
}

/* A request with a token of its own, answered by JSON. */
static enum notar_code
exchange(const struct identity_token_options *options, struct http_request *request,
	 const char *scheme, const char *token, const char *member, struct secret *out,
	 struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) header = { 0 };
	NOTAR_AUTO_OF(http_response) response = { 0 };

	NOTAR_TRY(bearer_check_url(request->url, err));
	NOTAR_TRY(bearer_header(scheme, span_str(token), &header, err));
	request->authorization = (const char *)header.ptr;
	request->retry = true;
	request->deadline_ms = bearer_deadline_ms(options->deadline_ms, SERVICE_MS);
	NOTAR_TRY(ask(options, request, &response, err));
	return bearer_take(&response, member, out, err);
}

enum notar_code
identity_from_github(const struct identity_token_options *options, struct secret *out,
		     struct notar_error *err)
{
	const char *base = getenv("ACTIONS_ID_TOKEN_REQUEST_URL");
	const char *token = getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
	NOTAR_AUTO_OF(url) parsed = { 0 };
	NOTAR_AUTO_OF(url) whole = { 0 };

	if (base == NULL || token == NULL)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "not in GitHub Actions");
	NOTAR_TRY(url_parse(span_str(base), &parsed, err));
	NOTAR_TRY(url_with_query(&parsed, "audience", span_str(IDENTITY_TOKEN_AUDIENCE), &whole,
				 err));
	struct http_request request = { .method = "GET", .url = whole.text };

	return exchange(options, &request, "bearer", token, "value", out, err);
}

static bool
is_job(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= JOB_CHARS &&
	       strspn(text, "0123456789abcdefABCDEFghijklmnopqrstuvwxyz-") == len;
}

enum notar_code
identity_from_buildkite(const struct identity_token_options *options, struct secret *out,
			struct notar_error *err)
{
	static const char body[] = "{\"audience\":\"" IDENTITY_TOKEN_AUDIENCE "\"}";
	const char *token = getenv("BUILDKITE_AGENT_ACCESS_TOKEN");
	const char *endpoint = getenv("BUILDKITE_AGENT_ENDPOINT");
	const char *job = getenv("BUILDKITE_JOB_ID");
	NOTAR_AUTO_OF(buf) url = { 0 };

	if (token == NULL)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "not in Buildkite");
	if (job == NULL || !is_job(job))
		return notar_fail(err, NOTAR_E_CONFIG, "BUILDKITE_JOB_ID is no job's name");
	bearer_join(endpoint != NULL ? endpoint : BUILDKITE_ENDPOINT, "/jobs/", &url);
	buf_printf(&url, "%s/oidc/tokens", job);
	NOTAR_TRY(buf_finish(&url, "Buildkite's URL", err));
	struct http_request request = { .method = "POST",
					.url = buf_cstr(&url),
					.headers = { { "Content-Type", "application/json" } },
					.body = span_str(body) };

	return exchange(options, &request, "Token", token, "token", out, err);
}

static enum notar_code
take_text(struct http_response *response, struct secret *out, struct notar_error *err)
{
	struct span text = buf_span(&response->body);

	if (!span_is(http_header_find(response, "Metadata-Flavor", 0), "Google"))
		return notar_fail(err, NOTAR_E_NOT_FOUND, "somebody else answers");
	while (text.len > 0 && text.ptr[text.len - 1] <= ' ')
		text.len--;
	return secret_absorb(response->body.ptr, text.len, out, err);
}

/* Whoever does not answer at once is no metadata server; one that refuses is one. */
enum notar_code
identity_from_google(const struct identity_token_options *options, struct secret *out,
		     struct notar_error *err)
{
	const char *host = getenv("GCE_METADATA_HOST");
	NOTAR_AUTO_OF(buf) url = { 0 };
	NOTAR_AUTO_OF(http_response) response = { 0 };

	buf_printf(&url, "http://%s%s", host != NULL ? host : GOOGLE_HOST, GOOGLE_PATH);
	NOTAR_TRY(buf_finish(&url, "Google's URL", err));
	struct http_request request = { .method = "GET",
					.url = buf_cstr(&url),
					.headers = { { "Metadata-Flavor", "Google" } },
					.deadline_ms = bearer_deadline_ms(options->deadline_ms,
									  PROBE_MS) };

	if (ask(options, &request, &response, err) != NOTAR_OK)
		return span_is(http_header_find(&response, "Metadata-Flavor", 0), "Google") ?
			       NOTAR_E_AUTH :
			       notar_fail(err, NOTAR_E_NOT_FOUND, "not at Google");
	return take_text(&response, out, err);
}
