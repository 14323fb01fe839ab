/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_REVIEW_H
#define VERIFIER_REVIEW_H

#include "base/json_pull.h"
#include "base/limits.h"

/*
 * An AdmissionReview v1 as the API server sends it, read for what an image check needs
 * (specs/admission.md sections 1 and 4). Pure. Duplicate members are refused: two readers of
 * the same bytes that disagree on which `image` counts is a bypass.
 */

enum review_operation { REVIEW_CREATE, REVIEW_UPDATE, REVIEW_DELETE, REVIEW_CONNECT };

/* One place that names an image. Spans borrow from the review. */
struct review_image {
	struct span reference;
	const char *list; /* "containers", "initContainers", "ephemeralContainers", "volumes" */
	size_t index;     /* in that list */
	struct span name; /* of the container or volume */
	bool unchanged;   /* an update, and the old object has the same image there */
};

struct review {
	struct buf texts; /* what the spans below show; made once, never moves */
	struct span uid;
	struct span namespace_name; /* request.namespace, the authoritative one */
	struct span name;           /* request.name or the object's generateName; may be empty */
	struct span user;
	struct span kind;
	enum review_operation operation;
	bool dry_run;
	bool is_dying; /* the object has a deletionTimestamp */
	bool is_pod;
	char spec_pointer[48]; /* RFC 6901, to the PodSpec: "/spec/template/spec" */
	bool is_carrier;       /* a kind that holds images; others have none to judge */
	struct review_image *images;
	size_t count;
};
void review_release(struct review *review);

/*
 * NOTAR_E_FORMAT or NOTAR_E_LIMIT with the path of what is wrong; then nothing of the review
 * can be answered. References are not parsed here: a bad one is one image's refusal.
 */
NOTAR_MUST_USE enum notar_code
review_parse(struct span body, struct review *out, struct notar_error *err);

#endif
