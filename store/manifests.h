/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_MANIFESTS_H
#define STORE_MANIFESTS_H

#include "base/buf.h"
#include "notar/digest.h"
#include "store/env.h"

/*
 * Table "manifests": what a manifest's bytes were found to be. Content does not change, so a row
 * is true for good and in every repository.
 *   key    1 + 32 or 64  digest
 *   value  1  row version    1  kind    1 + n  media type    1 + 0|32|64  subject
 *          2  count of children, each: 1 + 32|64  digest    1 + n  platform
 * Table "parents": which indexes name a manifest.
 *   key    digest of the child ‖ digest of the index     value  1  row version
 */
enum manifest_kind { /* on disk */
		     MANIFEST_IMAGE = 1,
		     MANIFEST_INDEX = 2,
		     MANIFEST_ARTIFACT = 3, /* signatures and the like: no runtime can run it */
};
#define MANIFEST_CHILDREN 128

struct manifest_child {
	struct notar_digest digest;
	struct span platform; /* "linux/arm64/v8"; empty when the index does not say */
};

/* Decoded: spans borrow from the row. */
struct manifest_row {
	enum manifest_kind kind;
	struct span media_type;
	struct notar_digest subject; /* alg NONE: none */
	struct manifest_child children[MANIFEST_CHILDREN];
	size_t count;
};

void manifest_row_encode(const struct manifest_row *row, struct buf *out);
NOTAR_MUST_USE enum notar_code
manifest_row_decode(struct span bytes, struct manifest_row *out, struct notar_error *err);

/* NOTAR_E_NOT_FOUND, or NOTAR_E_STORE: a miss. */
NOTAR_MUST_USE enum notar_code
manifest_row_get(struct store_reader *reader, const struct notar_digest *digest,
		 struct manifest_row *out, struct notar_error *err);
/* With the rows of its children's parents. */
NOTAR_MUST_USE enum notar_code
manifest_row_put(struct store_write *write, const struct notar_digest *digest, struct span row,
		 struct notar_error *err);
NOTAR_MUST_USE enum notar_code
manifest_row_delete(struct store_write *write, const struct notar_digest *digest,
		    struct notar_error *err);

/* Indexes that name this manifest, as many as there is room for. Returns how many. */
size_t manifest_parents(struct store_reader *reader, const struct notar_digest *child,
			struct notar_digest *out, size_t room);

#endif
