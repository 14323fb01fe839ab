/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_MANIFEST_H
#define OCI_MANIFEST_H

#include "base/json.h"
#include "notar/digest.h"

/* Descriptors, manifests and indexes (image-spec 1.1; specs/oci-registry.md section 2). */

#define OCI_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_TYPE_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define OCI_TYPE_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
/* Of OCI 1.1's release candidates: signatures that notation once stored so are still there. Read
 * only, and only as what is attached to an image. */
#define OCI_TYPE_ARTIFACT "application/vnd.oci.artifact.manifest.v1+json"
#define OCI_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define OCI_TYPE_EMPTY "application/vnd.oci.empty.v1+json"
#define OCI_EMPTY_BLOB "{}"

/* Spans and annotations borrow from the document that it was read from. */
struct descriptor {
	struct span media_type;
	struct span artifact_type; /* empty when absent */
	struct notar_digest digest;
	int64_t size;
	struct json annotations; /* value NULL when absent */
	struct json platform;    /* an object; value NULL when absent */
};

NOTAR_MUST_USE enum notar_code
descriptor_read(const struct json *at, struct descriptor *out, struct notar_error *err);

/* The text of an annotation, or an empty span. */
struct span descriptor_annotation(const struct descriptor *d, const char *name);

/* A parsed manifest or index. Owns its document; does not own or keep the raw bytes. */
struct manifest {
	struct json_t *root;
	bool is_index;
	struct span media_type;     /* never empty */
	struct span artifact_type;  /* its own, else config.mediaType unless that is empty-type */
	struct descriptor config;   /* manifests only; an OCI_TYPE_ARTIFACT has none */
	struct descriptor *entries; /* layers or blobs of a manifest, manifests of an index */
	size_t count;
	bool has_subject;
	struct descriptor subject;
	struct json annotations; /* value NULL when absent */
};

void manifest_release(struct manifest *m);

/*
 * Strict reading. content_type is the transport's (empty when unknown); a disagreement with
 * the body's mediaType, both "layers" and "manifests", schema 1, too many entries: refused
 * (CVE-2021-41190 is the type confusion this guards against).
 */
NOTAR_MUST_USE enum notar_code manifest_parse(struct span bytes, struct span content_type,
					      struct manifest *out, struct notar_error *err);

#endif
