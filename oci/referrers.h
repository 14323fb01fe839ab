/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REFERRERS_H
#define OCI_REFERRERS_H

#include "oci/source.h"

/* Lists of referrers as registries keep them; private to oci/. */

/* Adds the entries of one index, up to LIMIT_REFERRERS_ENTRIES in all (then truncated). */
NOTAR_MUST_USE enum notar_code referrers_add_index(struct span bytes, struct span content_type,
						   struct referrers *list, struct notar_error *err);

/* "sha256-<hex>", at most 64 characters of it (specs/oci-registry.md section 7.2). */
#define REFERRERS_TAG_BYTES 80
const char *referrers_tag(const struct notar_digest *subject, char out[REFERRERS_TAG_BYTES]);

/* An index with one entry: the descriptor of a manifest whose subject is another manifest. */
NOTAR_MUST_USE enum notar_code
referrers_index_of(struct span manifest, struct buf *out, struct notar_error *err);

/*
 * The fallback tag's index with every entry of wanted in it, too: entries and unknown members
 * that are there stay as they are; second entries of a digest and entries without one go.
 * current empty: a new index. *changed is false when nothing was missing.
 */
NOTAR_MUST_USE enum notar_code
referrers_index_merge(struct span current, struct span wanted, struct buf *out, bool *changed,
		      struct notar_error *err);

#endif
