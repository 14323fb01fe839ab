/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_LAYOUT_INTERNAL_H
#define OCI_LAYOUT_INTERNAL_H

#include "oci/source_ops.h"

/* An OCI image layout on disk, shared by layout.c, which reads, and layout_write.c. */

#define LAYOUT_TAG_ANNOTATION "org.opencontainers.image.ref.name"
#define LAYOUT_PATH_BYTES 1400

struct layout {
	struct source base;
	char folder[1024];
};

const struct layout *layout_of(const struct source *source);

/* folder/name, and where a blob is. */
void layout_path(const struct layout *l, const char *name, char out[LAYOUT_PATH_BYTES]);
void layout_blob_path(const struct layout *l, const struct notar_digest *digest,
		      char out[LAYOUT_PATH_BYTES]);

/* A link under blobs/ could lead anywhere: NOTAR_E_FORMAT. */
NOTAR_MUST_USE enum notar_code layout_check_no_link(const char *path, struct notar_error *err);

/* index.json, parsed. */
NOTAR_MUST_USE enum notar_code
layout_read_index(const struct layout *l, struct manifest *out, struct notar_error *err);

/* Writing: as the source_ops of these names. index.json changes under a lock, and atomically. */
NOTAR_MUST_USE enum notar_code
layout_push_blob(struct source *source, struct span bytes, struct notar_digest *digest,
		 struct notar_error *err);
NOTAR_MUST_USE enum notar_code
layout_push_manifest(struct source *source, struct span bytes, const char *media_type,
		     const char *tag, struct notar_digest *digest, bool *subject_listed,
		     struct notar_error *err);
NOTAR_MUST_USE enum notar_code
layout_push_referrer(struct source *source, struct span manifest,
		     const struct notar_digest *subject, struct notar_digest *digest,
		     struct notar_error *err);

#endif
