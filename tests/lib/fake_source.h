/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_FAKE_SOURCE_H
#define TESTS_LIB_FAKE_SOURCE_H

#include "oci/source_ops.h"

/* A repository in memory, whose every place can be made to fail. */
#define FAKE_OBJECTS 300

struct fake_source {
	struct source base;
	struct fake_object {
		struct notar_digest digest;
		struct buf bytes;
		char tag[LIMIT_TAG_CHARS + 1]; /* manifests only; "" without one */
		bool is_manifest;
	} objects[FAKE_OBJECTS];
	size_t count;
	/* What the listings hold: JSON indexes; NULL: empty. */
	struct buf listing, fallback;
	/* NOTAR_OK, or how each kind of call fails. */
	enum notar_code referrers_fail, fallback_fail, manifest_fail, blob_fail;
	bool truncated;
	unsigned manifests, blobs, listings; /* calls so far */
};

void fake_source_init(struct fake_source *fake);
void fake_source_release(struct fake_source *fake);

struct notar_digest fake_blob(struct fake_source *fake, struct span bytes);
struct notar_digest fake_manifest(struct fake_source *fake, const char *tag, struct span bytes);

/* Attaches a bundle to subject, in the listing or, with fallback, under the fallback tag. */
void fake_attach_bundle(struct fake_source *fake, const struct notar_digest *subject,
			struct span bundle, bool fallback);

#endif
