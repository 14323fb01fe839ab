/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/source.h"

#include "base/clock.h"
#include "oci/source_ops.h"

#define DEFAULT_DEADLINE_MS 120000

enum notar_code
source_open(const struct reference *ref, const struct source_options *options, struct source **out,
	    struct notar_error *err)
{
	struct source_options final = { 0 };

	if (options != NULL)
		final = *options;
	if (final.deadline_ms == 0)
		final.deadline_ms = clock_deadline_ms(DEFAULT_DEADLINE_MS);
	if (ref->place == REFERENCE_LAYOUT)
		return layout_source_open(ref, &final, out, err);
	if (ref->place == REFERENCE_REGISTRY)
		return registry_source_open(ref, &final, out, err);
	return notar_fail(err, NOTAR_E_INTERNAL, "source: an empty reference");
}

void
source_free(struct source *source)
{
	if (source != NULL)
		source->ops->release(source);
}

void
source_set_deadline(struct source *source, int64_t deadline_ms)
{
	source->deadline_ms = deadline_ms;
}

enum notar_code
source_check_deadline(const struct source *source, struct notar_error *err)
{
	if (clock_left_ms(source->deadline_ms) > 0)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_TIMEOUT, "the deadline has passed");
}

unsigned
source_requests(const struct source *source)
{
	return source->ops->requests == NULL ? 0 : source->ops->requests(source);
}

void
content_release(struct content *content)
{
	buf_release(&content->bytes);
	*content = (struct content){ 0 };
}

void
referrers_release(struct referrers *list)
{
	for (size_t i = 0; i < list->page_count; i++)
		manifest_release(&list->pages[i]);
	free(list->pages);
	free(list->items);
	*list = (struct referrers){ 0 };
}

enum notar_code
source_manifest(struct source *source, const char *tag, const struct notar_digest *digest,
		struct content *out, struct notar_error *err)
{
	NOTAR_TRY(source_check_deadline(source, err));
	return source->ops->manifest(source, tag, digest, out, err);
}

enum notar_code
source_blob(struct source *source, const struct notar_digest *digest, int64_t size, size_t cap,
	    struct buf *out, struct notar_error *err)
{
	NOTAR_TRY(source_check_deadline(source, err));
	if (size > 0 && (uint64_t)size > cap)
		return notar_fail(err, NOTAR_E_LIMIT, "blob: more than %zu bytes", cap);
	return source->ops->blob(source, digest, size, cap, out, err);
}

/* What a single call would have answered, size and cap included. */
static enum notar_code
fetch_manifest(struct source *source, struct source_fetch *wish)
{
	NOTAR_AUTO_OF(content) got = { 0 };
	struct notar_error *err = &wish->err;

	NOTAR_TRY(source_manifest(source, NULL, &wish->digest, &got, err));
	if (got.bytes.len > wish->cap)
		return notar_fail(err, NOTAR_E_LIMIT, "manifest: more than %zu bytes", wish->cap);
	if (wish->size >= 0 && (uint64_t)wish->size != got.bytes.len)
		return notar_fail(err, NOTAR_E_DIGEST,
				  "manifest: %zu bytes, but its descriptor says %lld",
				  got.bytes.len, (long long)wish->size);
	wish->content = got;
	got = (struct content){ 0 };
	return NOTAR_OK;
}

static enum notar_code
fetch_one(struct source *source, struct source_fetch *wish)
{
	if (wish->is_manifest)
		return fetch_manifest(source, wish);
	NOTAR_TRY(source_blob(source, &wish->digest, wish->size, wish->cap, &wish->content.bytes,
			      &wish->err));
	wish->content.digest = wish->digest;
	return NOTAR_OK;
}

enum notar_code
source_fetch_many(struct source *source, struct source_fetch *fetches, size_t count,
		  struct notar_error *err)
{
	if (source->ops->fetch_many != NULL)
		return source->ops->fetch_many(source, fetches, count, err);
	for (size_t i = 0; i < count; i++)
		fetches[i].code = fetch_one(source, &fetches[i]);
	return NOTAR_OK;
}

enum notar_code
source_referrers(struct source *source, const struct notar_digest *subject, struct referrers *out,
		 struct notar_error *err)
{
	NOTAR_TRY(source_check_deadline(source, err));
	return source->ops->referrers(source, subject, out, err);
}

enum notar_code
source_referrers_tag(struct source *source, const struct notar_digest *subject,
		     struct referrers *out, struct notar_error *err)
{
	NOTAR_TRY(source_check_deadline(source, err));
	return source->ops->referrers_tag(source, subject, out, err);
}

enum notar_code
source_push_blob(struct source *source, struct span bytes, struct notar_digest *digest,
		 struct notar_error *err)
{
	NOTAR_TRY(source_check_deadline(source, err));
	return source->ops->push_blob(source, bytes, digest, err);
}

enum notar_code
source_push_manifest(struct source *source, struct span bytes, const char *media_type,
		     const char *tag, struct notar_digest *digest, bool *subject_listed,
		     struct notar_error *err)
{
	bool unused;

	NOTAR_TRY(source_check_deadline(source, err));
	return source->ops->push_manifest(source, bytes, media_type, tag, digest,
					  subject_listed == NULL ? &unused : subject_listed, err);
}

enum notar_code
source_push_referrer(struct source *source, struct span manifest,
		     const struct notar_digest *subject, struct notar_digest *digest,
		     struct notar_error *err)
{
	NOTAR_TRY(source_check_deadline(source, err));
	return source->ops->push_referrer(source, manifest, subject, digest, err);
}
