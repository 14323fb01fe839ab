/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/revocation.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/limits.h"

#define OCSP_TIMEOUT_MS 2000
#define CRL_TIMEOUT_MS 5000
#define OCSP_GET_CHARS 255

struct asking {
	const struct revocation_options *options;
	const struct cert *cert, *issuer;
	struct revocation_finding *out;
	bool wants_delta; /* the certificate itself says that there is one */
};

static void
say(struct revocation_finding *out, const char *who, const struct notar_error *err)
{
	(void)snprintf(out->message, sizeof(out->message), "%.60s: %.90s", who, err->msg);
}

static enum notar_code
fetch(const struct asking *a, const char *url, struct span body, size_t cap, int64_t timeout_ms,
      struct http_response *response, struct notar_error *err)
{
	int64_t deadline_ms = clock_deadline_ms(timeout_ms);
	const struct http_request request = {
		.method = body.len > 0 ? "POST" : "GET",
		.url = url,
		.headers = { { "Content-Type", body.len > 0 ? "application/ocsp-request" : NULL } },
		.body = body,
		.cap = cap,
		.deadline_ms =
			a->options->deadline_ms != 0 && a->options->deadline_ms < deadline_ms ?
				a->options->deadline_ms :
				deadline_ms,
		.no_redirects = true,
		.reach = a->options->allow_private ? NET_ANYWHERE : NET_PUBLIC,
		.give_up = a->options->give_up,
	};

	if (a->options->offline)
		return notar_fail(err, NOTAR_E_NET, "nobody is asked while offline");
	NOTAR_TRY(http_client_do(a->options->client, &request, response, err));
	return response->status == 200 ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_NET, "status %d", response->status);
}

/* "<url>/<escaped base64>", or false when that would be too long for a GET. */
static bool
ocsp_get_url(const char *url, struct span request, struct buf *out)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	size_t len = strlen(url);

	base64_append(&text, request);
	if (text.failed != NOTAR_OK || text.len >= OCSP_GET_CHARS)
		return false;
	buf_append_str(out, url);
	if (len > 0 && url[len - 1] != '/')
		buf_append_byte(out, '/');
	size_t start = out->len;

	for (size_t i = 0; i < text.len; i++)
		switch (text.ptr[i]) {
		case '+':
			buf_append_str(out, "%2B");
			break;
		case '/':
			buf_append_str(out, "%2F");
			break;
		case '=':
			buf_append_str(out, "%3D");
			break;
		default:
			buf_append_byte(out, text.ptr[i]);
		}
	return out->failed == NOTAR_OK && out->len - start < OCSP_GET_CHARS;
}

static enum notar_code
ask_responder(const struct asking *a, const char *url, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) request = { 0 };
	NOTAR_AUTO_OF(buf) get = { 0 };
	NOTAR_AUTO_OF(http_response) response = { 0 };

	NOTAR_TRY(ocsp_request(a->cert, a->issuer, &request, err));
	bool short_enough = ocsp_get_url(url, buf_span(&request), &get);
	struct span body = buf_span(&request);
	const char *target = short_enough ? buf_cstr(&get) : url;

	if (target == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory to ask");
	if (short_enough)
		body = (struct span){ 0 };
	NOTAR_TRY(fetch(a, target, body, LIMIT_OCSP_BYTES, OCSP_TIMEOUT_MS, &response, err));
	return ocsp_judge(buf_span(&response.body), a->cert, a->issuer, a->options->now_s,
			  &a->out->answer, err);
}

/* The first definitive answer; a signed "unknown" is one too. */
static void
ask_responders(const struct asking *a, const struct revocation_urls *urls)
{
	for (size_t i = 0; i < urls->ocsp_count; i++) {
		struct notar_error err = { 0 };

		if (ask_responder(a, urls->ocsp[i], &err) == NOTAR_OK) {
			if (a->out->answer.status == REVOCATION_UNKNOWN)
				(void)snprintf(a->out->message, sizeof(a->out->message),
					       "%.60s: the responder does not know it",
					       urls->ocsp[i]);
			return;
		}
		say(a->out, urls->ocsp[i], &err);
	}
}

/* A list, and whether it is worth keeping: it has just come. */
struct list {
	const char *url;
	struct buf der;
	bool fetched;
};

static void
list_release(struct list *list)
{
	buf_release(&list->der);
	*list = (struct list){ 0 };
}

static enum notar_code
fetch_list(const struct asking *a, const char *url, struct list *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };

	NOTAR_TRY(
		fetch(a, url, (struct span){ 0 }, LIMIT_CRL_BYTES, CRL_TIMEOUT_MS, &response, err));
	list_release(out);
	*out = (struct list){ url, response.body, true };
	response.body = (struct buf){ 0 };
	return NOTAR_OK;
}

static bool
recall_list(const struct asking *a, const char *url, struct list *out)
{
	list_release(out);
	out->url = url;
	return list_cache_get(a->options->lists, url, a->options->now_s, a->options->renewing,
			      &out->der);
}

static void
keep_list(const struct asking *a, const struct list *list)
{
	if (list->fetched)
		list_cache_put(a->options->lists, list->url, buf_span(&list->der),
			       a->options->now_s);
}

/* Deltas are alternatives: the first that is there, or comes. */
static enum notar_code
find_delta(const struct asking *a, const struct list *base, struct revocation_urls *urls,
	   struct list *delta, struct notar_error *err)
{
	enum notar_code code = NOTAR_E_NET;

	NOTAR_TRY(crl_freshest(buf_span(&base->der), urls, err));
	if (!urls->has_freshest_crl)
		return a->wants_delta ? notar_fail(err, NOTAR_E_UNSUPPORTED,
						   "it names no delta list, the certificate does") :
					NOTAR_OK;
	for (size_t i = 0; i < urls->crl_count && !base->fetched; i++)
		if (recall_list(a, urls->crl[i], delta))
			return NOTAR_OK;
	(void)!notar_fail(err, NOTAR_E_NET, "its delta list has no address");
	for (size_t i = 0; i < urls->crl_count && code != NOTAR_OK; i++)
		code = fetch_list(a, urls->crl[i], delta, err);
	return code;
}

/* A list that is kept is checked like one that has just come: these are no more than bytes. */
static enum notar_code
judge_lists(const struct asking *a, const struct list *base, struct revocation_answer *out,
	    struct notar_error *err)
{
	NOTAR_AUTO_OF(list) delta = { 0 };
	struct revocation_urls urls;

	NOTAR_TRY(find_delta(a, base, &urls, &delta, err));
	NOTAR_TRY(crl_judge(buf_span(&base->der), buf_span(&delta.der), a->cert, a->issuer,
			    a->options->now_s, out, err));
	keep_list(a, base);
	keep_list(a, &delta);
	return NOTAR_OK;
}

/* Where kept ones will not do, all are fetched anew: whatever is wrong with them is a miss. */
static enum notar_code
ask_list(const struct asking *a, const char *url, struct revocation_answer *out,
	 struct notar_error *err)
{
	NOTAR_AUTO_OF(list) base = { 0 };

	if (recall_list(a, url, &base) && judge_lists(a, &base, out, err) == NOTAR_OK)
		return NOTAR_OK;
	NOTAR_TRY(fetch_list(a, url, &base, err));
	return judge_lists(a, &base, out, err);
}

static void
take_earlier(struct revocation_answer *sum, const struct revocation_answer *one)
{
	if (sum->this_update_s == 0 || one->this_update_s < sum->this_update_s)
		sum->this_update_s = one->this_update_s;
	if (sum->next_update_s == 0 || one->next_update_s < sum->next_update_s)
		sum->next_update_s = one->next_update_s;
}

/* Every list must be there, since each may hold another part; any that revokes, revokes. */
static void
ask_lists(const struct asking *a, const struct revocation_urls *urls)
{
	struct revocation_answer sum = { .status = REVOCATION_GOOD };
	bool all = !urls->has_other_crl;

	for (size_t i = 0; i < urls->crl_count; i++) {
		struct revocation_answer one = { 0 };
		struct notar_error err = { 0 };

		if (ask_list(a, urls->crl[i], &one, &err) != NOTAR_OK) {
			say(a->out, urls->crl[i], &err);
			all = false;
			continue;
		}
		if (one.status == REVOCATION_REVOKED) {
			a->out->answer = one;
			return;
		}
		take_earlier(&sum, &one);
	}
	if (all)
		a->out->answer = sum;
}

static void
check_one(struct asking *a)
{
	struct revocation_urls urls;

	if (!revocation_is_possible(a->cert)) {
		a->out->answer.status = REVOCATION_NOT_REVOCABLE;
		return;
	}
	revocation_urls(a->cert, &urls);
	a->wants_delta = urls.has_freshest_crl;
	(void)snprintf(a->out->message, sizeof(a->out->message),
		       "it names nobody who could be asked over http");
	ask_responders(a, &urls);
	if (a->out->answer.status == REVOCATION_UNKNOWN && urls.crl_count > 0)
		ask_lists(a, &urls);
	if (a->out->answer.status != REVOCATION_UNKNOWN)
		a->out->message[0] = '\0';
}

void
revocation_check(const struct cert_list *chain, const struct revocation_options *options,
		 struct revocation_finding *findings)
{
	for (size_t i = 0; i < chain->count; i++) {
		findings[i] = (struct revocation_finding){ 0 };
		if (i + 1 == chain->count) {
			findings[i].answer.status = REVOCATION_NOT_REVOCABLE;
			continue;
		}
		struct asking a = { options, chain->certs[i], chain->certs[i + 1], &findings[i],
				    false };

		check_one(&a);
	}
}
