/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/layout_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"

enum notar_code
layout_push_blob(struct source *source, struct span bytes, struct notar_digest *digest,
		 struct notar_error *err)
{
	struct notar_digest name = digest_of(NOTAR_SHA256, bytes);
	char path[LAYOUT_PATH_BYTES];
	struct stat st;

	layout_path(layout_of(source), "blobs/sha256", path);
	NOTAR_TRY(file_make_dirs(path, 0755, err));
	layout_blob_path(layout_of(source), &name, path);
	NOTAR_TRY(layout_check_no_link(path, err));
	if (lstat(path, &st) != 0 || (size_t)st.st_size != bytes.len)
		NOTAR_TRY(file_write_atomic(path, bytes, 0644, FILE_REPLACE, err));
	*digest = name;
	return NOTAR_OK;
}

static void
write_entry(struct span bytes, const char *media_type, const char *tag,
	    const struct notar_digest *digest, struct buf *out)
{
	NOTAR_AUTO_OF(manifest) parsed = { 0 };
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_begin_object(out);
	json_pair_str(out, "mediaType", media_type);
	json_pair_str(out, "digest", notar_digest_format(digest, text));
	json_pair_int(out, "size", (int64_t)bytes.len);
	if (manifest_parse(bytes, span_str(media_type), &parsed, NULL) == NOTAR_OK &&
	    parsed.has_subject && parsed.artifact_type.len > 0)
		json_pair_span(out, "artifactType", parsed.artifact_type);
	if (tag != NULL) {
		json_name(out, "annotations");
		json_begin_object(out);
		json_pair_str(out, LAYOUT_TAG_ANNOTATION, tag);
		json_end_object(out);
	}
	json_end_object(out);
}

/* Whether an old entry stays: all do, but the one whose tag is taken over, and a plain
 * duplicate of what is added. */
static bool
entry_stays(const struct descriptor *d, const char *tag, const struct notar_digest *digest)
{
	struct span name = descriptor_annotation(d, LAYOUT_TAG_ANNOTATION);

	if (tag != NULL)
		return !span_is(name, tag);
	return name.len > 0 || !notar_digest_equal(&d->digest, digest);
}

static enum notar_code
rewrite_index(const struct layout *l, struct span entry, const char *tag,
	      const struct notar_digest *digest, struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) index = { 0 };
	NOTAR_AUTO_OF(buf) out = { .cap = LIMIT_MANIFEST_BYTES };
	char path[LAYOUT_PATH_BYTES];
	struct json top, value, list;
	void *cursor = NULL;
	const char *name;

	NOTAR_TRY(layout_read_index(l, &index, err));
	top = (struct json){ .value = index.root };
	json_begin_object(&out);
	while (json_next_member(&top, &cursor, &name, &value)) {
		json_name(&out, name);
		if (strcmp(name, "manifests") != 0) {
			json_put_value(&out, value.value);
			continue;
		}
		list = value;
		json_begin_array(&out);
		for (size_t i = 0; i < index.count; i++)
			if (entry_stays(&index.entries[i], tag, digest))
				json_put_value(&out, json_item(&list, i).value);
		json_put_raw(&out, entry);
		json_end_array(&out);
	}
	json_end_object(&out);
	NOTAR_TRY(buf_finish(&out, "index.json", err));
	layout_path(l, "index.json", path);
	return file_write_atomic(path, buf_span(&out), 0644, FILE_REPLACE, err);
}

/* The lock is held by descriptor: a killed writer leaves none behind. The lock file stays, as
 * removing it would let two writers hold two different ones. */
static enum notar_code
lock_layout(const struct layout *l, int *out, struct notar_error *err)
{
	NOTAR_AUTO_FD fd = -1;
	char path[LAYOUT_PATH_BYTES];

	fd = open(l->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	layout_path(l, "index.json", path);
	if (fd < 0)
		return notar_fail(err, NOTAR_E_IO, "%s: cannot open", l->folder);
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return notar_fail(err, NOTAR_E_IO, "%s: cannot lock", l->folder);
		NOTAR_TRY(source_check_deadline(&l->base, err));
		(void)usleep(5000);
	}
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

enum notar_code
layout_push_manifest(struct source *source, struct span bytes, const char *media_type,
		     const char *tag, struct notar_digest *digest, bool *subject_listed,
		     struct notar_error *err)
{
	NOTAR_AUTO_FD lock = -1;
	NOTAR_AUTO_OF(buf) entry = { 0 };
	struct notar_digest name;

	NOTAR_TRY(layout_push_blob(source, bytes, &name, err));
	write_entry(bytes, media_type, tag, &name, &entry);
	NOTAR_TRY(buf_finish(&entry, "an entry", err));
	NOTAR_TRY(lock_layout(layout_of(source), &lock, err));
	NOTAR_TRY(rewrite_index(layout_of(source), buf_span(&entry), tag, &name, err));
	*digest = name;
	*subject_listed = true;
	return NOTAR_OK;
}

enum notar_code
layout_push_referrer(struct source *source, struct span manifest,
		     const struct notar_digest *subject, struct notar_digest *digest,
		     struct notar_error *err)
{
	bool listed;

	(void)subject; /* stands in the manifest; the walk finds it there */
	return layout_push_manifest(source, manifest, OCI_TYPE_MANIFEST, NULL, digest, &listed,
				    err);
}
