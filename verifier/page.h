/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_PAGE_H
#define VERIFIER_PAGE_H

#include "base/buf.h"

/* A page of a list: "?limit=100&after=<hex>". Cursors are keys of rows, in hexadecimal. */
#define PAGE_CURSOR_BYTES 256
#define PAGE_LIMIT 1000

struct page {
	size_t limit;
	uint8_t after[PAGE_CURSOR_BYTES];
	size_t after_len;
	/* Filled in while listing. */
	size_t count;
	bool more;
	uint8_t next[PAGE_CURSOR_BYTES]; /* the key of the last row of this page */
	size_t next_len;
};

/* NOTAR_E_USAGE naming the parameter. */
NOTAR_MUST_USE enum notar_code
page_read(struct span query, struct page *out, struct notar_error *err);

/* Before a row is written: false when the page is full. */
bool page_take(struct page *page, struct span key);

/* Ends the page behind this row, though it is not full. */
void page_stop(struct page *page, struct span key);

/* The member "next": a cursor, or null at the end. */
void page_put_next(const struct page *page, struct buf *out);

/* A time as RFC 3339, or null for 0. */
void page_put_time(struct buf *out, const char *name, int64_t time_s);

#endif
