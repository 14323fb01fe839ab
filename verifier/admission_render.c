/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "notar/verify.h"
#include "verifier/admission.h"

/* What the client is shown: at most this many images, and this much text. */
#define SHOWN_IMAGES 8
#define SHOWN_BYTES 1024
#define WARNING_BYTES 256

/* How the whole is answered. Numbers are HTTP's: see decision 25. */
struct outcome {
	size_t denied, undetermined, malformed; /* of images under enforced rules */
	bool allowed;
	int status;
};

static struct outcome
weigh(const struct ask *ask)
{
	struct outcome o = { 0 };

	for (size_t i = 0; i < ask->count; i++) {
		const struct notar_report *r = &ask->images[i].report;

		if (r->verdict == NOTAR_ALLOW || r->action != NOTAR_ACTION_ENFORCE)
			continue;
		if (r->verdict == NOTAR_UNDETERMINED)
			o.undetermined++;
		else if (!ask->images[i].parsed)
			o.malformed++;
		else
			o.denied++;
	}
	o.allowed = o.denied + o.undetermined + o.malformed == 0;
	o.status = o.denied > 0 ? 403 : o.malformed > 0 ? 400 : 503;
	return o;
}

/* Printable ASCII only: it goes into terminals and into HTTP headers. */
static void
put_printable(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_append_byte(out, text.ptr[i] >= 0x20 && text.ptr[i] < 0x7f ? text.ptr[i] : '?');
}

/* "registry.example/app:1@sha256:…: unsigned: every source answered and none lists …" */
void
admission_put_line(struct buf *out, const struct ask_image *image)
{
	const struct notar_report *r = &image->report;
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	put_printable(out, image->text);
	if (r->digest.alg != NOTAR_DIGEST_NONE && image->ref.digest.alg == NOTAR_DIGEST_NONE) {
		buf_append_byte(out, '@');
		buf_append_str(out, notar_digest_format(&r->digest, digest));
	}
	buf_append_str(out, ": ");
	buf_append_str(out, notar_reason_name(r->reason));
	buf_append_str(out, ": ");
	put_printable(out, span_str(r->message));
	if (r->signature_count > 0)
		buf_printf(out, " (%zu signatures looked at)", r->signature_count);
	if (r->rule[0] != '\0') {
		buf_append_str(out, " [rule ");
		put_printable(out, span_str(r->rule));
		buf_append_byte(out, ']');
	}
}

/* The refused images, those that are surely refused first. */
static void
put_message(struct buf *out, const struct ask *ask)
{
	static const enum notar_verdict order[] = { NOTAR_DENY, NOTAR_UNDETERMINED };
	NOTAR_AUTO_OF(buf) text = { 0 };
	size_t shown = 0, refused = 0;

	for (size_t k = 0; k < NOTAR_COUNT(order); k++)
		for (size_t i = 0; i < ask->count; i++) {
			const struct notar_report *r = &ask->images[i].report;

			if (r->verdict != order[k] || r->action != NOTAR_ACTION_ENFORCE)
				continue;
			refused++;
			if (shown == SHOWN_IMAGES || text.len >= SHOWN_BYTES)
				continue;
			if (shown++ > 0)
				buf_append_byte(&text, '\n');
			admission_put_line(&text, &ask->images[i]);
		}
	buf_cut(&text, SHOWN_BYTES);
	if (refused > shown)
		buf_printf(&text, "\nand %zu more", refused - shown);
	json_pair_span(out, "message", buf_span(&text));
}

static void
put_status(struct buf *out, const struct ask *ask, const struct outcome *o)
{
	json_name(out, "status");
	json_begin_object(out);
	json_pair_int(out, "code", o->status);
	json_pair_str(out, "reason",
		      o->status == 403 ? "Forbidden" :
		      o->status == 400 ? "BadRequest" :
					 "ServiceUnavailable");
	put_message(out, ask);
	json_end_object(out);
}

static void
put_warnings(struct buf *out, const struct ask *ask)
{
	bool any = false;

	for (size_t i = 0; i < ask->count; i++) {
		const struct notar_report *r = &ask->images[i].report;
		NOTAR_AUTO_OF(buf) text = { 0 };

		if (r->verdict == NOTAR_ALLOW || r->action != NOTAR_ACTION_WARN)
			continue;
		if (!any) {
			json_name(out, "warnings");
			json_begin_array(out);
		}
		any = true;
		admission_put_line(&text, &ask->images[i]);
		buf_cut(&text, WARNING_BYTES);
		json_put_span(out, buf_span(&text));
	}
	if (any)
		json_end_array(out);
}

static void
put_number(struct buf *out, const char *name, uint64_t value)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	buf_printf(&text, "%llu", (unsigned long long)value);
	json_pair_span(out, name, buf_span(&text));
}

static enum notar_verdict
worst(const struct ask *ask)
{
	enum notar_verdict verdict = NOTAR_ALLOW;

	for (size_t i = 0; i < ask->count; i++) {
		if (ask->images[i].report.verdict == NOTAR_DENY)
			return NOTAR_DENY;
		if (ask->images[i].report.verdict == NOTAR_UNDETERMINED)
			verdict = NOTAR_UNDETERMINED;
	}
	return verdict;
}

/* Kept by the API server's audit log, for allowed requests too. */
void
admission_put_audit(struct buf *out, const struct ask *ask, size_t unchanged)
{
	json_name(out, "auditAnnotations");
	json_begin_object(out);
	json_pair_str(out, "verdict", notar_verdict_name(worst(ask)));
	put_number(out, "images", ask->count);
	put_number(out, "policy-generation", ask->policy_generation);
	put_number(out, "trust-generation", ask->trust_generation);
	if (unchanged > 0)
		put_number(out, "unchanged-images", unchanged);
	json_end_object(out);
}

void
admission_render_review(const struct review *review, const struct ask *ask, size_t unchanged,
			struct buf *out)
{
	const struct outcome o = weigh(ask);

	json_begin_object(out);
	json_pair_str(out, "apiVersion", "admission.k8s.io/v1");
	json_pair_str(out, "kind", "AdmissionReview");
	json_name(out, "response");
	json_begin_object(out);
	json_pair_span(out, "uid", review->uid);
	json_pair_bool(out, "allowed", o.allowed);
	if (!o.allowed)
		put_status(out, ask, &o);
	put_warnings(out, ask);
	admission_put_audit(out, ask, unchanged);
	json_end_object(out);
	json_end_object(out);
}
