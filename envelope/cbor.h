/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_CBOR_H
#define ENVELOPE_CBOR_H

#include "base/buf.h"

/*
 * CBOR as COSE may use it (RFC 8949; specs/notary-project.md section 6.4), on the sticky reader of
 * base/span.h: definite lengths, shortest heads, integers within int64, text in UTF-8, no floats,
 * nothing longer than what is left. Pure; spans borrow. Like the reader: parse first, ask once.
 */
enum cbor_major {
	CBOR_UINT = 0,
	CBOR_NEGATIVE = 1,
	CBOR_BYTES = 2,
	CBOR_TEXT = 3,
	CBOR_ARRAY = 4,
	CBOR_MAP = 5,
	CBOR_TAG = 6,
};

/* The next item's major type without taking it; 7 for simple values and at the end. */
unsigned cbor_next(const struct reader *r);

int64_t cbor_int(struct reader *r); /* of either sign */
struct span cbor_text(struct reader *r);
struct span cbor_bytes(struct reader *r);
uint64_t cbor_tag(struct reader *r);
size_t cbor_array(struct reader *r); /* items that follow */
size_t cbor_map(struct reader *r);   /* pairs that follow; at most LIMIT_CBOR_ENTRIES */

/* Steps over one item, whatever it is, and returns its bytes. At most LIMIT_CBOR_DEPTH deep; keys
 * of maps inside must be different. Of tags only that of a time since the epoch (1). */
struct span cbor_skip(struct reader *r);

/* Writing: heads in their shortest form. */
void cbor_put_head(struct buf *out, enum cbor_major major, uint64_t number);
void cbor_put_int(struct buf *out, int64_t value);
void cbor_put_text(struct buf *out, const char *text);
void cbor_put_bytes(struct buf *out, struct span bytes);

#endif
