/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_SOURCE_OPS_H
#define OCI_SOURCE_OPS_H

#include "oci/source.h"

/*
 * What a kind of source must be able to do; private to oci/. Each call keeps the promises that
 * oci/source.h makes for the function of the same name. A kind puts struct source first in a
 * struct of its own.
 */
struct source_ops {
	void (*release)(struct source *source);            /* frees the whole source */
	unsigned (*requests)(const struct source *source); /* NULL: always 0 */
	enum notar_code (*manifest)(struct source *source, const char *tag,
				    const struct notar_digest *digest, struct content *out,
				    struct notar_error *err);
	enum notar_code (*blob)(struct source *source, const struct notar_digest *digest,
				int64_t size, size_t cap, struct buf *out, struct notar_error *err);
	/* NULL: one after the other. */
	enum notar_code (*fetch_many)(struct source *source, struct source_fetch *fetches,
				      size_t count, struct notar_error *err);
	enum notar_code (*referrers)(struct source *source, const struct notar_digest *subject,
				     struct referrers *out, struct notar_error *err);
	enum notar_code (*referrers_tag)(struct source *source, const struct notar_digest *subject,
					 struct referrers *out, struct notar_error *err);
	enum notar_code (*push_blob)(struct source *source, struct span bytes,
				     struct notar_digest *digest, struct notar_error *err);
	/* subject_listed is never NULL here. */
	enum notar_code (*push_manifest)(struct source *source, struct span bytes,
					 const char *media_type, const char *tag,
					 struct notar_digest *digest, bool *subject_listed,
					 struct notar_error *err);
	enum notar_code (*push_referrer)(struct source *source, struct span manifest,
					 const struct notar_digest *subject,
					 struct notar_digest *digest, struct notar_error *err);
};

struct source {
	const struct source_ops *ops;
	int64_t deadline_ms; /* stored by the constructor; each call reads it anew */
};

/* The constructors. options->deadline_ms is already final; the constructor stores it. */
NOTAR_MUST_USE enum notar_code
registry_source_open(const struct reference *ref, const struct source_options *options,
		     struct source **out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
layout_source_open(const struct reference *ref, const struct source_options *options,
		   struct source **out, struct notar_error *err);

/* OK while the source's deadline has not passed, else NOTAR_E_TIMEOUT. */
NOTAR_MUST_USE enum notar_code
source_check_deadline(const struct source *source, struct notar_error *err);

#endif
