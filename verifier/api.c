/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api.h"

#include "base/json.h"
#include "verifier/report_json.h"

static void
free_root(void *source)
{
	json_root_free(source);
}

static void
render(struct ask *ask, struct http_answer *answer)
{
	struct buf *out = &answer->body;

	json_begin_object(out);
	json_name(out, "results");
	json_begin_array(out);
	for (size_t i = 0; i < ask->count; i++)
		report_put_json(out, ask->images[i].text, &ask->images[i].report);
	json_end_array(out);
	json_end_object(out);
	buf_append_str(out, "\n");
	(void)!handler_record(ask, METRICS_API, answer);
}

static const struct ask_kind kind = { "api", render, free_root };

/* The list of the document, counted. */
static enum notar_code
find_images(const struct json *top, struct json *out, size_t *count, struct notar_error *err)
{
	static const char *const names[] = { "images" };

	NOTAR_TRY(json_as_object(top, err));
	NOTAR_TRY(json_only(top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member(top, "images", out, err));
	NOTAR_TRY(json_as_array(out, LIMIT_BATCH_IMAGES, count, err));
	return *count > 0 ? NOTAR_OK : notar_fail(err, NOTAR_E_FORMAT, "%s: empty", out->path);
}

static enum notar_code
read_images(const struct json *list, struct ask *ask, struct notar_error *err)
{
	for (size_t i = 0; i < ask->count; i++) {
		struct json one = json_item(list, i);

		NOTAR_TRY(json_as_string(&one, &ask->images[i].text, err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_question(const struct http_request *request, struct ask **out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_HTTP_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, list;
	int64_t deadline_ms;
	size_t count;

	NOTAR_TRY(handler_deadline(request->query, HANDLER_TIMEOUT_MS - 1000, &deadline_ms, err));
	NOTAR_TRY(json_parse(request->body, limits, "question", &root, &top, err));
	NOTAR_TRY(find_images(&top, &list, &count, err));
	NOTAR_AUTO(ask) *ask = ask_new(&kind, NOTAR_TAKE(root), count);

	if (ask == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a question");
	NOTAR_TRY(read_images(&list, ask, err));
	handler_origin(request, &ask->origin);
	ask->deadline_ms = deadline_ms;
	*out = NOTAR_TAKE(ask);
	return NOTAR_OK;
}

enum http_next
api_verify(void *context, void *local, const struct http_request *request,
	   struct http_answer *answer, const struct http_ticket *ticket)
{
	struct notar_error err = { 0 };
	struct ask *ask = NULL;

	if (read_question(request, &ask, &err) != NOTAR_OK) {
		http_answer_error(answer, err.code == NOTAR_E_NOMEM ? 503 : 400, err.msg);
		return HTTP_ANSWERED;
	}
	return handler_ask(context, local, ask, REFERENCE_STRICT, answer, ticket);
}
