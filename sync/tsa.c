/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/tsa.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "net/http_client.h"
#include "pki/timestamp.h"
#include "sync/revocation.h"

#define TSA_TIMEOUT_MS 15000

static void
fill_nonce(uint8_t nonce[TIMESTAMP_NONCE_BYTES])
{
	randombytes_buf(nonce, TIMESTAMP_NONCE_BYTES);
	/* A positive INTEGER of full length in DER, whatever was drawn. */
	nonce[0] = (uint8_t)((nonce[0] & 0x7f) | 0x40);
}

static enum notar_code
post(const struct tsa_options *options, struct http_client *client, struct span query,
     struct http_response *response, struct notar_error *err)
{
	int64_t own_ms = clock_deadline_ms(TSA_TIMEOUT_MS);
	const struct http_request request = {
		.method = "POST",
		.url = options->url,
		.headers = { { "Content-Type", "application/timestamp-query" },
			     { "Accept", "application/timestamp-reply" } },
		.body = query,
		.cap = LIMIT_TIMESTAMP_BYTES,
		.deadline_ms = options->deadline_ms != 0 && options->deadline_ms < own_ms ?
				       options->deadline_ms :
				       own_ms,
		.no_redirects = true,
	};

	NOTAR_TRY(http_client_do(client, &request, response, err));
	/* Sigstore's authority says 201. */
	if (response->status != 200 && response->status != 201)
		return notar_fail(err, NOTAR_E_NET, "status %d", response->status);
	if (!span_starts_with(http_header_find(response, "Content-Type", 0),
			      "application/timestamp-reply"))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "the answer is no application/"
				  "timestamp-reply");
	return NOTAR_OK;
}

/* Mandatory since CVE-2024-56138: a token of an authority that has been revoked is none. */
static enum notar_code
check_revocation(const struct cert_list *chain, struct http_client *client, int64_t deadline_ms,
		 struct notar_error *err)
{
	struct revocation_finding findings[LIMIT_CHAIN_CERTIFICATES] = { 0 };
	const struct revocation_options how = { .client = client,
						.deadline_ms = deadline_ms,
						.allow_private = true,
						.now_s = clock_now_s() };
	char name[CERT_NAME_TEXT_BYTES];

	revocation_check(chain, &how, findings);
	for (size_t i = 0; i < chain->count; i++)
		switch (findings[i].answer.status) {
		case REVOCATION_GOOD:
		case REVOCATION_NOT_REVOCABLE:
			break;
		case REVOCATION_REVOKED:
			return notar_fail(err, NOTAR_E_SIGNATURE,
					  "its certificate \"%s\" is revoked",
					  cert_name_text(chain->certs[i], name));
		case REVOCATION_UNKNOWN:
			return notar_fail(err, NOTAR_E_NET,
					  "nobody could say whether its certificate \"%s\" is "
					  "revoked: %s",
					  cert_name_text(chain->certs[i], name),
					  findings[i].message);
		}
	return NOTAR_OK;
}

static enum notar_code
check_token(const struct tsa_options *options, struct http_client *client, struct span token,
	    struct span message, struct notar_error *err)
{
	NOTAR_AUTO_OF(timestamp) timestamp = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };

	NOTAR_TRY(timestamp_verify(token, message, &timestamp, err));
	NOTAR_TRY(timestamp_anchor(&timestamp, options->root, &chain, err));
	return check_revocation(&chain, client, options->deadline_ms, err);
}

/* token: inside response. */
static enum notar_code
ask(const struct tsa_options *options, struct http_client *client, struct span message,
    struct http_response *response, struct span *token, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) query = { 0 };
	uint8_t nonce[TIMESTAMP_NONCE_BYTES];
	const struct notar_digest imprint = digest_of(NOTAR_SHA256, message);

	fill_nonce(nonce);
	NOTAR_TRY(timestamp_request(&imprint, nonce, &query, err));
	NOTAR_TRY(post(options, client, buf_span(&query), response, err));
	return timestamp_reply(buf_span(&response->body), &imprint, nonce, token, err);
}

static enum notar_code
stamp(const struct tsa_options *options, struct span message, bool is_whole, struct buf *out,
      struct notar_error *err)
{
	const struct http_client_options access = { .ca_file = options->ca_file };
	NOTAR_AUTO(http_client) *client = NULL;
	NOTAR_AUTO_OF(http_response) response = { 0 };
	struct span token;

	NOTAR_TRY(http_client_new(&access, &client, err));
	NOTAR_TRY(ask(options, client, message, &response, &token, err));
	if (!is_whole)
		NOTAR_TRY(check_token(options, client, token, message, err));
	buf_append_span(out, is_whole ? buf_span(&response.body) : token);
	return buf_finish(out, "timestamp", err);
}

enum notar_code
tsa_stamp(const struct tsa_options *options, struct span message, struct buf *token,
	  struct notar_error *err)
{
	if (stamp(options, message, false, token, err) != NOTAR_OK)
		return notar_context(err, "timestamp authority %.200s", options->url);
	return NOTAR_OK;
}

enum notar_code
tsa_stamp_reply(const struct tsa_options *options, struct span message, struct buf *reply,
		struct notar_error *err)
{
	if (stamp(options, message, true, reply, err) != NOTAR_OK)
		return notar_context(err, "timestamp authority %.200s", options->url);
	return NOTAR_OK;
}
