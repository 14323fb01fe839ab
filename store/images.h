/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_IMAGES_H
#define STORE_IMAGES_H

#include "base/buf.h"
#include "notar/digest.h"
#include "store/env.h"

/*
 * Table "images": which digests have been asked about, and where: the listings in the order of
 * digests, for inventory. Written and evicted with the listing.
 *   key    1 + 32 or 64  digest    32  SHA-256 of the repository's name
 *   value  1  row version    8  first seen    8  last listed    2 + n  repository's name
 */
struct image_row {
	struct notar_digest digest;
	struct span repository; /* borrowed from the row */
	int64_t first_s, last_s;
};

#define IMAGE_KEY_BYTES (1 + NOTAR_DIGEST_MAX_BYTES + 32)

/* Keeps the first time that is there. */
NOTAR_MUST_USE enum notar_code
image_put(struct store_write *write, const struct notar_digest *digest, struct span repository,
	  int64_t now_s, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
image_delete(struct store_write *write, const struct notar_digest *digest, struct span repository,
	     struct notar_error *err);

NOTAR_MUST_USE enum notar_code
image_decode(struct span key, struct span row, struct image_row *out, struct notar_error *err);

/*
 * In order of digests, those of `digest` alone unless it is NULL, from behind the key `after`
 * (empty: from the start), until visit returns false. key is what to go on from. Rows that
 * cannot be read are left out.
 */
typedef bool image_visit(void *context, const struct image_row *image, struct span key);
NOTAR_MUST_USE enum notar_code
images_each(struct store_reader *reader, const struct notar_digest *digest, struct span after,
	    image_visit *visit, void *context, struct notar_error *err);

#endif
