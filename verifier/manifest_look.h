/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_MANIFEST_LOOK_H
#define VERIFIER_MANIFEST_LOOK_H

#include "store/manifests.h"

/*
 * What the bytes of a manifest are: an index with its children, an image, or an artifact that
 * nothing can run: every layer, and there is one, is of a kind that only carries signatures,
 * attestations or lists of parts. Whatever is not surely an artifact is an image.
 */
NOTAR_MUST_USE enum notar_code
manifest_look(struct span bytes, struct span media_type, struct buf *row, struct notar_error *err);

#endif
