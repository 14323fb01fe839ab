/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/gatekeeper.h"

#include <stdlib.h>

#include "base/json.h"
#include "verifier/handler.h"

/* Gatekeeper's own webhook has 3 s by default, and cuts us off with it. */
#define TIMEOUT_MS 2800

static const char *const versions[] = { "externaldata.gatekeeper.sh/v1beta1",
					"externaldata.gatekeeper.sh/v1alpha1" };

struct source {
	struct json_t *root;
	const char *version; /* echoed */
	struct span *keys;   /* distinct, as written; one an image of the ask */
};

static void
free_source(void *context)
{
	struct source *source = context;

	json_root_free(source->root);
	free(source->keys);
	free(source);
}

static bool
is_allowed(const struct notar_report *r)
{
	return r->verdict == NOTAR_ALLOW || r->action != NOTAR_ACTION_ENFORCE;
}

static void
put_verdict(struct buf *out, const struct ask *ask, const struct ask_image *image)
{
	const struct notar_report *r = &image->report;
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	json_begin_object(out);
	json_pair_bool(out, "allowed", is_allowed(r));
	json_pair_str(out, "verdict", notar_verdict_name(r->verdict));
	json_pair_str(out, "reason", notar_reason_name(r->reason));
	json_pair_str(out, "message", r->message);
	json_pair_str(out, "digest",
		      r->digest.alg == NOTAR_DIGEST_NONE ? NULL :
							   notar_digest_format(&r->digest, digest));
	json_pair_str(out, "rule", r->rule);
	json_pair_str(out, "action", notar_action_name(r->action));
	json_pair_int(out, "policyGeneration", (int64_t)ask->policy_generation);
	json_pair_int(out, "trustGeneration", (int64_t)ask->trust_generation);
	json_end_object(out);
}

/* "unsigned: every source answered …", for people. */
static void
put_error(struct buf *out, const struct notar_report *r)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	buf_printf(&text, "%s: %s", notar_reason_name(r->reason), r->message);
	json_pair_span(out, "error", buf_span(&text));
}

static bool
is_failure(const struct ask_image *image)
{
	return !image->parsed || (image->report.verdict == NOTAR_UNDETERMINED &&
				  image->report.action == NOTAR_ACTION_ENFORCE);
}

static void
put_verify_item(struct buf *out, const struct ask *ask, size_t i)
{
	const struct ask_image *image = &ask->images[i];

	json_name(out, "value");
	put_verdict(out, ask, image);
	if (is_failure(image))
		put_error(out, &image->report);
	else
		json_pair_str(out, "error", "");
}

/* A digest stays as it is, whatever its verdict: mutating again changes nothing. */
static void
put_mutate_item(struct buf *out, const struct ask *ask, size_t i)
{
	const struct ask_image *image = &ask->images[i];
	struct reference pinned = image->ref;
	char text[REFERENCE_TEXT_BYTES];

	if (image->parsed && image->ref.digest.alg != NOTAR_DIGEST_NONE) {
		json_pair_span(out, "value", image->text);
		json_pair_str(out, "error", "");
	} else if (image->parsed && is_allowed(&image->report) &&
		   image->report.verdict == NOTAR_ALLOW) {
		pinned.digest = image->report.digest;
		json_pair_str(out, "value", reference_format(&pinned, text));
		json_pair_str(out, "error", "");
	} else {
		json_pair_span(out, "value", image->text);
		put_error(out, &image->report);
	}
}

/* The store cannot be read: that is nobody's key's fault. */
static const char *
system_error(const struct ask *ask)
{
	for (size_t i = 0; i < ask->count; i++)
		if (ask->images[i].report.reason != NOTAR_REASON_STORE_FAILURE)
			return "";
	return ask->count == 0 ? "" : ask->images[0].report.message;
}

static void
render(struct ask *ask, struct buf *out, void (*put_item)(struct buf *, const struct ask *, size_t))
{
	const struct source *source = ask->source;

	json_begin_object(out);
	json_pair_str(out, "apiVersion", source->version);
	json_pair_str(out, "kind", "ProviderResponse");
	json_name(out, "response");
	json_begin_object(out);
	json_pair_bool(out, "idempotent", true);
	json_name(out, "items");
	json_begin_array(out);
	for (size_t i = 0; i < ask->count; i++) {
		json_begin_object(out);
		json_pair_span(out, "key", source->keys[i]);
		put_item(out, ask, i);
		json_end_object(out);
	}
	json_end_array(out);
	json_pair_str(out, "systemError", system_error(ask));
	json_end_object(out);
	json_end_object(out);
}

static void
render_verify(struct ask *ask, struct http_answer *answer)
{
	render(ask, &answer->body, put_verify_item);
	(void)!handler_record(ask, METRICS_GATEKEEPER_VERIFY, answer);
}

static void
render_mutate(struct ask *ask, struct http_answer *answer)
{
	render(ask, &answer->body, put_mutate_item);
	(void)!handler_record(ask, METRICS_GATEKEEPER_MUTATE, answer);
}

static const struct ask_kind verify_kind = { "gatekeeper_verify", render_verify, free_source };
static const struct ask_kind mutate_kind = { "gatekeeper_mutate", render_mutate, free_source };

static enum notar_code
read_version(const struct json *top, const char **out, struct notar_error *err)
{
	struct span version, kind;

	NOTAR_TRY(json_as_object(top, err));
	NOTAR_TRY(json_member_string(top, "apiVersion", &version, err));
	NOTAR_TRY(json_member_string(top, "kind", &kind, err));
	for (size_t i = 0; i < NOTAR_COUNT(versions); i++)
		if (span_is(version, versions[i]) && span_is(kind, "ProviderRequest")) {
			*out = versions[i];
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT,
			  "apiVersion: only externaldata.gatekeeper.sh/v1beta1 and v1alpha1 "
			  "ProviderRequest");
}

/* "[shop]registry.example/app:1": constraint templates may say where the image is for. */
static struct span
image_of(struct span key)
{
	size_t end;

	if (key.len == 0 || key.ptr[0] != '[')
		return key;
	end = span_find(key, ']');
	return end == key.len ? key : span_from(key, end + 1);
}

static enum notar_code
read_keys(const struct json *list, size_t count, struct source *source, struct ask *ask,
	  struct notar_error *err)
{
	size_t distinct = 0;

	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(list, i);
		struct span key;
		size_t k = 0;

		NOTAR_TRY(json_as_string(&one, &key, err));
		while (k < distinct && !span_equal(source->keys[k], key))
			k++;
		if (k < distinct)
			continue;
		source->keys[distinct] = key;
		ask->images[distinct++].text = image_of(key);
	}
	ask->count = distinct;
	ask->open = distinct;
	return NOTAR_OK;
}

static enum notar_code
find_keys(struct source *source, struct span body, struct json *list, size_t *count,
	  struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_HTTP_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct json top, request;

	NOTAR_TRY(json_parse(body, limits, "provider request", &source->root, &top, err));
	NOTAR_TRY(read_version(&top, &source->version, err));
	NOTAR_TRY(json_member(&top, "request", &request, err));
	NOTAR_TRY(json_member(&request, "keys", list, err));
	NOTAR_TRY(json_as_array(list, LIMIT_BATCH_IMAGES, count, err));
	source->keys = calloc(*count + 1, sizeof(*source->keys));
	return source->keys != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

static enum notar_code
read_question(const struct http_request *request, const struct ask_kind *kind, struct ask **out,
	      struct notar_error *err)
{
	struct source *source = calloc(1, sizeof(*source));
	struct json list;
	int64_t deadline_ms;
	size_t count;

	if (source == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	if (handler_deadline(request->query, TIMEOUT_MS, &deadline_ms, err) != NOTAR_OK ||
	    find_keys(source, request->body, &list, &count, err) != NOTAR_OK) {
		free_source(source);
		return err->code;
	}
	NOTAR_AUTO(ask) *ask = ask_new(kind, source, count);

	if (ask == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	NOTAR_TRY(read_keys(&list, count, source, ask, err));
	handler_origin(request, &ask->origin);
	ask->deadline_ms = deadline_ms;
	*out = NOTAR_TAKE(ask);
	return NOTAR_OK;
}

static enum http_next
answer_request(struct daemon *daemon, void *local, const struct http_request *request,
	       const struct ask_kind *kind, struct http_answer *answer,
	       const struct http_ticket *ticket)
{
	struct notar_error err = { 0 };
	struct ask *ask = NULL;

	if (read_question(request, kind, &ask, &err) != NOTAR_OK) {
		http_answer_error(answer, err.code == NOTAR_E_NOMEM ? 503 : 400, err.msg);
		return HTTP_ANSWERED;
	}
	return handler_ask(daemon, local, ask, REFERENCE_DOCKER_NAMES, answer, ticket);
}

enum http_next
gatekeeper_verify(void *context, void *local, const struct http_request *request,
		  struct http_answer *answer, const struct http_ticket *ticket)
{
	return answer_request(context, local, request, &verify_kind, answer, ticket);
}

enum http_next
gatekeeper_mutate(void *context, void *local, const struct http_request *request,
		  struct http_answer *answer, const struct http_ticket *ticket)
{
	return answer_request(context, local, request, &mutate_kind, answer, ticket);
}
