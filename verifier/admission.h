/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_ADMISSION_H
#define VERIFIER_ADMISSION_H

#include "verifier/ask.h"
#include "verifier/review.h"

/*
 * POST /k8s/validate and /k8s/mutate: an AdmissionReview v1 in, one out (specs/admission.md
 * sections 1, 5 and 7). Validating, every image of every kind of container is asked about, and
 * one refusal refuses the object. Mutating refuses nothing: it pins what has only a tag to the
 * digest that was verified, and warns of what it could not pin.
 */
enum http_next admission_validate(void *context, void *local, const struct http_request *request,
				  struct http_answer *answer, const struct http_ticket *ticket);
enum http_next admission_mutate(void *context, void *local, const struct http_request *request,
				struct http_answer *answer, const struct http_ticket *ticket);

struct admission_options {
	bool mutate;
	bool recheck_unchanged; /* judge what an update leaves as it is */
	bool pin_pods_only;     /* leave templates as they are written */
	bool pin_digest_only;   /* drop the tag */
};

/* The AdmissionReviews that answer: pure, from the settled images. What the tests look at.
 * unchanged: images that were not asked about, because the update leaves them as they are. */
void admission_render_review(const struct review *review, const struct ask *ask, size_t unchanged,
			     struct buf *out);
void admission_render_pins(const struct review *review, const struct ask *ask,
			   const struct admission_options *options, struct buf *out);

/* For both: pieces of answers. */
void admission_put_line(struct buf *out, const struct ask_image *image);
void admission_put_audit(struct buf *out, const struct ask *ask, size_t unchanged);

#endif
