/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_DER_H
#define KEYS_DER_H

#include "base/buf.h"

/*
 * Strict DER (X.690 section 10) on the sticky reader of base/span.h: one-byte tags, definite
 * lengths in their shortest form, shortest integers. So what parses here has exactly one
 * spelling and needs no re-encoding to be compared. Pure; spans borrow from the input.
 *
 * Each nested value gets its own reader, and each reader must be finished (der_finish).
 */

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0, /* [0], constructed */
	DER_CONTEXT_1 = 0xa1,
};

/* The contents of the next value, which must have this tag. */
struct span der_take(struct reader *r, enum der_tag tag);
/* A reader for the contents of the next value; failed when r is. */
struct reader der_enter(struct reader *r, enum der_tag tag);
/* A non-negative INTEGER's big-endian bytes without the sign byte; zero is one zero byte. */
struct span der_take_unsigned(struct reader *r);
/* The same, for numbers up to max; fails above it. */
uint64_t der_take_number(struct reader *r, uint64_t max);
/* The bytes of a BIT STRING that is a whole number of bytes. */
struct span der_take_bits(struct reader *r);
/* NOTAR_OK when no read failed and nothing is left over; NOTAR_E_FORMAT names what. */
NOTAR_MUST_USE enum notar_code
der_finish(const struct reader *r, const char *what, struct notar_error *err);
/* Looks at the next tag; false at the end. */
bool der_next_is(const struct reader *r, enum der_tag tag);

/* Size of a value with that many bytes of contents, header included. */
size_t der_size(size_t contents);
/* Size of an INTEGER holding these unsigned big-endian bytes (no leading zeros). */
size_t der_unsigned_size(struct span number);
void der_put_header(struct buf *out, enum der_tag tag, size_t contents);
void der_put(struct buf *out, enum der_tag tag, struct span contents);
void der_put_unsigned(struct buf *out, struct span number);

#endif
