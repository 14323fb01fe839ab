/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/manifest.h"

#include <stdint.h>

#include "base/digest.h"
#include "base/limits.h"
#include "oci/media_type.h"

/* Absent, or an object of strings. */
static enum notar_code
read_annotations(const struct json *object, struct json *out, struct notar_error *err)
{
	struct json found;
	struct json value;
	const char *name;
	void *cursor = NULL;

	NOTAR_TRY(json_optional(object, "annotations", &found, err));
	if (found.value != NULL) {
		NOTAR_TRY(json_as_object(&found, err));
		while (json_next_member(&found, &cursor, &name, &value)) {
			struct span text;
			NOTAR_TRY(json_as_string(&value, &text, err));
		}
	}
	*out = found;
	return NOTAR_OK;
}

static enum notar_code
read_artifact_type(const struct json *object, struct span *out, struct notar_error *err)
{
	NOTAR_TRY(json_optional_string(object, "artifactType", out, err));
	if (out->len > LIMIT_MEDIA_TYPE_CHARS)
		return notar_fail(err, NOTAR_E_LIMIT, "%s.artifactType: more than %d characters",
				  object->path, LIMIT_MEDIA_TYPE_CHARS);
	return NOTAR_OK;
}

enum notar_code
descriptor_read(const struct json *at, struct descriptor *out, struct notar_error *err)
{
	struct descriptor d = { 0 };
	struct span digest;

	NOTAR_TRY(json_member_string(at, "mediaType", &d.media_type, err));
	if (!media_type_is_valid(d.media_type))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.mediaType: not a media type", at->path);
	NOTAR_TRY(json_member_string(at, "digest", &digest, err));
	if (digest_parse_span(digest, &d.digest, err) != NOTAR_OK)
		return notar_context(err, "%s.digest", at->path);
	NOTAR_TRY(json_member_int(at, "size", 0, INT64_MAX, &d.size, err));
	NOTAR_TRY(read_artifact_type(at, &d.artifact_type, err));
	NOTAR_TRY(read_annotations(at, &d.annotations, err));
	NOTAR_TRY(json_optional(at, "platform", &d.platform, err));
	if (d.platform.value != NULL)
		NOTAR_TRY(json_as_object(&d.platform, err));
	*out = d;
	return NOTAR_OK;
}

struct span
descriptor_annotation(const struct descriptor *d, const char *name)
{
	struct span text = { 0 };

	if (d->annotations.value == NULL ||
	    json_optional_string(&d->annotations, name, &text, NULL) != NOTAR_OK)
		return (struct span){ 0 };
	return text;
}

void
manifest_release(struct manifest *m)
{
	free(m->entries);
	json_root_free(m->root);
	*m = (struct manifest){ 0 };
}

/* Types that say no more than "some text": the body has to tell. */
static bool
is_generic(struct span type)
{
	return type.len == 0 || media_type_is(type, "application/json") ||
	       media_type_is(type, "text/plain") || media_type_is(type, "application/octet-stream");
}

/* The stated type, wherever it is stated; empty when nowhere. */
static enum notar_code
stated_type(const struct json *top, struct span content_type, struct span *out,
	    struct notar_error *err)
{
	struct span body;
	struct span transport = media_type_bare(content_type);

	NOTAR_TRY(json_optional_string(top, "mediaType", &body, err));
	if (is_generic(transport))
		transport = (struct span){ 0 };
	if (body.len > 0 && transport.len > 0 &&
	    (body.len != transport.len || media_type_of_manifest(body) == NULL ||
	     media_type_of_manifest(body) != media_type_of_manifest(transport)))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "manifest: its mediaType is not the type it was served as");
	*out = body.len > 0 ? body : transport;
	return NOTAR_OK;
}

/* One shape only, and the stated one; a document that could be read as two things is what
 * CVE-2021-41190 is about. */
static enum notar_code
decide_type(const struct json *top, struct span stated, struct manifest *m, struct notar_error *err)
{
	struct json config;
	struct json layers;
	struct json manifests;

	NOTAR_TRY(json_optional(top, "config", &config, err));
	NOTAR_TRY(json_optional(top, "layers", &layers, err));
	NOTAR_TRY(json_optional(top, "manifests", &manifests, err));
	bool like_manifest = config.value != NULL || layers.value != NULL;
	bool like_index = manifests.value != NULL;
	if (like_manifest && like_index)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "manifest: it is a manifest and an index at once");
	if (stated.len == 0 && !like_manifest && !like_index)
		return notar_fail(err, NOTAR_E_FORMAT, "manifest: neither manifest nor index");
	const char *type = stated.len > 0 ? media_type_of_manifest(stated) :
			   like_index     ? OCI_TYPE_INDEX :
					    OCI_TYPE_MANIFEST;
	if (type == NULL)
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "manifest: media type %.*s is not read",
				  (int)(stated.len > 128 ? 128 : stated.len),
				  (const char *)stated.ptr);
	m->media_type = span_str(type);
	m->is_index = media_type_is_index(m->media_type);
	if (m->is_index ? like_manifest : like_index)
		return notar_fail(err, NOTAR_E_FORMAT, "manifest: its members are not those of %s",
				  type);
	return NOTAR_OK;
}

static bool
has_member(const struct json *object, const char *wanted)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	while (json_next_member(object, &cursor, &name, &value))
		if (strcmp(name, wanted) == 0)
			return true;
	return false;
}

static bool
is_artifact(const struct manifest *m)
{
	return media_type_is(m->media_type, OCI_TYPE_ARTIFACT);
}

static enum notar_code
read_entries(const struct json *top, struct manifest *m, struct notar_error *err)
{
	const char *member = m->is_index ? "manifests" : is_artifact(m) ? "blobs" : "layers";
	struct json list;
	size_t max = m->is_index ? LIMIT_INDEX_ENTRIES : LIMIT_MANIFEST_LAYERS;
	size_t count;

	/* Some writers put null for an empty list. An index without the member is another thing: as
	 * an answer to "what refers to this?" it would read as "nothing". */
	NOTAR_TRY(json_optional(top, member, &list, err));
	if (list.value == NULL && m->is_index && !has_member(top, "manifests"))
		return notar_fail(err, NOTAR_E_FORMAT, "manifest: an index without \"manifests\"");
	if (list.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&list, max, &count, err));
	if (count == 0)
		return NOTAR_OK;
	m->entries = calloc(count, sizeof(*m->entries));
	if (m->entries == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "manifest: no memory for %zu entries", count);
	for (size_t i = 0; i < count; i++) {
		struct json item = json_item(&list, i);
		NOTAR_TRY(descriptor_read(&item, &m->entries[i], err));
	}
	m->count = count;
	return NOTAR_OK;
}

/* The members that manifests have and indexes have not. */
static enum notar_code
read_config(const struct json *top, struct manifest *m, struct notar_error *err)
{
	struct json config;

	if (is_artifact(m))
		return NOTAR_OK;
	NOTAR_TRY(json_member(top, "config", &config, err));
	NOTAR_TRY(descriptor_read(&config, &m->config, err));
	if (m->artifact_type.len == 0 && !media_type_is(m->config.media_type, OCI_TYPE_EMPTY))
		m->artifact_type = m->config.media_type;
	return NOTAR_OK;
}

/* Artifact manifests came without a number, and with nothing that is laid out like an image. */
static enum notar_code
check_schema(const struct json *top, struct span stated, struct notar_error *err)
{
	int64_t version;

	if (media_type_is(stated, OCI_TYPE_ARTIFACT)) {
		if (has_member(top, "config") || has_member(top, "layers") ||
		    has_member(top, "manifests"))
			return notar_fail(err, NOTAR_E_FORMAT,
					  "manifest: an artifact's and an image's at once");
		return NOTAR_OK;
	}
	NOTAR_TRY(json_member_int(top, "schemaVersion", INT64_MIN, INT64_MAX, &version, err));
	if (version != 2)
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "manifest: schemaVersion is not 2");
	return NOTAR_OK;
}

static enum notar_code
read_body(const struct json *top, struct span content_type, struct manifest *m,
	  struct notar_error *err)
{
	struct json subject;
	struct span stated = { 0 };

	NOTAR_TRY(json_as_object(top, err));
	NOTAR_TRY(stated_type(top, content_type, &stated, err));
	NOTAR_TRY(check_schema(top, stated, err));
	NOTAR_TRY(decide_type(top, stated, m, err));
	NOTAR_TRY(read_artifact_type(top, &m->artifact_type, err));
	if (!m->is_index)
		NOTAR_TRY(read_config(top, m, err));
	NOTAR_TRY(read_entries(top, m, err));
	NOTAR_TRY(json_optional(top, "subject", &subject, err));
	m->has_subject = subject.value != NULL;
	if (m->has_subject)
		NOTAR_TRY(descriptor_read(&subject, &m->subject, err));
	return read_annotations(top, &m->annotations, err);
}

enum notar_code
manifest_parse(struct span bytes, struct span content_type, struct manifest *out,
	       struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) m = { 0 };
	struct json_limits limits = { LIMIT_MANIFEST_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct json top;

	NOTAR_TRY(json_parse(bytes, limits, "manifest", &m.root, &top, err));
	NOTAR_TRY(read_body(&top, content_type, &m, err));
	*out = m;
	m = (struct manifest){ 0 };
	return NOTAR_OK;
}
