/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/rekor.h"

#include "base/limits.h"
#include "net/http_client.h"
#include "sync/bearer.h"
#include "sync/refusal.h"

#define REKOR_V1_MS 30000
#define REKOR_V2_MS 60000
/* A body in base64 with its proof. */
#define REKOR_ANSWER_BYTES (2 * LIMIT_LOG_BODY_BYTES)

static enum notar_code
post(const struct rekor_options *options, struct http_client *client, const char *path,
     struct span body, struct http_response *response, struct notar_error *err)
{
	int64_t own_ms = options->log.version == 2 ? REKOR_V2_MS : REKOR_V1_MS;
	NOTAR_AUTO_OF(buf) url = { 0 };

	bearer_join(options->log.url, path, &url);
	NOTAR_TRY(buf_finish(&url, "URL", err));
	const struct http_request request = {
		.method = "POST",
		.url = buf_cstr(&url),
		.headers = { { "Content-Type", "application/json" },
			     { "Accept", "application/json" } },
		.body = body,
		.cap = REKOR_ANSWER_BYTES,
		.deadline_ms = bearer_deadline_ms(options->deadline_ms, own_ms),
		.retry = true, /* an entry is there once, however often it is sent */
		.no_redirects = true,
	};

	return http_client_do(client, &request, response, err);
}

/* Version 1 has this entry already and says where. */
static enum notar_code
fetch(const struct rekor_options *options, struct http_client *client,
      const struct http_response *conflict, struct http_response *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(url) there = { 0 };
	struct span location = http_header_find(conflict, "Location", 0);

	if (location.ptr == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "has this entry, and does not say where");
	NOTAR_TRY(url_resolve(&conflict->url, location, &there, err));
	if (!url_same_origin(&there, &conflict->url))
		return notar_fail(err, NOTAR_E_NET, "names another host, %.100s, for its entry",
				  there.host);
	const struct http_request request = {
		.method = "GET",
		.url = there.text,
		.headers = { { "Accept", "application/json" } },
		.cap = REKOR_ANSWER_BYTES,
		.deadline_ms = bearer_deadline_ms(options->deadline_ms, REKOR_V1_MS),
		.retry = true,
		.no_redirects = true,
	};

	NOTAR_TRY(http_client_do(client, &request, out, err));
	return out->status == 200 ? NOTAR_OK : refusal(out, err);
}

static enum notar_code
log_v1(const struct rekor_options *options, struct http_client *client,
       const struct rekor_claim *claim, struct buf *entry, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	NOTAR_AUTO_OF(http_response) first = { 0 };
	NOTAR_AUTO_OF(http_response) second = { 0 };

	rekor_entry_ask_v1(claim, &body);
	NOTAR_TRY(buf_finish(&body, "log request", err));
	NOTAR_TRY(post(options, client, "/api/v1/log/entries", buf_span(&body), &first, err));
	if (first.status == 200 || first.status == 201)
		return rekor_entry_read_v1(buf_span(&first.body), entry, err);
	if (first.status != 409)
		return refusal(&first, err);
	NOTAR_TRY(fetch(options, client, &first, &second, err));
	return rekor_entry_read_v1(buf_span(&second.body), entry, err);
}

static enum notar_code
log_v2(const struct rekor_options *options, struct http_client *client,
       const struct rekor_claim *claim, struct buf *entry, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	NOTAR_AUTO_OF(http_response) response = { 0 };

	rekor_entry_ask_v2(claim, &body);
	NOTAR_TRY(buf_finish(&body, "log request", err));
	NOTAR_TRY(post(options, client, "/api/v2/log/entries", buf_span(&body), &response, err));
	if (response.status != 200 && response.status != 201)
		return refusal(&response, err);
	return rekor_entry_read_v2(buf_span(&response.body), entry, err);
}

enum notar_code
rekor_log(const struct rekor_options *options, const struct rekor_claim *claim, struct buf *entry,
	  struct notar_error *err)
{
	const struct http_client_options access = { .ca_file = options->ca_file };
	NOTAR_AUTO(http_client) *client = NULL;

	NOTAR_TRY(http_client_new(&access, &client, err));
	enum notar_code code = options->log.version == 2 ?
				       log_v2(options, client, claim, entry, err) :
				       log_v1(options, client, claim, entry, err);

	return code == NOTAR_OK ? NOTAR_OK :
				  notar_context(err, "transparency log %.200s", options->log.url);
}
