/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/review.h"

#include <stdio.h>
#include <stdlib.h>

/* Where a PodSpec is, by group and kind; the version does not matter (matchPolicy converts). */
static const struct carrier {
	const char *group, *kind;
	const char *path[6]; /* to the PodSpec; NULL ends it */
	bool is_template;    /* images may be filled in later, so an empty one is no error */
} carriers[] = {
	{ "", "Pod", { "spec" }, false },
	{ "", "PodTemplate", { "template", "spec" }, true },
	{ "", "ReplicationController", { "spec", "template", "spec" }, true },
	{ "apps", "Deployment", { "spec", "template", "spec" }, true },
	{ "apps", "ReplicaSet", { "spec", "template", "spec" }, true },
	{ "apps", "StatefulSet", { "spec", "template", "spec" }, true },
	{ "apps", "DaemonSet", { "spec", "template", "spec" }, true },
	{ "batch", "Job", { "spec", "template", "spec" }, true },
	{ "batch", "CronJob", { "spec", "jobTemplate", "spec", "template", "spec" }, true },
};

/* Lists inside a PodSpec, and where an entry names its image. */
static const struct image_list {
	const char *name;
	const char *member[2];
} lists[] = {
	{ "containers", { "image" } },
	{ "initContainers", { "image" } },
	{ "ephemeralContainers", { "image" } },
	{ "volumes", { "image", "reference" } },
};

void
review_release(struct review *review)
{
	free(review->images);
	json_root_free(review->root);
	*review = (struct review){ 0 };
}

static const struct carrier *
find_carrier(struct span group, struct span kind)
{
	for (size_t i = 0; i < NOTAR_COUNT(carriers); i++)
		if (span_is(group, carriers[i].group) && span_is(kind, carriers[i].kind))
			return &carriers[i];
	return NULL;
}

/* Walks to the PodSpec; out->value is NULL where a member on the way is absent or null. */
static enum notar_code
find_spec(const struct carrier *carrier, const struct json *object, struct json *out,
	  struct notar_error *err)
{
	*out = *object;
	for (size_t i = 0; i < NOTAR_COUNT(carrier->path) && carrier->path[i] != NULL; i++) {
		struct json next = { 0 };

		if (out->value == NULL)
			return NOTAR_OK;
		NOTAR_TRY(json_optional(out, carrier->path[i], &next, err));
		*out = next;
	}
	return NOTAR_OK;
}

static enum notar_code
append_image(struct review *review, const struct review_image *image, struct notar_error *err)
{
	size_t count = review->count;

	if (count == LIMIT_REVIEW_IMAGES)
		return notar_fail(err, NOTAR_E_LIMIT, "over %d images", LIMIT_REVIEW_IMAGES);
	if (count == 0 || (count >= 8 && (count & (count - 1)) == 0)) {
		struct review_image *grown = realloc(
			review->images, (count == 0 ? 8 : 2 * count) * sizeof(*review->images));

		if (grown == NULL)
			return notar_fail(err, NOTAR_E_NOMEM, "no memory for a review");
		review->images = grown;
	}
	review->images[review->count++] = *image;
	return NOTAR_OK;
}

/* The image that one entry of a list names; ptr NULL when it is a volume of another kind. */
static enum notar_code
entry_image(const struct image_list *list, const struct json *entry, struct span *out,
	    struct notar_error *err)
{
	struct json image;

	*out = (struct span){ 0 };
	NOTAR_TRY(json_optional(entry, list->member[0], &image, err));
	if (list->member[1] == NULL) {
		*out = span_str("");
		return image.value == NULL ? NOTAR_OK : json_as_string(&image, out, err);
	}
	if (image.value == NULL)
		return NOTAR_OK;
	struct json reference;

	*out = span_str("");
	NOTAR_TRY(json_optional(&image, list->member[1], &reference, err));
	return reference.value == NULL ? NOTAR_OK : json_as_string(&reference, out, err);
}

static enum notar_code
read_entry(const struct image_list *list, const struct json *entry, size_t index, bool is_template,
	   struct review *review, struct notar_error *err)
{
	struct review_image image = { .list = list->name, .index = index };

	NOTAR_TRY(json_as_object(entry, err));
	NOTAR_TRY(entry_image(list, entry, &image.reference, err));
	if (image.reference.ptr == NULL || (image.reference.len == 0 && is_template))
		return NOTAR_OK;
	NOTAR_TRY(json_optional_string(entry, "name", &image.name, err));
	return append_image(review, &image, err);
}

static enum notar_code
read_spec(const struct json *spec, bool is_template, struct review *review, struct notar_error *err)
{
	for (size_t i = 0; i < NOTAR_COUNT(lists); i++) {
		struct json list;
		size_t count;

		NOTAR_TRY(json_optional(spec, lists[i].name, &list, err));
		if (list.value == NULL)
			continue;
		NOTAR_TRY(json_as_array(&list, 100000, &count, err));
		for (size_t k = 0; k < count; k++) {
			struct json entry = json_item(&list, k);

			NOTAR_TRY(read_entry(&lists[i], &entry, k, is_template, review, err));
		}
	}
	return NOTAR_OK;
}

/* Marks what the old object already had, by list and name, never by index. */
static void
mark_unchanged(struct review *review, const struct review *old)
{
	for (size_t i = 0; i < review->count; i++)
		for (size_t k = 0; k < old->count; k++) {
			struct review_image *now = &review->images[i];
			const struct review_image *then = &old->images[k];

			if (now->list == then->list && now->name.len > 0 &&
			    span_equal(now->name, then->name) &&
			    span_equal(now->reference, then->reference))
				now->unchanged = true;
		}
}

static void
old_release(struct review *old)
{
	free(old->images); /* the root is the review's */
}

static enum notar_code
read_old(const struct json *request, const struct carrier *carrier, struct review *review,
	 struct notar_error *err)
{
	__attribute__((cleanup(old_release))) struct review old = { 0 };
	struct json object, spec;

	NOTAR_TRY(json_optional(request, "oldObject", &object, err));
	if (object.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(find_spec(carrier, &object, &spec, err));
	if (spec.value != NULL)
		NOTAR_TRY(read_spec(&spec, true, &old, err));
	mark_unchanged(review, &old);
	return NOTAR_OK;
}

static void
point_to_spec(const struct carrier *carrier, struct review *review)
{
	size_t used = 0;

	for (size_t i = 0; i < NOTAR_COUNT(carrier->path) && carrier->path[i] != NULL; i++)
		used += (size_t)snprintf(review->spec_pointer + used,
					 sizeof(review->spec_pointer) - used, "/%s",
					 carrier->path[i]);
	review->is_pod = strcmp(carrier->kind, "Pod") == 0;
}

static enum notar_code
read_images(const struct json *request, const struct carrier *carrier, struct review *review,
	    struct notar_error *err)
{
	struct json object, spec, metadata;

	NOTAR_TRY(json_member(request, "object", &object, err));
	NOTAR_TRY(find_spec(carrier, &object, &spec, err));
	if (spec.value == NULL && !carrier->is_template)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no spec", object.path);
	if (spec.value != NULL)
		NOTAR_TRY(read_spec(&spec, carrier->is_template, review, err));
	NOTAR_TRY(json_optional(&object, "metadata", &metadata, err));
	if (metadata.value != NULL) {
		struct json deletion;

		NOTAR_TRY(json_optional(&metadata, "deletionTimestamp", &deletion, err));
		review->is_dying = deletion.value != NULL;
	}
	if (review->name.len == 0 && metadata.value != NULL)
		NOTAR_TRY(json_optional_string(&metadata, "generateName", &review->name, err));
	return review->operation == REVIEW_UPDATE ? read_old(request, carrier, review, err) :
						    NOTAR_OK;
}

static enum notar_code
read_operation(const struct json *request, enum review_operation *out, struct notar_error *err)
{
	static const char *const words[] = { "CREATE", "UPDATE", "DELETE", "CONNECT" };
	struct span word;

	NOTAR_TRY(json_member_string(request, "operation", &word, err));
	for (size_t i = 0; i < NOTAR_COUNT(words); i++)
		if (span_is(word, words[i])) {
			*out = (enum review_operation)i;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT, "request.operation: not known");
}

static enum notar_code
read_request(const struct json *request, struct review *review, struct notar_error *err)
{
	struct json kind, user;
	struct span group;

	NOTAR_TRY(json_member_string(request, "uid", &review->uid, err));
	if (review->uid.len == 0 || review->uid.len > LIMIT_REVIEW_UID_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "request.uid: empty or too long");
	NOTAR_TRY(json_member(request, "kind", &kind, err));
	NOTAR_TRY(json_optional_string(&kind, "group", &group, err));
	NOTAR_TRY(json_member_string(&kind, "kind", &review->kind, err));
	NOTAR_TRY(json_optional_string(request, "namespace", &review->namespace_name, err));
	NOTAR_TRY(json_optional_string(request, "name", &review->name, err));
	NOTAR_TRY(json_optional_bool(request, "dryRun", false, &review->dry_run, err));
	NOTAR_TRY(json_optional(request, "userInfo", &user, err));
	if (user.value != NULL)
		NOTAR_TRY(json_optional_string(&user, "username", &review->user, err));
	NOTAR_TRY(read_operation(request, &review->operation, err));
	const struct carrier *carrier = find_carrier(group, review->kind);

	review->is_carrier = carrier != NULL;
	if (carrier != NULL)
		point_to_spec(carrier, review);
	if (carrier == NULL || review->operation == REVIEW_DELETE ||
	    review->operation == REVIEW_CONNECT)
		return NOTAR_OK;
	return read_images(request, carrier, review, err);
}

static enum notar_code
read_review(const struct json *top, struct review *review, struct notar_error *err)
{
	struct span version, kind;
	struct json request;

	NOTAR_TRY(json_as_object(top, err));
	NOTAR_TRY(json_member_string(top, "apiVersion", &version, err));
	NOTAR_TRY(json_member_string(top, "kind", &kind, err));
	if (!span_is(version, "admission.k8s.io/v1") || !span_is(kind, "AdmissionReview"))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "apiVersion: only admission.k8s.io/v1 AdmissionReview");
	NOTAR_TRY(json_member(top, "request", &request, err));
	return read_request(&request, review, err);
}

enum notar_code
review_parse(struct span body, struct review *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_HTTP_ADMISSION_BODY_BYTES,
					    LIMIT_JSON_DEPTH_ADMISSION };
	NOTAR_AUTO_OF(review) review = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(body, limits, "review", &review.root, &top, err));
	NOTAR_TRY(read_review(&top, &review, err));
	*out = review;
	review = (struct review){ 0 };
	return NOTAR_OK;
}
