/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/admission.h"

#include <stdlib.h>

#include "verifier/handler.h"

/* What an ask of this kind was made from. */
struct source {
	struct review review;
	size_t unchanged;
};

static void
free_source(void *context)
{
	struct source *source = context;

	review_release(&source->review);
	free(source);
}

static void
render(struct ask *ask, struct http_answer *answer)
{
	const struct source *source = ask->source;

	admission_render_review(&source->review, ask, source->unchanged, &answer->body);
	handler_record(ask, METRICS_VALIDATE);
}

static const struct ask_kind kind = { "validate", render, free_source };

/* The distinct references: a Pod of 30 containers may have 3 images. */
static size_t
pick_images(const struct review *review, bool recheck_unchanged, struct ask_image *out,
	    size_t *unchanged)
{
	size_t count = 0;

	for (size_t i = 0; i < review->count; i++) {
		size_t k = 0;

		if (review->images[i].unchanged && !recheck_unchanged) {
			(*unchanged)++;
			continue;
		}
		while (k < count && !span_equal(out[k].text, review->images[i].reference))
			k++;
		if (k == count)
			out[count++].text = review->images[i].reference;
	}
	return count;
}

static bool
is_recheck_wanted(struct daemon *daemon)
{
	bool wanted = daemon_config(daemon)->recheck_unchanged;

	daemon_drop_config(daemon);
	return wanted;
}

static enum notar_code
read_question(struct daemon *daemon, const struct http_request *request, struct ask **out,
	      struct notar_error *err)
{
	struct source *source = calloc(1, sizeof(*source));
	int64_t deadline_ms;

	if (source == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a review");
	if (handler_deadline(request->query, &deadline_ms, err) != NOTAR_OK ||
	    review_parse(request->body, &source->review, err) != NOTAR_OK) {
		free(source);
		return err->code;
	}
	const struct review *review = &source->review;
	struct ask *ask = ask_new(&kind, source, review->count);

	if (ask == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a review");
	ask->count =
		pick_images(review, is_recheck_wanted(daemon), ask->images, &source->unchanged);
	ask->open = ask->count;
	ask->deadline_ms = deadline_ms;
	*out = ask;
	return NOTAR_OK;
}

enum http_next
admission_validate(void *context, void *local, const struct http_request *request,
		   struct http_answer *answer, const struct http_ticket *ticket)
{
	struct notar_error err = { 0 };
	struct ask *ask = NULL;

	if (read_question(context, request, &ask, &err) != NOTAR_OK) {
		http_answer_error(answer, err.code == NOTAR_E_NOMEM ? 503 : 400, err.msg);
		return HTTP_ANSWERED;
	}
	return handler_ask(context, local, ask, REFERENCE_DOCKER_NAMES, answer, ticket);
}
