/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_internal.h"

#include "base/clock.h"
#include "base/limits.h"

#define COOL_MS 1000
#define COOL_MOST_MS 60000

static void
end(struct transfer *t, enum notar_code code)
{
	t->x->code = code;
	t->x->settled = true;
	t->state = TRANSFER_DONE;
}

/* Scheme, host and path say where; a query may be a signature, so it is left out. */
void
transfer_fail(struct transfer *t, enum notar_code code, const char *what)
{
	end(t,
	    notar_fail(&t->x->err, code, "%s %s://%s:%u%.300s: %s", t->x->request.method,
		       t->at.secure ? "https" : "http", t->at.host, t->at.port, t->at.path, what));
}

void
transfer_release(struct transfer *t)
{
	if (t->easy != NULL && t->state == TRANSFER_RUNNING)
		(void)curl_multi_remove_handle(t->client->multi, t->easy);
	curl_easy_cleanup(t->easy);
	for (struct curl_slist *line = t->headers; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(t->headers);
	url_release(&t->first);
	url_release(&t->at);
	*t = (struct transfer){ 0 };
}

static bool
cooling(const struct transfer *t)
{
	return t->client->cool.text != NULL && url_same_origin(&t->client->cool, &t->first) &&
	       clock_left_ms(t->client->cool_until_ms) > 0;
}

void
transfer_prepare(struct transfer *t, struct http_client *client, struct http_exchange *x)
{
	struct span url = span_str(x->request.url);

	*t = (struct transfer){ .client = client, .x = x, .reach = x->request.reach };
	if (x->settled) {
		t->state = TRANSFER_DONE;
		return;
	}
	x->code = url_parse(url, &t->first, &x->err);
	if (x->code == NOTAR_OK)
		x->code = url_parse(url, &t->at, &x->err);
	if (x->code != NOTAR_OK)
		end(t, x->code);
	else if (clock_left_ms(x->request.deadline_ms) == 0)
		transfer_fail(t, NOTAR_E_TIMEOUT, "the deadline has passed");
	else if (cooling(t))
		transfer_fail(t, NOTAR_E_THROTTLED, "the registry asks for fewer requests");
	x->response.body.cap =
		x->request.cap > LIMIT_ERROR_BODY_BYTES ? x->request.cap : LIMIT_ERROR_BODY_BYTES;
	x->response.headers.cap = LIMIT_HEADER_BYTES;
}

static void
drop_headers(struct transfer *t)
{
	for (struct curl_slist *line = t->headers; line != NULL; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(t->headers);
	t->headers = NULL;
}

void
transfer_start(struct transfer *t)
{
	if (t->easy == NULL)
		t->easy = curl_easy_init();
	else
		curl_easy_reset(t->easy);
	drop_headers(t);
	buf_clear(&t->x->response.body);
	buf_clear(&t->x->response.headers);
	t->sent = 0;
	t->error_body_cut = false;
	t->why[0] = '\0';
	if (t->easy == NULL) {
		transfer_fail(t, NOTAR_E_NOMEM, "no memory");
		return;
	}
	enum notar_code code = transfer_setup(t, &t->x->err);
	if (code != NOTAR_OK) {
		end(t, code);
		return;
	}
	if (curl_multi_add_handle(t->client->multi, t->easy) != CURLM_OK) {
		transfer_fail(t, NOTAR_E_INTERNAL, "curl would not start");
		return;
	}
	t->x->response.requests++;
	t->state = TRANSFER_RUNNING;
}

/* A hop or a try from the start, not before delay_ms have passed. */
static void
again(struct transfer *t, int64_t delay_ms)
{
	t->due_ms = clock_deadline_ms(delay_ms);
	t->state = TRANSFER_WAITING;
}

/* False when it is out of tries or would pass the deadline. */
static bool
try_again(struct transfer *t, int64_t asked_ms)
{
	t->tries++;
	int64_t delay = asked_ms > 0 ? asked_ms : http_backoff_ms(t->tries);

	if (!t->x->request.retry || t->tries >= LIMIT_TRIES ||
	    delay >= clock_left_ms(t->x->request.deadline_ms))
		return false;
	url_release(&t->at);
	if (url_parse(span_str(t->first.text), &t->at, &t->x->err) != NOTAR_OK)
		return false;
	t->hops = 0;
	t->reach = t->x->request.reach;
	again(t, delay);
	return true;
}

static bool
may_be_transient(const struct transfer *t, CURLcode rc)
{
	static const CURLcode codes[] = { CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST,
					  CURLE_GOT_NOTHING,     CURLE_SEND_ERROR,
					  CURLE_RECV_ERROR,      CURLE_PARTIAL_FILE,
					  CURLE_HTTP2,           CURLE_HTTP2_STREAM };
	curl_off_t connected_us = 0;

	if (t->blocked)
		return false;
	if (rc == CURLE_OPERATION_TIMEDOUT) {
		(void)curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
		return connected_us == 0;
	}
	for (size_t i = 0; i < NOTAR_COUNT(codes); i++)
		if (codes[i] == rc)
			return true;
	return false;
}

static void
failed(struct transfer *t, CURLcode rc)
{
	const char *why = t->why[0] != '\0' ? t->why : curl_easy_strerror(rc);

	if (t->over_cap)
		transfer_fail(t, NOTAR_E_LIMIT, "the answer is larger than is allowed here");
	else if (t->over_headers)
		transfer_fail(t, NOTAR_E_LIMIT, "the answer's header is too large");
	else if (t->blocked)
		transfer_fail(t, NOTAR_E_NET, "refused: it leads to a private address");
	else if (clock_left_ms(t->x->request.deadline_ms) == 0)
		transfer_fail(t, NOTAR_E_TIMEOUT, "no answer before the deadline");
	else if (rc == CURLE_OUT_OF_MEMORY || rc == CURLE_WRITE_ERROR)
		transfer_fail(t, NOTAR_E_NOMEM, "no memory for the answer");
	else if (!may_be_transient(t, rc) || !try_again(t, 0))
		transfer_fail(t, NOTAR_E_NET, why);
}

static void
remember_throttle(struct transfer *t, int64_t asked_ms)
{
	struct http_client *client = t->client;
	struct notar_error ignored = { 0 };
	int64_t wait = asked_ms > 0 ? asked_ms : COOL_MS;

	url_release(&client->cool);
	if (url_parse(span_str(t->first.text), &client->cool, &ignored) == NOTAR_OK)
		client->cool_until_ms =
			clock_deadline_ms(wait < COOL_MOST_MS ? wait : COOL_MOST_MS);
}

static bool
is_transient_status(int status)
{
	return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
}

static void
answered(struct transfer *t)
{
	struct http_response *response = &t->x->response;

	if (is_transient_status(response->status)) {
		curl_off_t asked_s = 0;
		(void)curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &asked_s);
		int64_t asked_ms = asked_s > 0 && asked_s < INT64_MAX / 1000 ? asked_s * 1000 : 0;
		if (try_again(t, asked_ms))
			return;
		if (response->status == 429)
			remember_throttle(t, asked_ms);
	}
	response->url = t->at;
	t->at = (struct url){ 0 };
	end(t, NOTAR_OK);
}

static bool
is_redirect(const struct transfer *t)
{
	const char *method = t->x->request.method;
	bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	int status = t->x->response.status;

	if (t->x->request.no_redirects)
		return false;
	return status == 307 || status == 308 || (reads && status >= 301 && status <= 303);
}

static void
redirected(struct transfer *t)
{
	struct http_response *response = &t->x->response;
	NOTAR_AUTO_OF(url) next = { 0 };
	struct notar_error why = { 0 };

	if (++t->hops > LIMIT_REDIRECTS) {
		transfer_fail(t, NOTAR_E_NET, "too many redirects");
		return;
	}
	if (url_resolve(&t->at, http_header_find(response, "Location", 0), &next, &why) !=
	    NOTAR_OK) {
		transfer_fail(t, NOTAR_E_NET, "redirected to nowhere useful");
		return;
	}
	if (t->x->request.stay && !url_same_origin(&next, &t->first)) {
		answered(t);
		return;
	}
	if (t->at.secure && !next.secure) {
		transfer_fail(t, NOTAR_E_NET, "redirected from https to http");
		return;
	}
	url_release(&t->at);
	t->at = next;
	next = (struct url){ 0 };
	/* The registry's own address is the measure for where it may send us. */
	t->reach = url_same_origin(&t->at, &t->first) ? t->x->request.reach : response->peer;
	again(t, 0);
}

void
transfer_finished(struct transfer *t, CURLcode rc)
{
	struct http_response *response = &t->x->response;
	long status = 0;
	const char *ip = NULL;

	(void)curl_multi_remove_handle(t->client->multi, t->easy);
	t->state = TRANSFER_WAITING;
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip);
	response->status = (int)status;
	if (t->hops == 0)
		response->peer = net_reach_of_text(ip);
	if (rc == CURLE_WRITE_ERROR && t->error_body_cut)
		rc = CURLE_OK;
	if (rc != CURLE_OK)
		failed(t, rc);
	else if (is_redirect(t))
		redirected(t);
	else
		answered(t);
}
