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
	buf_release(&review->texts);
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

#define PATH_BYTES 120

static enum notar_code
fail_kind(struct notar_error *err, const char *path, const char *name, const char *kind)
{
	return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: not %s", path, name, kind);
}

static bool
is_there(struct span value)
{
	return value.len > 0 && pull_kind(value) != PULL_NULL;
}

/* A string's bytes, kept as long as the review. Absent or null: ptr NULL. */
static enum notar_code
take_text(struct review *review, struct span value, const char *path, const char *name,
	  struct span *out, struct notar_error *err)
{
	*out = (struct span){ 0 };
	if (!is_there(value))
		return NOTAR_OK;
	if (pull_kind(value) != PULL_STRING)
		return fail_kind(err, path, name, "a string");
	/* There is room for all of the body's text: what is in there never moves. */
	uint8_t *to = review->texts.ptr + review->texts.len;

	*out = (struct span){ to, pull_string(value, to) };
	review->texts.len += out->len;
	return NOTAR_OK;
}

static enum notar_code
need_text(struct review *review, struct span value, const char *path, const char *name,
	  struct span *out, struct notar_error *err)
{
	NOTAR_TRY(take_text(review, value, path, name, out, err));
	return out->ptr != NULL ? NOTAR_OK :
				  notar_fail(err, NOTAR_E_FORMAT, "%s.%s: missing", path, name);
}

/* Walks to the PodSpec; absent where a member on the way is absent or null. */
static enum notar_code
find_spec(const struct carrier *carrier, struct span object, char path[PATH_BYTES],
	  struct span *out, struct notar_error *err)
{
	*out = object;
	for (size_t i = 0; i < NOTAR_COUNT(carrier->path) && carrier->path[i] != NULL; i++) {
		if (!is_there(*out)) {
			*out = (struct span){ 0 };
			return NOTAR_OK;
		}
		if (pull_kind(*out) != PULL_OBJECT)
			return notar_fail(err, NOTAR_E_FORMAT, "%s: not an object", path);
		*out = pull_member(*out, carrier->path[i]);
		size_t len = strlen(path);

		(void)snprintf(path + len, PATH_BYTES - len, ".%s", carrier->path[i]);
	}
	if (!is_there(*out))
		*out = (struct span){ 0 };
	else if (pull_kind(*out) != PULL_OBJECT)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not an object", path);
	return NOTAR_OK;
}

/* The image that one entry of a list names; ptr NULL when it is a volume of another kind. */
static enum notar_code
entry_image(struct review *review, const struct image_list *list, struct span image,
	    const char *path, struct span *out, struct notar_error *err)
{
	if (list->member[1] != NULL) {
		if (!is_there(image)) {
			*out = (struct span){ 0 };
			return NOTAR_OK;
		}
		if (pull_kind(image) != PULL_OBJECT)
			return fail_kind(err, path, list->member[0], "an object");
		image = pull_member(image, list->member[1]);
	}
	NOTAR_TRY(take_text(review, image, path,
			    list->member[1] != NULL ? list->member[1] : list->member[0], out, err));
	if (out->ptr == NULL)
		*out = span_str("");
	return NOTAR_OK;
}

static enum notar_code
read_entry(const struct image_list *list, struct span entry, size_t index, const char *parent,
	   bool is_template, struct review *review, struct notar_error *err)
{
	const char *const names[] = { "name", list->member[0] };
	struct review_image image = { .list = list->name, .index = index };
	struct span values[2];
	char path[PATH_BYTES + 64];

	(void)snprintf(path, sizeof(path), "%s.%s[%zu]", parent, list->name, index);
	if (pull_kind(entry) != PULL_OBJECT)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not an object", path);
	pull_members(entry, names, 2, values);
	NOTAR_TRY(entry_image(review, list, values[1], path, &image.reference, err));
	if (image.reference.ptr == NULL || (image.reference.len == 0 && is_template))
		return NOTAR_OK;
	NOTAR_TRY(take_text(review, values[0], path, "name", &image.name, err));
	return append_image(review, &image, err);
}

static enum notar_code
read_list(const struct image_list *list, struct span entries, const char *path, bool is_template,
	  struct review *review, struct notar_error *err)
{
	struct span entry;

	if (!is_there(entries))
		return NOTAR_OK;
	if (pull_kind(entries) != PULL_ARRAY)
		return fail_kind(err, path, list->name, "an array");
	for (size_t i = 0; pull_next_item(&entries, &entry); i++)
		NOTAR_TRY(read_entry(list, entry, i, path, is_template, review, err));
	return NOTAR_OK;
}

static enum notar_code
read_spec(struct span spec, const char *path, bool is_template, struct review *review,
	  struct notar_error *err)
{
	const char *names[NOTAR_COUNT(lists)];
	struct span values[NOTAR_COUNT(lists)];

	for (size_t i = 0; i < NOTAR_COUNT(lists); i++)
		names[i] = lists[i].name;
	pull_members(spec, names, NOTAR_COUNT(lists), values);
	for (size_t i = 0; i < NOTAR_COUNT(lists); i++)
		NOTAR_TRY(read_list(&lists[i], values[i], path, is_template, review, err));
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

/* The old object's images; its texts are kept with the review's. */
static enum notar_code
read_old(struct span object, const struct carrier *carrier, struct review *review,
	 struct notar_error *err)
{
	struct review old = { .texts = review->texts };
	char path[PATH_BYTES] = "review.request.oldObject";
	struct span spec;

	if (!is_there(object))
		return NOTAR_OK;
	NOTAR_TRY(find_spec(carrier, object, path, &spec, err));
	enum notar_code code = spec.len > 0 ? read_spec(spec, path, true, &old, err) : NOTAR_OK;

	review->texts = old.texts;
	if (code == NOTAR_OK)
		mark_unchanged(review, &old);
	free(old.images);
	return code;
}

static enum notar_code
read_metadata(struct span object, struct review *review, struct notar_error *err)
{
	static const char *const names[] = { "deletionTimestamp", "generateName" };
	static const char path[] = "review.request.object.metadata";
	struct span metadata = pull_member(object, "metadata"), values[2];

	if (!is_there(metadata))
		return NOTAR_OK;
	if (pull_kind(metadata) != PULL_OBJECT)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not an object", path);
	pull_members(metadata, names, 2, values);
	review->is_dying = is_there(values[0]);
	return review->name.len > 0 ?
		       NOTAR_OK :
		       take_text(review, values[1], path, names[1], &review->name, err);
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
read_images(struct span object, struct span old, const struct carrier *carrier,
	    struct review *review, struct notar_error *err)
{
	char path[PATH_BYTES] = "review.request.object";
	struct span spec;

	if (!is_there(object))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: missing", path);
	if (pull_kind(object) != PULL_OBJECT)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not an object", path);
	NOTAR_TRY(find_spec(carrier, object, path, &spec, err));
	if (spec.len == 0 && !carrier->is_template)
		return notar_fail(err, NOTAR_E_FORMAT, "review.request.object: no spec");
	if (spec.len > 0)
		NOTAR_TRY(read_spec(spec, path, carrier->is_template, review, err));
	NOTAR_TRY(read_metadata(object, review, err));
	return review->operation == REVIEW_UPDATE ? read_old(old, carrier, review, err) : NOTAR_OK;
}

static enum notar_code
read_operation(struct span word, enum review_operation *out, struct notar_error *err)
{
	static const char *const words[] = { "CREATE", "UPDATE", "DELETE", "CONNECT" };

	for (size_t i = 0; i < NOTAR_COUNT(words); i++)
		if (span_is(word, words[i])) {
			*out = (enum review_operation)i;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT, "review.request.operation: not known");
}

enum { UID, KIND, OPERATION, NAMESPACE, NAME, DRY_RUN, USER, OBJECT, OLD_OBJECT, MEMBERS };
static const char *const member_names[MEMBERS] = {
	[UID] = "uid",
	[KIND] = "kind",
	[OPERATION] = "operation",
	[NAMESPACE] = "namespace",
	[NAME] = "name",
	[DRY_RUN] = "dryRun",
	[USER] = "userInfo",
	[OBJECT] = "object",
	[OLD_OBJECT] = "oldObject",
};
static const char request_path[] = "review.request";

static enum notar_code
read_kind(struct span kind, struct review *review, struct span *group, struct notar_error *err)
{
	static const char *const names[] = { "group", "kind" };
	struct span values[2];

	if (pull_kind(kind) != PULL_OBJECT)
		return fail_kind(err, request_path, "kind", "an object");
	pull_members(kind, names, 2, values);
	NOTAR_TRY(take_text(review, values[0], "review.request.kind", "group", group, err));
	return need_text(review, values[1], "review.request.kind", "kind", &review->kind, err);
}

/* Who, where and whether for real: for the log, and for the answer's form. */
static enum notar_code
read_circumstances(const struct span values[MEMBERS], struct review *review,
		   struct notar_error *err)
{
	struct span dry_run = values[DRY_RUN], user = values[USER];

	NOTAR_TRY(take_text(review, values[NAMESPACE], request_path, "namespace",
			    &review->namespace_name, err));
	NOTAR_TRY(take_text(review, values[NAME], request_path, "name", &review->name, err));
	if (is_there(dry_run) && pull_kind(dry_run) != PULL_BOOL)
		return fail_kind(err, request_path, "dryRun", "a boolean");
	review->dry_run = pull_is_true(dry_run);
	if (!is_there(user))
		return NOTAR_OK;
	if (pull_kind(user) != PULL_OBJECT)
		return fail_kind(err, request_path, "userInfo", "an object");
	return take_text(review, pull_member(user, "username"), "review.request.userInfo",
			 "username", &review->user, err);
}

static enum notar_code
read_request(struct span request, struct review *review, struct notar_error *err)
{
	struct span values[MEMBERS], group, operation;

	pull_members(request, member_names, MEMBERS, values);
	NOTAR_TRY(need_text(review, values[UID], request_path, "uid", &review->uid, err));
	if (review->uid.len == 0 || review->uid.len > LIMIT_REVIEW_UID_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "review.request.uid: empty or too long");
	NOTAR_TRY(read_kind(values[KIND], review, &group, err));
	NOTAR_TRY(read_circumstances(values, review, err));
	NOTAR_TRY(need_text(review, values[OPERATION], request_path, "operation", &operation, err));
	NOTAR_TRY(read_operation(operation, &review->operation, err));
	const struct carrier *carrier = find_carrier(group, review->kind);

	review->is_carrier = carrier != NULL;
	if (carrier != NULL)
		point_to_spec(carrier, review);
	if (carrier == NULL || review->operation == REVIEW_DELETE ||
	    review->operation == REVIEW_CONNECT)
		return NOTAR_OK;
	return read_images(values[OBJECT], values[OLD_OBJECT], carrier, review, err);
}

static enum notar_code
read_review(struct span top, struct review *review, struct notar_error *err)
{
	static const char *const names[] = { "apiVersion", "kind", "request" };
	struct span values[3], version, kind;

	if (pull_kind(top) != PULL_OBJECT)
		return notar_fail(err, NOTAR_E_FORMAT, "review: not an object");
	pull_members(top, names, 3, values);
	NOTAR_TRY(need_text(review, values[0], "review", "apiVersion", &version, err));
	NOTAR_TRY(need_text(review, values[1], "review", "kind", &kind, err));
	if (!span_is(version, "admission.k8s.io/v1") || !span_is(kind, "AdmissionReview"))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "apiVersion: only admission.k8s.io/v1 AdmissionReview");
	if (pull_kind(values[2]) != PULL_OBJECT)
		return fail_kind(err, "review", "request", "an object");
	return read_request(values[2], review, err);
}

enum notar_code
review_parse(struct span body, struct review *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_HTTP_ADMISSION_BODY_BYTES,
					    LIMIT_JSON_DEPTH_ADMISSION };
	NOTAR_AUTO_OF(review) review = { 0 };
	struct span top;

	NOTAR_TRY(pull_check(body, limits, "review", &top, err));
	if (buf_extend(&review.texts, body.len) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a review");
	buf_cut(&review.texts, 0);
	NOTAR_TRY(read_review(top, &review, err));
	*out = review;
	review = (struct review){ 0 };
	return NOTAR_OK;
}
