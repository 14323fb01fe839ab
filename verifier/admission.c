/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/admission.h"

#include <stdlib.h>

#include "verifier/handler.h"

/* What an ask of this kind was made from. */
struct source {
	struct review review;
	struct admission_options options;
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
render_validate(struct ask *ask, struct http_answer *answer)
{
	const struct source *source = ask->source;

	admission_render_review(&source->review, ask, source->unchanged, &answer->body);
	(void)!handler_record(ask, METRICS_VALIDATE, answer);
}

static void
render_mutate(struct ask *ask, struct http_answer *answer)
{
	const struct source *source = ask->source;

	admission_render_pins(&source->review, ask, &source->options, &answer->body);
	(void)!handler_record(ask, METRICS_MUTATE, answer);
}

static const struct ask_kind validate_kind = { "validate", render_validate, free_source };
static const struct ask_kind mutate_kind = { "mutate", render_mutate, free_source };

/* Whether this image is asked about. An update of a dying object is never held up for what was
 * there before: it must be able to go. */
static bool
is_asked(const struct source *source, const struct review_image *image)
{
	const struct admission_options *o = &source->options;

	if (!o->mutate)
		return !image->unchanged || (o->recheck_unchanged && !source->review.is_dying);
	/* What has a digest is pinned; what was there before may not be changed any more. */
	return !image->unchanged && span_find(image->reference, '@') == image->reference.len &&
	       (source->review.is_pod || !o->pin_pods_only);
}

/* The distinct references: a Pod of 30 containers may have 3 images. */
static size_t
pick_images(struct source *source, struct ask_image *out)
{
	const struct review *review = &source->review;
	size_t count = 0;

	for (size_t i = 0; i < review->count; i++) {
		size_t k = 0;

		if (!is_asked(source, &review->images[i])) {
			source->unchanged++;
			continue;
		}
		while (k < count && !span_equal(out[k].text, review->images[i].reference))
			k++;
		if (k == count)
			out[count++].text = review->images[i].reference;
	}
	return count;
}

static struct admission_options
options_of(struct daemon *daemon, bool mutate)
{
	const struct config *config = daemon_config(daemon);
	const struct admission_options options = {
		.mutate = mutate,
		.recheck_unchanged = config->recheck_unchanged,
		.pin_pods_only = strcmp(config->pin, "pods") == 0,
		.pin_digest_only = strcmp(config->pin_style, "digest-only") == 0,
	};

	daemon_drop_config(daemon);
	return options;
}

static void
copy_text(char *out, size_t room, struct span text)
{
	size_t len = text.len < room ? text.len : room - 1;

	if (len > 0)
		memcpy(out, text.ptr, len);
	out[len] = '\0';
}

static void
note_origin(const struct http_request *request, const struct review *review, struct ask_origin *out)
{
	handler_origin(request, out);
	copy_text(out->request, sizeof(out->request), review->uid);
	copy_text(out->name_space, sizeof(out->name_space), review->namespace_name);
	copy_text(out->user, sizeof(out->user), review->user);
	out->dry_run = review->dry_run;
}

static enum notar_code
read_question(struct daemon *daemon, const struct http_request *request, bool mutate,
	      struct ask **out, struct notar_error *err)
{
	struct source *source = calloc(1, sizeof(*source));
	int64_t deadline_ms;

	if (source == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a review");
	if (handler_deadline(request->query, HANDLER_TIMEOUT_MS - 1000, &deadline_ms, err) !=
		    NOTAR_OK ||
	    review_parse(request->body, &source->review, err) != NOTAR_OK) {
		free(source);
		return err->code;
	}
	source->options = options_of(daemon, mutate);
	struct ask *ask =
		ask_new(mutate ? &mutate_kind : &validate_kind, source, source->review.count);

	if (ask == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a review");
	ask->count = pick_images(source, ask->images);
	ask->open = ask->count;
	ask->deadline_ms = deadline_ms;
	note_origin(request, &source->review, &ask->origin);
	*out = ask;
	return NOTAR_OK;
}

static enum http_next
answer_review(struct daemon *daemon, void *local, const struct http_request *request, bool mutate,
	      struct http_answer *answer, const struct http_ticket *ticket)
{
	struct notar_error err = { 0 };
	struct ask *ask = NULL;

	if (read_question(daemon, request, mutate, &ask, &err) != NOTAR_OK) {
		http_answer_error(answer, err.code == NOTAR_E_NOMEM ? 503 : 400, err.msg);
		return HTTP_ANSWERED;
	}
	return handler_ask(daemon, local, ask, REFERENCE_DOCKER_NAMES, answer, ticket);
}

enum http_next
admission_validate(void *context, void *local, const struct http_request *request,
		   struct http_answer *answer, const struct http_ticket *ticket)
{
	return answer_review(context, local, request, false, answer, ticket);
}

enum http_next
admission_mutate(void *context, void *local, const struct http_request *request,
		 struct http_answer *answer, const struct http_ticket *ticket)
{
	return answer_review(context, local, request, true, answer, ticket);
}
