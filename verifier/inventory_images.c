/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "http/h1.h"
#include "store/images.h"
#include "store/manifests.h"
#include "verifier/handler.h"
#include "verifier/inventory.h"
#include "verifier/page.h"
#include "verifier/report.h"
#include "verifier/report_json.h"

#define IMAGES "/v1/images/"

struct listing_of_images {
	struct decider *decider;
	struct buf *out;
	struct page page;
	struct span repository; /* only this one; ptr NULL: all */
	size_t skipped;         /* rows of others */
};

/* An event loop looks at so many rows for one page, wherever the wanted ones are. */
#define MOST_SKIPPED 20000

static void
put_digest(struct buf *out, const char *name, const struct notar_digest *digest)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_pair_str(out, name,
		      digest->alg == NOTAR_DIGEST_NONE ? NULL : notar_digest_format(digest, text));
}

/* The reference that the row is about: "host/path", and the digest. */
static bool
reference_of(const struct image_row *image, struct reference *out)
{
	struct notar_error err;

	if (reference_parse(image->repository, REFERENCE_STRICT, out, &err) != NOTAR_OK)
		return false;
	out->tag[0] = '\0';
	out->digest = image->digest;
	return true;
}

static void
put_image(struct listing_of_images *l, const struct image_row *image, const struct decision *d)
{
	struct buf *out = l->out;

	json_begin_object(out);
	put_digest(out, "digest", &image->digest);
	json_pair_span(out, "repository", image->repository);
	json_pair_str(out, "verdict", notar_verdict_name(d->answer.verdict));
	json_pair_str(out, "reason", notar_reason_name(d->answer.reason));
	json_pair_str(out, "rule", d->answer.rule == NULL ? "" : d->answer.rule->name);
	put_digest(out, "index", &d->index);
	json_pair_bool(out, "fresh", d->decided);
	json_pair_int(out, "signatures", (int64_t)d->evidence.count);
	page_put_time(out, "firstSeen", image->first_s);
	page_put_time(out, "lastListed", image->last_s);
	json_end_object(out);
}

static bool
visit_image(void *context, const struct image_row *image, struct span key)
{
	struct listing_of_images *l = context;
	char repository[REFERENCE_NAME_BYTES];
	struct reference ref;

	if ((l->repository.ptr != NULL && !span_equal(l->repository, image->repository)) ||
	    !reference_of(image, &ref)) {
		if (++l->skipped < MOST_SKIPPED)
			return true;
		page_stop(&l->page, key);
		return false;
	}
	if (!page_take(&l->page, key))
		return false;
	NOTAR_AUTO_OF(decision) decision = { 0 };

	decider_decide(l->decider, &ref, reference_repository(&ref, repository), &decision);
	put_image(l, image, &decision);
	return true;
}

static enum http_next
fail(struct http_answer *answer, const struct notar_error *err)
{
	buf_release(&answer->body);
	http_answer_error(answer, err->code == NOTAR_E_USAGE ? 400 : 503, err->msg);
	return HTTP_ANSWERED;
}

enum http_next
inventory_images(void *context, void *local, const struct http_request *request,
		 struct http_answer *answer, const struct http_ticket *ticket)
{
	struct handler_local *mine = local;
	struct listing_of_images l = { .decider = &mine->decider, .out = &answer->body };
	struct notar_error err = { 0 };

	(void)ticket;
	l.repository = h1_query_value(request->query, "repository");
	mine->decider.limits = daemon_limits(context);
	if (page_read(request->query, &l.page, &err) != NOTAR_OK ||
	    decider_begin(&mine->decider, clock_now_s(), &err) != NOTAR_OK)
		return fail(answer, &err);
	json_begin_object(l.out);
	json_name(l.out, "images");
	json_begin_array(l.out);
	enum notar_code code =
		images_each(mine->decider.reader, NULL, span_of(l.page.after, l.page.after_len),
			    visit_image, &l, &err);

	json_end_array(l.out);
	page_put_next(&l.page, l.out);
	json_end_object(l.out);
	decider_end(&mine->decider);
	return code == NOTAR_OK ? HTTP_ANSWERED : fail(answer, &err);
}

static void
put_manifest(struct buf *out, const struct manifest_row *row)
{
	static const char *const kinds[] = { [MANIFEST_IMAGE] = "image",
					     [MANIFEST_INDEX] = "index",
					     [MANIFEST_ARTIFACT] = "artifact" };

	json_begin_object(out);
	json_pair_str(out, "kind", kinds[row->kind]);
	json_pair_span(out, "mediaType", row->media_type);
	put_digest(out, "subject", &row->subject);
	json_name(out, "children");
	json_begin_array(out);
	for (size_t i = 0; i < row->count; i++) {
		json_begin_object(out);
		put_digest(out, "digest", &row->children[i].digest);
		json_pair_span(out, "platform", row->children[i].platform);
		json_end_object(out);
	}
	json_end_array(out);
	json_end_object(out);
}

static bool
visit_place(void *context, const struct image_row *image, struct span key)
{
	struct listing_of_images *l = context;
	struct notar_report report = { 0 };
	char repository[REFERENCE_NAME_BYTES];
	struct reference ref;

	if (!reference_of(image, &ref))
		return true;
	if (!page_take(&l->page, key))
		return false;
	NOTAR_AUTO_OF(decision) decision = { 0 };
	struct notar_error err;

	decider_decide(l->decider, &ref, reference_repository(&ref, repository), &decision);
	if (report_fill(&report, &decision.evidence, l->decider->question->signatures,
			&decision.answer, &err) != NOTAR_OK)
		report_fail(&report, NOTAR_REASON_INTERNAL, err.msg);
	report.cached = true;
	report.digest = image->digest;
	report.index = decision.index;
	json_begin_object(l->out);
	json_pair_span(l->out, "repository", image->repository);
	json_pair_bool(l->out, "fresh", decision.decided);
	page_put_time(l->out, "firstSeen", image->first_s);
	page_put_time(l->out, "lastListed", image->last_s);
	json_name(l->out, "report");
	report_put_json(l->out, image->repository, &report);
	json_end_object(l->out);
	free(report.signatures);
	return true;
}

static size_t
put_parents(struct decider *d, const struct notar_digest *digest, struct buf *out)
{
	struct notar_digest parents[DECIDER_PARENTS];
	size_t count = decider_parents(d, digest, parents);
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_name(out, "indexes");
	json_begin_array(out);
	for (size_t i = 0; i < count; i++)
		json_put_str(out, notar_digest_format(&parents[i], text));
	json_end_array(out);
	return count;
}

/* Everything known of one digest. False: nothing is. */
static bool
describe(struct listing_of_images *l, const struct notar_digest *digest)
{
	struct notar_error err;
	struct manifest_row row;
	bool known = manifest_row_get(l->decider->reader, digest, &row, &err) == NOTAR_OK;

	json_begin_object(l->out);
	put_digest(l->out, "digest", digest);
	json_name(l->out, "manifest");
	if (known)
		put_manifest(l->out, &row);
	else
		json_put_null(l->out);
	size_t parents = put_parents(l->decider, digest, l->out);

	json_name(l->out, "repositories");
	json_begin_array(l->out);
	(void)!images_each(l->decider->reader, digest, (struct span){ 0 }, visit_place, l, &err);
	json_end_array(l->out);
	json_end_object(l->out);
	return known || parents > 0 || l->page.count > 0;
}

enum http_next
inventory_image(void *context, void *local, const struct http_request *request,
		struct http_answer *answer, const struct http_ticket *ticket)
{
	struct handler_local *mine = local;
	struct listing_of_images l = { .decider = &mine->decider,
				       .out = &answer->body,
				       .page.limit = PAGE_LIMIT };
	struct notar_error err = { 0 };
	struct notar_digest digest;

	(void)ticket;
	mine->decider.limits = daemon_limits(context);
	if (digest_parse_span(span_from(request->path, sizeof(IMAGES) - 1), &digest, &err) !=
	    NOTAR_OK) {
		http_answer_error(answer, 400, err.msg);
		return HTTP_ANSWERED;
	}
	if (decider_begin(&mine->decider, clock_now_s(), &err) != NOTAR_OK)
		return fail(answer, &err);
	bool known = describe(&l, &digest);

	decider_end(&mine->decider);
	if (!known) {
		buf_release(&answer->body);
		http_answer_error(answer, 404, "nothing is known of this digest");
	}
	return HTTP_ANSWERED;
}
