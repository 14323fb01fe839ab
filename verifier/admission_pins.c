/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "verifier/admission.h"

/* specs/admission.md section 5: one "replace" for each place, no "test" (the server applies the
 * patch to exactly the object that it sent). */

#define WARNING_BYTES 256

static const struct ask_image *
find_image(const struct ask *ask, struct span reference)
{
	for (size_t i = 0; i < ask->count; i++)
		if (span_equal(ask->images[i].text, reference))
			return &ask->images[i];
	return NULL;
}

/* The digest comes from the verdict: the tag is never looked up a second time
 * (GHSA-2r43-6962-xcw5). */
static bool
is_pinned_to(const struct ask_image *image, bool digest_only, struct reference *out)
{
	const struct notar_report *r = &image->report;

	if (r->verdict != NOTAR_ALLOW || r->digest.alg == NOTAR_DIGEST_NONE)
		return false;
	*out = image->ref;
	out->digest = r->digest;
	if (digest_only)
		out->tag[0] = '\0';
	return true;
}

static void
put_operation(struct buf *out, const struct review *review, const struct review_image *place,
	      const struct reference *pinned)
{
	char value[REFERENCE_TEXT_BYTES];
	NOTAR_AUTO_OF(buf) pointer = { 0 };
	const char *member = strcmp(place->list, "volumes") == 0 ? "image/reference" : "image";

	buf_printf(&pointer, "%s/%s/%zu/%s", review->spec_pointer, place->list, place->index,
		   member);
	if (pointer.failed != NOTAR_OK)
		out->failed = pointer.failed;
	json_begin_object(out);
	json_pair_str(out, "op", "replace");
	json_pair_span(out, "path", buf_span(&pointer));
	json_pair_str(out, "value", reference_format(pinned, value));
	json_end_object(out);
}

static size_t
put_operations(struct buf *out, const struct review *review, const struct ask *ask,
	       const struct admission_options *options)
{
	size_t count = 0;

	json_begin_array(out);
	for (size_t i = 0; i < review->count; i++) {
		const struct review_image *place = &review->images[i];
		const struct ask_image *image =
			place->unchanged ? NULL : find_image(ask, place->reference);
		struct reference pinned;

		if (image == NULL || !is_pinned_to(image, options->pin_digest_only, &pinned))
			continue;
		put_operation(out, review, place, &pinned);
		count++;
	}
	json_end_array(out);
	return count;
}

/* What stays a tag: the validating answer says whether that is the end of it. */
static void
put_warnings(struct buf *out, const struct ask *ask)
{
	bool any = false;

	for (size_t i = 0; i < ask->count; i++) {
		const struct notar_report *r = &ask->images[i].report;
		NOTAR_AUTO_OF(buf) text = { 0 };

		if (r->verdict == NOTAR_ALLOW || r->action != NOTAR_ACTION_ENFORCE)
			continue;
		if (!any) {
			json_name(out, "warnings");
			json_begin_array(out);
		}
		any = true;
		buf_append_str(&text, "not pinned: ");
		admission_put_line(&text, &ask->images[i]);
		buf_cut(&text, WARNING_BYTES);
		json_put_span(out, buf_span(&text));
	}
	if (any)
		json_end_array(out);
}

void
admission_render_pins(const struct review *review, const struct ask *ask,
		      const struct admission_options *options, struct buf *out)
{
	NOTAR_AUTO_OF(buf) patch = { 0 };
	size_t operations = put_operations(&patch, review, ask, options);

	if (patch.failed != NOTAR_OK)
		out->failed = patch.failed;
	json_begin_object(out);
	json_pair_str(out, "apiVersion", "admission.k8s.io/v1");
	json_pair_str(out, "kind", "AdmissionReview");
	json_name(out, "response");
	json_begin_object(out);
	json_pair_span(out, "uid", review->uid);
	json_pair_bool(out, "allowed", true);
	if (operations > 0) {
		json_pair_str(out, "patchType", "JSONPatch");
		json_name(out, "patch");
		json_put_base64(out, buf_span(&patch));
	}
	put_warnings(out, ask);
	admission_put_audit(out, ask, 0);
	json_end_object(out);
	json_end_object(out);
}
