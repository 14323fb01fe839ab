/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "oci/registry_put.h"

char *
registry_url(const struct registry *r, const char *kind, const char *name)
{
	NOTAR_AUTO_OF(buf) url = { 0 };

	buf_append_str(&url, r->base);
	buf_append_str(&url, kind);
	buf_append_byte(&url, '/');
	buf_append_str(&url, name);
	return buf_take_cstr(&url);
}

/* Stored credentials are meant to be used at once: a private repository may look absent to
 * anonymous eyes. How they are wanted is asked where no answer is wasted. */
static enum notar_code
ask_how(struct registry *r, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	NOTAR_AUTO_OF(buf) url = { 0 };
	struct span origin = span_of(r->base, (size_t)(strstr(r->base, "/v2/") - r->base));

	buf_append_span(&url, origin);
	buf_append_str(&url, "/v2/");
	const struct http_request request = { .method = "GET",
					      .url = buf_cstr(&url),
					      .cap = LIMIT_ERROR_BODY_BYTES,
					      .deadline_ms = r->source.deadline_ms,
					      .retry = true,
					      .stay = true,
					      .reach = NET_ANYWHERE };
	if (request.url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	NOTAR_TRY(http_client_do(r->http, &request, &response, err));
	r->requests += response.requests;
	if (response.status != 401)
		return NOTAR_OK;
	return auth_answer(r->auth, r->http, &response, r->source.deadline_ms, &r->requests, err);
}

static void
authorize(struct registry *r, struct http_exchange *exchanges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct http_request *request = &exchanges[i].request;
		request->authorization = auth_value(r->auth);
		request->deadline_ms = r->source.deadline_ms;
		request->reach = NET_ANYWHERE;
	}
}

/* The first one that was refused for want of credentials, or NULL. */
static struct http_exchange *
challenged(struct http_exchange *exchanges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (exchanges[i].code == NOTAR_OK && exchanges[i].response.status == 401)
			return &exchanges[i];
	return NULL;
}

/* All that were refused start again, or fail for the reason in *err. */
static void
settle_challenged(struct http_exchange *exchanges, size_t count, enum notar_code code,
		  const struct notar_error *err)
{
	struct http_exchange *x;

	while ((x = challenged(exchanges, count)) != NULL) {
		http_response_release(&x->response);
		x->settled = code != NOTAR_OK;
		x->code = code;
		x->err = *err;
		if (code == NOTAR_OK)
			x->err = (struct notar_error){ 0 };
	}
}

static void
count_requests(struct registry *r, struct http_exchange *exchanges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (exchanges[i].response.requests > 0)
			r->peer = exchanges[i].response.peer;
		r->requests += exchanges[i].response.requests;
		exchanges[i].response.requests = 0;
	}
}

enum notar_code
registry_run(struct registry *r, struct http_exchange *exchanges, size_t count,
	     struct notar_error *err)
{
	if (auth_is_waiting(r->auth))
		NOTAR_TRY(ask_how(r, err));
	for (unsigned round = 0;; round++) {
		struct notar_error why = { 0 };
		authorize(r, exchanges, count);
		NOTAR_TRY(http_client_run(r->http, exchanges, count, err));
		count_requests(r, exchanges, count);
		struct http_exchange *x = challenged(exchanges, count);
		if (x == NULL)
			return NOTAR_OK;
		enum notar_code code =
			round < LIMIT_AUTH_ROUND_TRIPS ?
				auth_answer(r->auth, r->http, &x->response, r->source.deadline_ms,
					    &r->requests, &why) :
				registry_refusal(&x->response, r->ref.path, &why);
		settle_challenged(exchanges, count, code, &why);
		if (code != NOTAR_OK)
			return NOTAR_OK;
	}
}

enum notar_code
registry_send(struct registry *r, const struct http_request *request, struct http_response *out,
	      struct notar_error *err)
{
	struct http_exchange x = { .request = *request };
	enum notar_code code = registry_run(r, &x, 1, err);

	if (code == NOTAR_OK && x.code != NOTAR_OK) {
		code = x.code;
		if (err != NULL)
			*err = x.err;
	}
	if (code == NOTAR_OK && x.response.status == 403)
		code = registry_refusal(&x.response, r->ref.path, err);
	if (code == NOTAR_OK)
		*out = x.response;
	else
		http_response_release(&x.response);
	return code;
}

enum notar_code
registry_send_anywhere(struct registry *r, const struct url *place,
		       const struct http_request *request, struct http_response *out,
		       struct notar_error *err)
{
	NOTAR_AUTO_OF(url) own = { 0 };

	NOTAR_TRY(url_parse(span_str(r->base), &own, err));
	if (url_same_origin(&own, place))
		return registry_send(r, request, out, err);
	if (own.secure && !place->secure)
		return notar_fail(err, NOTAR_E_NET, "the registry sends us from https to http");
	struct http_request stranger = *request;
	stranger.deadline_ms = r->source.deadline_ms;
	stranger.reach = r->peer;
	NOTAR_TRY(http_client_do(r->http, &stranger, out, err));
	r->requests += out->requests;
	return NOTAR_OK;
}

/* The first error's code and message, or nothing when it has another form. */
static void
describe(const struct http_response *response, struct buf *out)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	const struct json_limits limits = { LIMIT_ERROR_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct notar_error ignored = { 0 };
	struct span code = { 0 }, message = { 0 };
	struct json top, errors;
	size_t count = 0;

	if (json_parse(buf_span(&response->body), limits, "error", &root, &top, &ignored) !=
		    NOTAR_OK ||
	    json_member(&top, "errors", &errors, &ignored) != NOTAR_OK ||
	    json_as_array(&errors, 100, &count, &ignored) != NOTAR_OK || count == 0)
		return;
	struct json first = json_item(&errors, 0);
	if (json_optional_string(&first, "code", &code, &ignored) == NOTAR_OK && code.len < 64) {
		buf_append_str(out, ": ");
		buf_append_span(out, code);
	}
	if (json_optional_string(&first, "message", &message, &ignored) == NOTAR_OK) {
		buf_append_str(out, ": ");
		buf_append_span(out, span_of(message.ptr, message.len < 160 ? message.len : 160));
	}
}

static enum notar_code
meaning(int status)
{
	switch (status) {
	case 401:
	case 403:
		return NOTAR_E_AUTH;
	case 404:
	case 410:
		return NOTAR_E_NOT_FOUND;
	case 405:
	case 406:
	case 415:
	case 501:
		return NOTAR_E_UNSUPPORTED;
	case 413:
		return NOTAR_E_LIMIT;
	case 429:
		return NOTAR_E_THROTTLED;
	default:
		return NOTAR_E_NET;
	}
}

enum notar_code
registry_refusal(const struct http_response *response, const char *what, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) words = { .cap = 1024 };

	describe(response, &words);
	const char *text = buf_cstr(&words);
	return notar_fail(err, meaning(response->status), "%s: %s answered %d%s", what,
			  response->url.host == NULL ? "the registry" : response->url.host,
			  response->status, text == NULL ? "" : text);
}
