/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/gate.h"

#include <stdlib.h>

#include "base/json.h"
#include "http/h1.h"
#include "verifier/gate_path.h"
#include "verifier/handler.h"

struct source {
	struct gate_request wish;
	char text[REFERENCE_TEXT_BYTES]; /* the image as policies know it */
};

static void
free_source(void *source)
{
	free(source);
}

/* The registry's own form of a refusal (distribution-spec "Error Codes"), so that clients show
 * the message. */
static void
refuse(struct http_answer *answer, int status, const char *reason, struct span message)
{
	struct buf *out = &answer->body;
	NOTAR_AUTO_OF(buf) plain = { 0 };

	buf_append_span(&plain, message);
	http_answer_release(answer);
	*answer = (struct http_answer){ .status = status };
	json_begin_object(out);
	json_name(out, "errors");
	json_begin_array(out);
	json_begin_object(out);
	json_pair_str(out, "code", status == 503 ? "UNAVAILABLE" : "DENIED");
	json_pair_span(out, "message", message);
	json_name(out, "detail");
	json_begin_object(out);
	json_pair_str(out, "reason", reason);
	json_end_object(out);
	json_end_object(out);
	json_end_array(out);
	json_end_object(out);
	buf_append_str(out, "\n");
	http_answer_header(answer, "X-Notar-Reason", span_str(reason));
	/* Proxies write it into a JSON string of their own. */
	for (size_t i = 0; i < plain.len; i++)
		if (plain.ptr[i] == '"' || plain.ptr[i] == '\\')
			plain.ptr[i] = '\'';
	http_answer_header(answer, "X-Notar-Message", buf_span(&plain));
	answer->retry_after_s = status == 503 ? 1 : 0;
}

/* What is not there is for the registry to say; as a digest that nothing has, lest it come into
 * being between the question and the answer. */
static struct notar_digest
nothing(void)
{
	return (struct notar_digest){ .alg = NOTAR_SHA256 };
}

static void
pass(struct http_answer *answer, const struct source *source, const struct notar_report *r)
{
	struct notar_digest digest = r->reason == NOTAR_REASON_NOT_FOUND ? nothing() : r->digest;
	char text[NOTAR_DIGEST_TEXT_BYTES];
	NOTAR_AUTO_OF(buf) uri = { 0 };

	http_answer_header(answer, "X-Notar-Reason", span_str(notar_reason_name(r->reason)));
	if (digest.alg == NOTAR_DIGEST_NONE)
		return; /* exempt: nobody looked what the tag means */
	buf_printf(&uri, "/v2/%s/manifests/%s", source->wish.name,
		   notar_digest_format(&digest, text));
	http_answer_header(answer, "X-Notar-Manifest", buf_span(&uri));
	if (r->digest.alg != NOTAR_DIGEST_NONE)
		http_answer_header(answer, "X-Notar-Digest", span_str(text));
}

/* "sha256-<hex>", without an ending: the index that stands in for a referrers API. It runs
 * nothing, and what it names is judged when it is asked for. */
static bool
is_list_of_referrers(const struct source *source, const struct notar_report *r)
{
	static const char prefix[] = "sha256-";
	const char *hex = source->wish.reference + sizeof(prefix) - 1;

	return r->content == NOTAR_CONTENT_INDEX &&
	       strncmp(source->wish.reference, prefix, sizeof(prefix) - 1) == 0 &&
	       strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64;
}

static void
render(struct ask *ask, struct http_answer *answer)
{
	const struct source *source = ask->source;
	const struct notar_report *r = &ask->images[0].report;

	if (r->verdict == NOTAR_ALLOW || r->action != NOTAR_ACTION_ENFORCE ||
	    r->content == NOTAR_CONTENT_ARTIFACT || r->reason == NOTAR_REASON_NOT_FOUND ||
	    is_list_of_referrers(source, r)) {
		pass(answer, source, r);
	} else {
		NOTAR_AUTO_OF(buf) message = { 0 };

		buf_printf(&message, "%s: %s: %s", source->text, notar_reason_name(r->reason),
			   r->message);
		refuse(answer, r->verdict == NOTAR_DENY ? 403 : 503, notar_reason_name(r->reason),
		       buf_span(&message));
	}
	(void)!handler_record(ask, METRICS_GATE, answer);
}

static const struct ask_kind kind = { "gate", render, free_source };

/* One pair of headers is the proxy's, which overwrites them; the other is whatever the client
 * sent, so it is not looked at. */
static bool
read_wish(const struct http_request *request, bool forwarded, struct gate_request *out)
{
	struct span method =
		h1_header(request->head, forwarded ? "x-forwarded-method" : "x-original-method");
	struct span uri =
		h1_header(request->head, forwarded ? "x-forwarded-uri" : "x-original-uri");

	if (method.ptr == NULL || uri.ptr == NULL)
		return false;
	gate_path_read(method, uri, out);
	return true;
}

static enum notar_code
make_ask(struct daemon *daemon, const struct http_request *request, const struct gate_request *wish,
	 struct ask **out, struct notar_error *err)
{
	struct source *source = calloc(1, sizeof(*source));
	NOTAR_AUTO_OF(buf) text = { 0 };
	int64_t deadline_ms;

	if (source == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	source->wish = *wish;
	const struct config *config = daemon_config(daemon);

	buf_printf(&text, "%s/%s%c%s", config->gate_registry == NULL ? "" : config->gate_registry,
		   wish->name, strchr(wish->reference, ':') != NULL ? '@' : ':', wish->reference);
	daemon_drop_config(daemon);
	if (text.failed != NOTAR_OK || text.len >= sizeof(source->text)) {
		free(source);
		return notar_fail(err, NOTAR_E_LIMIT, "too long a name");
	}
	memcpy(source->text, text.ptr, text.len);
	if (handler_deadline(request->query, HANDLER_TIMEOUT_MS - 1000, &deadline_ms, err) !=
	    NOTAR_OK) {
		free(source);
		return err->code;
	}
	struct ask *ask = ask_new(&kind, source, 1);

	if (ask == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	ask->images[0].text = span_str(source->text);
	ask->deadline_ms = deadline_ms;
	ask->want_manifest = true;
	handler_origin(request, &ask->origin);
	*out = ask;
	return NOTAR_OK;
}

static bool
is_configured(struct daemon *daemon, bool *forwarded)
{
	const struct config *config = daemon_config(daemon);
	bool configured = config->gate_registry != NULL;

	*forwarded = strcmp(config->gate_headers, "forwarded") == 0;
	daemon_drop_config(daemon);
	return configured;
}

enum http_next
gate_check(void *context, void *local, const struct http_request *request,
	   struct http_answer *answer, const struct http_ticket *ticket)
{
	struct gate_request wish = { 0 };
	struct notar_error err = { 0 };
	struct ask *ask = NULL;
	bool forwarded;

	if (!is_configured(context, &forwarded)) {
		refuse(answer, 503, "unsupported", span_str("gate.registry is not configured"));
		return HTTP_ANSWERED;
	}
	if (!read_wish(request, forwarded, &wish)) {
		refuse(answer, 403, "malformed",
		       span_str("the original method and URI, once each, are missing"));
		return HTTP_ANSWERED;
	}
	if (wish.wish == GATE_PASS)
		return HTTP_ANSWERED;
	if (wish.wish == GATE_REFUSE) {
		refuse(answer, 403, "malformed", span_str(wish.problem));
		return HTTP_ANSWERED;
	}
	if (make_ask(context, request, &wish, &ask, &err) != NOTAR_OK) {
		refuse(answer, err.code == NOTAR_E_NOMEM ? 503 : 403, "malformed",
		       span_str(err.msg));
		return HTTP_ANSWERED;
	}
	return handler_ask(context, local, ask, REFERENCE_STRICT, answer, ticket);
}
