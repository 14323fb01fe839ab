/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout_internal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "oci/media_type.h"

/* An OCI image layout on disk (image-spec "image-layout"; specs/oci-registry.md section 9). */

static void
layout_free(struct source *source)
{
	free(source);
}

const struct layout *
layout_of(const struct source *source)
{
	return (const struct layout *)source;
}

void
layout_path(const struct layout *l, const char *name, char out[LAYOUT_PATH_BYTES])
{
	(void)snprintf(out, LAYOUT_PATH_BYTES, "%s/%s", l->folder, name);
}

void
layout_blob_path(const struct layout *l, const struct notar_digest *digest,
		 char out[LAYOUT_PATH_BYTES])
{
	char text[NOTAR_DIGEST_TEXT_BYTES];
	char *colon = strchr(notar_digest_format(digest, text), ':');

	if (colon != NULL)
		*colon = '/';
	(void)snprintf(out, LAYOUT_PATH_BYTES, "%s/blobs/%s", l->folder, text);
}

/* A link under blobs/ could lead anywhere: refused. */
enum notar_code
layout_check_no_link(const char *path, struct notar_error *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a regular file", path);
	return NOTAR_OK;
}

static enum notar_code
layout_blob(struct source *source, const struct notar_digest *digest, int64_t size, size_t cap,
	    struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { .cap = cap };
	char path[LAYOUT_PATH_BYTES];

	layout_blob_path(layout_of(source), digest, path);
	NOTAR_TRY(layout_check_no_link(path, err));
	NOTAR_TRY(file_read(path, cap, &bytes, err));
	if (size >= 0 && bytes.len != (size_t)size)
		return notar_fail(err, NOTAR_E_DIGEST,
				  "%s: %zu bytes where the descriptor says %lld", path, bytes.len,
				  (long long)size);
	NOTAR_TRY(digest_check(digest, buf_span(&bytes), path, err));
	buf_append_span(out, buf_span(&bytes));
	return buf_finish(out, path, err);
}

enum notar_code
layout_read_index(const struct layout *l, struct manifest *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	char path[LAYOUT_PATH_BYTES];

	layout_path(l, "index.json", path);
	NOTAR_TRY(file_read(path, LIMIT_MANIFEST_BYTES, &bytes, err));
	if (manifest_parse(buf_span(&bytes), span_str(OCI_TYPE_INDEX), out, err) != NOTAR_OK)
		return notar_context(err, "%s", path);
	return NOTAR_OK;
}

static bool
is_manifest_type(struct span type)
{
	const char *known = media_type_of_manifest(type);

	return known != NULL && span_is(type, known);
}

static enum notar_code
load(struct source *source, const struct descriptor *d, struct content *out,
     struct notar_error *err)
{
	NOTAR_AUTO_OF(content) content = { .digest = d->digest };

	if (d->media_type.len > LIMIT_MEDIA_TYPE_CHARS)
		return notar_fail(err, NOTAR_E_LIMIT, "a media type is too long");
	memcpy(content.media_type, d->media_type.ptr, d->media_type.len);
	NOTAR_TRY(layout_blob(source, &d->digest, d->size, LIMIT_MANIFEST_BYTES, &content.bytes,
			      err));
	*out = content;
	content = (struct content){ 0 };
	return NOTAR_OK;
}

/* A walk over everything that index.json reaches. */
struct walk {
	struct source *source;
	struct notar_digest *seen;
	size_t count;
	/* Called for each manifest or index; true ends the walk. The page is the callee's to take
	 * over by zeroing it. */
	bool (*visit)(struct walk *walk, const struct descriptor *d, struct manifest *parsed);
	void *context;
	bool done;
};

static bool
walk_first_visit(struct walk *w, const struct notar_digest *digest)
{
	for (size_t i = 0; i < w->count; i++)
		if (notar_digest_equal(&w->seen[i], digest))
			return false;
	w->seen[w->count++] = *digest;
	return true;
}

static enum notar_code
walk_index(struct walk *w, const struct manifest *index, unsigned depth, struct notar_error *err);

static enum notar_code
walk_one(struct walk *w, const struct descriptor *d, unsigned depth, struct notar_error *err)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	NOTAR_AUTO_OF(manifest) parsed = { 0 };

	if (!is_manifest_type(d->media_type))
		return NOTAR_OK;
	if (w->count == LIMIT_INDEX_ENTRIES || depth > LIMIT_RECURSION_DEPTH)
		return notar_fail(err, NOTAR_E_LIMIT, "the layout holds too many manifests");
	if (!walk_first_visit(w, &d->digest))
		return NOTAR_OK;
	enum notar_code code = load(w->source, d, &content, err);

	if (code == NOTAR_E_NOT_FOUND)
		return NOTAR_OK; /* sparse layouts are legal */
	if (code != NOTAR_OK)
		return code;
	NOTAR_TRY(manifest_parse(buf_span(&content.bytes), d->media_type, &parsed, err));
	bool is_index = parsed.is_index;

	w->done = w->visit(w, d, &parsed);
	if (w->done || !is_index || parsed.root == NULL)
		return NOTAR_OK;
	return walk_index(w, &parsed, depth + 1, err);
}

static enum notar_code
walk_index(struct walk *w, const struct manifest *index, unsigned depth, struct notar_error *err)
{
	for (size_t i = 0; i < index->count && !w->done; i++)
		NOTAR_TRY(walk_one(w, &index->entries[i], depth, err));
	return NOTAR_OK;
}

static enum notar_code
walk_layout(struct walk *w, struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) index = { 0 };

	NOTAR_TRY(layout_read_index(layout_of(w->source), &index, err));
	w->seen = calloc(LIMIT_INDEX_ENTRIES, sizeof(*w->seen));
	if (w->seen == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory to walk a layout");
	enum notar_code code = walk_index(w, &index, 0, err);

	free(w->seen);
	return code;
}

struct search {
	const struct notar_digest *digest;
	struct content found;
	enum notar_code code;
	struct notar_error err;
};

static bool
visit_search(struct walk *w, const struct descriptor *d, struct manifest *parsed)
{
	struct search *s = w->context;

	(void)parsed;
	if (!notar_digest_equal(&d->digest, s->digest))
		return false;
	s->code = load(w->source, d, &s->found, &s->err);
	return true;
}

static enum notar_code
find_digest(struct source *source, const struct notar_digest *digest, struct content *out,
	    struct notar_error *err)
{
	struct search s = { .digest = digest, .code = NOTAR_E_NOT_FOUND };
	struct walk w = { .source = source, .visit = visit_search, .context = &s };
	char text[NOTAR_DIGEST_TEXT_BYTES];

	NOTAR_TRY(walk_layout(&w, err));
	if (!w.done)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "%s is not in the layout",
				  notar_digest_format(digest, text));
	if (s.code != NOTAR_OK) {
		*err = s.err;
		return s.code;
	}
	*out = s.found;
	return NOTAR_OK;
}

static enum notar_code
layout_manifest(struct source *source, const char *tag, const struct notar_digest *digest,
		struct content *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) index = { 0 };
	const struct descriptor *found = NULL;

	NOTAR_TRY(source_check_deadline(source, err));
	if (digest == NULL || digest->alg == NOTAR_DIGEST_NONE) {
		NOTAR_TRY(layout_read_index(layout_of(source), &index, err));
		for (size_t i = 0; i < index.count; i++)
			if (span_is(descriptor_annotation(&index.entries[i], LAYOUT_TAG_ANNOTATION),
				    tag))
				found = &index.entries[i]; /* the last one wins */
		if (found == NULL)
			return notar_fail(err, NOTAR_E_NOT_FOUND, "no tag %s in the layout", tag);
		return load(source, found, out, err);
	}
	return find_digest(source, digest, out, err);
}

struct gathering {
	const struct notar_digest *subject;
	struct referrers list;
	bool no_memory;
};

static bool
visit_gather(struct walk *w, const struct descriptor *d, struct manifest *parsed)
{
	struct gathering *g = w->context;
	struct referrers *list = &g->list;

	if (!parsed->has_subject || !notar_digest_equal(&parsed->subject.digest, g->subject))
		return false;
	struct descriptor *items = realloc(list->items, (list->count + 1) * sizeof(*items));
	if (items != NULL)
		list->items = items;
	struct manifest *pages = realloc(list->pages, (list->page_count + 1) * sizeof(*pages));
	if (pages != NULL)
		list->pages = pages;
	g->no_memory = items == NULL || pages == NULL;
	if (g->no_memory)
		return true;
	/* The manifest itself stands for its entry: its type and annotations are the truth. */
	list->items[list->count++] = (struct descriptor){ .media_type = parsed->media_type,
							  .artifact_type = parsed->artifact_type,
							  .digest = d->digest,
							  .size = d->size,
							  .annotations = parsed->annotations };
	list->pages[list->page_count++] = *parsed;
	*parsed = (struct manifest){ 0 };
	return false;
}

static enum notar_code
layout_referrers(struct source *source, const struct notar_digest *subject, struct referrers *out,
		 struct notar_error *err)
{
	struct gathering g = { .subject = subject };
	struct walk w = { .source = source, .visit = visit_gather, .context = &g };
	enum notar_code code = walk_layout(&w, err);

	if (code == NOTAR_OK && g.no_memory)
		code = notar_fail(err, NOTAR_E_NOMEM, "no memory for referrers");
	if (code != NOTAR_OK) {
		referrers_release(&g.list);
		return code;
	}
	*out = g.list;
	return NOTAR_OK;
}

static enum notar_code
layout_referrers_tag(struct source *source, const struct notar_digest *subject,
		     struct referrers *out, struct notar_error *err)
{
	(void)source;
	(void)subject;
	(void)err;
	*out = (struct referrers){ 0 }; /* the walk has seen whatever a tag leads to */
	return NOTAR_OK;
}

static const struct source_ops layout_ops = {
	.release = layout_free,
	.manifest = layout_manifest,
	.blob = layout_blob,
	.referrers = layout_referrers,
	.referrers_tag = layout_referrers_tag,
	.push_blob = layout_push_blob,
	.push_manifest = layout_push_manifest,
	.push_referrer = layout_push_referrer,
};

static enum notar_code
check_version(const struct layout *l, struct notar_error *err)
{
	const struct json_limits limits = { 4096, 4 };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	char path[LAYOUT_PATH_BYTES];
	struct json top;
	struct span version;

	layout_path(l, "oci-layout", path);
	NOTAR_TRY(file_read(path, limits.bytes, &bytes, err));
	NOTAR_TRY(json_parse(buf_span(&bytes), limits, path, &root, &top, err));
	NOTAR_TRY(json_member_string(&top, "imageLayoutVersion", &version, err));
	if (!span_starts_with(version, "1."))
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "%s: not version 1", path);
	return NOTAR_OK;
}

enum notar_code
layout_source_open(const struct reference *ref, const struct source_options *options,
		   struct source **out, struct notar_error *err)
{
	/* NOLINTNEXTLINE(clang-analyzer-unix.MallocSizeof): a layout, freed as memory */
	NOTAR_AUTO_CHARS *memory = calloc(1, sizeof(struct layout));
	struct layout *l = (struct layout *)(void *)memory;

	if (l == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a layout");
	l->base.ops = &layout_ops;
	l->base.deadline_ms = options->deadline_ms;
	(void)snprintf(l->folder, sizeof(l->folder), "%s", ref->path);
	NOTAR_TRY(check_version(l, err));
	memory = NULL;
	*out = &l->base;
	return NOTAR_OK;
}
