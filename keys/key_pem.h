/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_KEY_PEM_H
#define KEYS_KEY_PEM_H

#include "base/buf.h"

/*
 * One PEM block and nothing else but white space around it, so that a key file cannot hold a
 * second key that another program reads. what ("a public key") opens messages. The label
 * borrows from text. NOTAR_E_FORMAT.
 */
NOTAR_MUST_USE enum notar_code
pem_decode_only(struct span text, const char *what, struct span *label, struct buf *body,
		struct notar_error *err);

/* The label of the block that the text starts with, or an empty span. */
struct span pem_label(struct span text);

/* Without the ASCII white space in front. */
struct span pem_skip_space(struct span text);

#endif
