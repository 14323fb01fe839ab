/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/fake_source.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/digest.h"
#include "envelope/bundle.h"

static struct fake_source *
fake_of(struct source *source)
{
	return (struct fake_source *)(void *)source;
}

static enum notar_code
give(const struct fake_object *object, struct buf *out)
{
	buf_append_span(out, buf_span(&object->bytes));
	return out->failed;
}

static const struct fake_object *
find(const struct fake_source *fake, const char *tag, const struct notar_digest *digest,
     bool is_manifest)
{
	for (size_t i = 0; i < fake->count; i++) {
		const struct fake_object *o = &fake->objects[i];

		if (o->is_manifest != is_manifest)
			continue;
		if (digest != NULL && notar_digest_equal(&o->digest, digest))
			return o;
		if (digest == NULL && tag != NULL && strcmp(o->tag, tag) == 0)
			return o;
	}
	return NULL;
}

static enum notar_code
manifest(struct source *source, const char *tag, const struct notar_digest *digest,
	 struct content *out, struct notar_error *err)
{
	struct fake_source *fake = fake_of(source);
	const struct fake_object *object = find(fake, tag, digest, true);

	fake->manifests++;
	if (fake->manifest_fail != NOTAR_OK)
		return notar_fail(err, fake->manifest_fail, "manifest: made to fail");
	if (object == NULL)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no such manifest");
	out->digest = object->digest;
	(void)snprintf(out->media_type, sizeof(out->media_type), "%s", OCI_TYPE_MANIFEST);
	return give(object, &out->bytes);
}

static enum notar_code
blob(struct source *source, const struct notar_digest *digest, int64_t size, size_t cap,
     struct buf *out, struct notar_error *err)
{
	struct fake_source *fake = fake_of(source);
	const struct fake_object *object = find(fake, NULL, digest, false);

	fake->blobs++;
	if (fake->blob_fail != NOTAR_OK)
		return notar_fail(err, fake->blob_fail, "blob: made to fail");
	if (object == NULL)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no such blob");
	if (object->bytes.len > cap || size > (int64_t)cap)
		return notar_fail(err, NOTAR_E_LIMIT, "over %zu bytes", cap);
	return give(object, out);
}

static enum notar_code
list(const struct fake_source *fake, const struct buf *entries, struct referrers *out,
     struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };

	buf_append_str(&text, "{\"schemaVersion\":2,\"manifests\":[");
	buf_append_span(&text, buf_span(entries));
	buf_append_str(&text, "]}");
	out->pages = calloc(1, sizeof(*out->pages));
	assert_non_null(out->pages);
	out->page_count = 1;
	NOTAR_TRY(manifest_parse(buf_span(&text), span_str(OCI_TYPE_INDEX), out->pages, err));
	out->items = calloc(out->pages->count + 1, sizeof(*out->items));
	assert_non_null(out->items);
	for (; out->count < out->pages->count; out->count++)
		out->items[out->count] = out->pages->entries[out->count];
	out->truncated = fake->truncated;
	return NOTAR_OK;
}

static enum notar_code
referrers(struct source *source, const struct notar_digest *subject, struct referrers *out,
	  struct notar_error *err)
{
	struct fake_source *fake = fake_of(source);

	(void)subject;
	fake->listings++;
	if (fake->referrers_fail != NOTAR_OK)
		return notar_fail(err, fake->referrers_fail, "referrers: made to fail");
	return list(fake, &fake->listing, out, err);
}

static enum notar_code
referrers_tag(struct source *source, const struct notar_digest *subject, struct referrers *out,
	      struct notar_error *err)
{
	struct fake_source *fake = fake_of(source);

	(void)subject;
	if (fake->fallback_fail != NOTAR_OK)
		return notar_fail(err, fake->fallback_fail, "fallback: made to fail");
	return list(fake, &fake->fallback, out, err);
}

static void
release(struct source *source)
{
	(void)source; /* the test's own */
}

static const struct source_ops ops = { .release = release,
				       .manifest = manifest,
				       .blob = blob,
				       .referrers = referrers,
				       .referrers_tag = referrers_tag };

void
fake_source_init(struct fake_source *fake)
{
	*fake = (struct fake_source){ .base = { &ops, INT64_MAX } };
}

void
fake_source_release(struct fake_source *fake)
{
	for (size_t i = 0; i < fake->count; i++)
		buf_release(&fake->objects[i].bytes);
	buf_release(&fake->listing);
	buf_release(&fake->fallback);
}

static struct notar_digest
add(struct fake_source *fake, const char *tag, struct span bytes, bool is_manifest)
{
	assert_true(fake->count < FAKE_OBJECTS);
	struct fake_object *object = &fake->objects[fake->count++];

	object->digest = digest_of(NOTAR_SHA256, bytes);
	object->is_manifest = is_manifest;
	buf_append_span(&object->bytes, bytes);
	(void)snprintf(object->tag, sizeof(object->tag), "%s", tag);
	return object->digest;
}

struct notar_digest
fake_blob(struct fake_source *fake, struct span bytes)
{
	return add(fake, "", bytes, false);
}

struct notar_digest
fake_manifest(struct fake_source *fake, const char *tag, struct span bytes)
{
	return add(fake, tag, bytes, true);
}

static void
put_descriptor(struct buf *out, const char *type, const struct notar_digest *digest, size_t size,
	       const char *more)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	buf_printf(out, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}", type,
		   notar_digest_format(digest, text), size, more);
}

void
fake_attach_bundle(struct fake_source *fake, const struct notar_digest *subject, struct span bundle,
		   bool fallback)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_digest empty = fake_blob(fake, span_str("{}"));
	struct notar_digest layer = fake_blob(fake, bundle);
	struct buf *to = fallback ? &fake->fallback : &fake->listing;

	buf_append_str(&text, "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST
			      "\",\"artifactType\":\"" BUNDLE_TYPE "\",\"config\":");
	put_descriptor(&text, OCI_TYPE_EMPTY, &empty, 2, "");
	buf_append_str(&text, ",\"layers\":[");
	put_descriptor(&text, BUNDLE_TYPE, &layer, bundle.len, "");
	buf_append_str(&text, "],\"subject\":");
	put_descriptor(&text, OCI_TYPE_MANIFEST, subject, 100, "");
	buf_append_str(&text, "}");
	struct notar_digest made = fake_manifest(fake, "", buf_span(&text));

	if (to->len > 0)
		buf_append_byte(to, ',');
	put_descriptor(to, OCI_TYPE_MANIFEST, &made, text.len,
		       ",\"artifactType\":\"" BUNDLE_TYPE "\"");
}
