/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_ADMISSION_H
#define VERIFIER_ADMISSION_H

#include "verifier/ask.h"
#include "verifier/review.h"

/*
 * POST /k8s/validate: an AdmissionReview v1 in, one out (specs/admission.md sections 1 and 7).
 * Every image of every kind of container is asked about; one refusal refuses the object.
 */
enum http_next admission_validate(void *context, void *local, const struct http_request *request,
				  struct http_answer *answer, const struct http_ticket *ticket);

/* The AdmissionReview that answers: pure, from the settled images. What the tests look at. */
/* unchanged: images that were not asked about, because the update leaves them as they are. */
void admission_render_review(const struct review *review, const struct ask *ask, size_t unchanged,
			     struct buf *out);

#endif
