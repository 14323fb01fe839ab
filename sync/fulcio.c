/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/fulcio.h"

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"
#include "pki/request.h"
#include "sync/bearer.h"
#include "sync/refusal.h"

#define FULCIO_MS 30000
#define FULCIO_BODY_BYTES (1U << 20)

static enum notar_code
write_request(const struct key *key, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) pem = { 0 };

	NOTAR_TRY(request_make_bare(key, &pem, err));
	json_begin_object(out);
	json_name(out, "certificateSigningRequest");
	json_put_base64(out, buf_span(&pem));
	json_end_object(out);
	return buf_finish(out, "certificate request", err);
}

static enum notar_code
post(const struct fulcio_options *options, const struct secret *token, struct span body,
     struct http_response *response, struct notar_error *err)
{
	const struct http_client_options access = { .ca_file = options->ca_file };
	NOTAR_AUTO(http_client) *client = NULL;
	NOTAR_AUTO_OF(secret) header = { 0 };
	NOTAR_AUTO_OF(buf) url = { 0 };

	NOTAR_TRY(bearer_check_url(options->url, err));
	NOTAR_TRY(bearer_header("Bearer", secret_borrow(token), &header, err));
	bearer_join(options->url, "/api/v2/signingCert", &url);
	NOTAR_TRY(buf_finish(&url, "URL", err));
	const struct http_request request = {
		.method = "POST",
		.url = buf_cstr(&url),
		.authorization = (const char *)header.ptr,
		.headers = { { "Content-Type", "application/json" },
			     { "Accept", "application/json" } },
		.body = body,
		.cap = FULCIO_BODY_BYTES,
		.deadline_ms = bearer_deadline_ms(options->deadline_ms, FULCIO_MS),
		.retry = true,
		.no_redirects = true,
	};

	NOTAR_TRY(http_client_new(&access, &client, err));
	NOTAR_TRY(http_client_do(client, &request, response, err));
	return response->status == 200 || response->status == 201 ? NOTAR_OK :
								    refusal(response, err);
}

static enum notar_code
add_certificate(const struct json *at, struct cert_list *chain, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) der = { 0 };
	struct span text, label, rest;

	NOTAR_TRY(json_as_string(at, &text, err));
	NOTAR_TRY(pem_decode(text, &label, &der, &rest, err));
	if (!span_is(label, "CERTIFICATE"))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a certificate", at->path);
	return cert_list_add(chain, buf_span(&der), LIMIT_CHAIN_CERTIFICATES, err);
}

static enum notar_code
read_chain(const struct json *top, struct cert_list *out, struct notar_error *err)
{
	struct json detached, embedded, chain, list;
	size_t count = 0;

	NOTAR_TRY(json_optional(top, "signedCertificateDetachedSct", &detached, err));
	if (detached.value != NULL)
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "its certificate comes with a detached SCT, which no bundle "
				  "can hold");
	NOTAR_TRY(json_member(top, "signedCertificateEmbeddedSct", &embedded, err));
	NOTAR_TRY(json_member(&embedded, "chain", &chain, err));
	NOTAR_TRY(json_member(&chain, "certificates", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_CHAIN_CERTIFICATES, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct json item = json_item(&list, i);

		NOTAR_TRY(add_certificate(&item, out, err));
	}
	return count > 0 ? NOTAR_OK :
			   notar_fail(err, NOTAR_E_FORMAT, "%s: no certificate", list.path);
}

static enum notar_code
read_answer(struct span body, const struct key *key, struct cert_list *out, struct notar_error *err)
{
	const struct json_limits limits = { FULCIO_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(body, limits, "answer", &root, &top, err));
	NOTAR_TRY(read_chain(&top, &chain, err));
	if (!span_equal(chain.certs[0]->spki, key_spki(key)))
		return notar_fail(err, NOTAR_E_SIGNATURE, "its certificate is of another key");
	*out = chain;
	chain = (struct cert_list){ 0 };
	return NOTAR_OK;
}

static enum notar_code
obtain(const struct fulcio_options *options, const struct secret *token, const struct key *key,
       struct cert_list *chain, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	NOTAR_AUTO_OF(http_response) response = { 0 };

	NOTAR_TRY(write_request(key, &body, err));
	NOTAR_TRY(post(options, token, buf_span(&body), &response, err));
	return read_answer(buf_span(&response.body), key, chain, err);
}

enum notar_code
fulcio_certificate(const struct fulcio_options *options, const struct secret *token,
		   const struct key *key, struct cert_list *chain, struct notar_error *err)
{
	if (obtain(options, token, key, chain, err) != NOTAR_OK)
		return notar_context(err, "certificate authority %.200s", options->url);
	return NOTAR_OK;
}
