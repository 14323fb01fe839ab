/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/json.h"
#include "oci/referrers.h"

static void
put_descriptor(struct buf *b, struct span bytes, const struct manifest *m)
{
	struct notar_digest digest = digest_of(NOTAR_SHA256, bytes);
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_begin_object(b);
	json_pair_span(b, "mediaType", m->media_type);
	json_pair_str(b, "digest", notar_digest_format(&digest, text));
	json_pair_int(b, "size", (int64_t)bytes.len);
	if (m->annotations.value != NULL) {
		json_name(b, "annotations");
		json_put_value(b, m->annotations.value);
	}
	if (m->artifact_type.len > 0)
		json_pair_span(b, "artifactType", m->artifact_type);
	json_end_object(b);
}

enum notar_code
referrers_index_of(struct span manifest, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) m = { 0 };

	NOTAR_TRY(manifest_parse(manifest, (struct span){ 0 }, &m, err));
	json_begin_object(out);
	json_name(out, "manifests");
	json_begin_array(out);
	put_descriptor(out, manifest, &m);
	json_end_array(out);
	json_end_object(out);
	return buf_finish(out, "index", err);
}

/* Digests that are in the new index already. */
struct seen {
	struct span *items;
	size_t count;
};

static bool
add_seen(struct seen *seen, struct span digest)
{
	for (size_t i = 0; i < seen->count; i++)
		if (span_equal(seen->items[i], digest))
			return false;
	seen->items[seen->count++] = digest;
	return true;
}

/* Writes the entries that are not there yet; returns how many through *written. */
static enum notar_code
put_entries(struct buf *out, const struct json *list, struct seen *seen, size_t *written,
	    struct notar_error *err)
{
	size_t count = 0;

	*written = 0;
	if (list->value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(list, LIMIT_INDEX_ENTRIES, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct json entry = json_item(list, i);
		struct span digest;
		if (!json_holds_object(&entry) ||
		    json_optional_string(&entry, "digest", &digest, NULL) != NOTAR_OK ||
		    digest.len == 0 || !add_seen(seen, digest))
			continue;
		json_put_value(out, entry.value);
		++*written;
	}
	return NOTAR_OK;
}

static void
put_other_members(struct buf *out, const struct json *top)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	while (json_next_member(top, &cursor, &name, &value)) {
		if (strcmp(name, "manifests") == 0)
			continue;
		json_name(out, name);
		json_put_value(out, value.value);
	}
}

static enum notar_code
merge(const struct json *top, const struct json *wanted, struct seen *seen, struct buf *out,
      bool *changed, struct notar_error *err)
{
	struct json old = { 0 }, more = { 0 };
	size_t kept = 0, added = 0;

	NOTAR_TRY(json_member(wanted, "manifests", &more, err));
	json_begin_object(out);
	if (top->value == NULL) {
		json_pair_int(out, "schemaVersion", 2);
		json_pair_str(out, "mediaType", OCI_TYPE_INDEX);
	} else {
		NOTAR_TRY(json_optional(top, "manifests", &old, err));
		put_other_members(out, top);
	}
	json_name(out, "manifests");
	json_begin_array(out);
	NOTAR_TRY(put_entries(out, &old, seen, &kept, err));
	NOTAR_TRY(put_entries(out, &more, seen, &added, err));
	json_end_array(out);
	json_end_object(out);
	*changed = added > 0;
	return buf_finish(out, "index", err);
}

enum notar_code
referrers_index_merge(struct span current, struct span wanted, struct buf *out, bool *changed,
		      struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_PTR(json_root, struct json_t) *more = NULL;
	const struct json_limits limits = { LIMIT_MANIFEST_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct json top = { 0 }, wish = { 0 };

	if (current.len > 0)
		NOTAR_TRY(json_parse(current, limits, "index", &root, &top, err));
	NOTAR_TRY(json_parse(wanted, limits, "index", &more, &wish, err));
	struct seen seen = { calloc(2 * LIMIT_INDEX_ENTRIES, sizeof(struct span)), 0 };
	if (seen.items == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for an index");
	enum notar_code code = merge(&top, &wish, &seen, out, changed, err);
	free(seen.items);
	return code;
}
