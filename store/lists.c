/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lists.h"

#include "base/limits.h"
#include "store/table.h"

#define ROW_VERSION 1
#define RUN_OUT 64 /* lists that go in one transaction */

void
list_row_encode(const struct list_row *row, struct buf *out)
{
	buf_append_byte(out, ROW_VERSION);
	buf_append_be(out, row->fetched_s < 0 ? 0 : (uint64_t)row->fetched_s, 8);
	buf_append_be(out, row->next_update_s < 0 ? 0 : (uint64_t)row->next_update_s, 8);
	buf_append_span(out, row->list);
}

static enum notar_code
decode(struct span value, struct list_row *out, struct notar_error *err)
{
	struct reader r = { .rest = value };
	struct list_row row = { 0 };
	uint64_t version = reader_be(&r, 1);

	row.fetched_s = table_take_time(&r);
	row.next_update_s = table_take_time(&r);
	row.list = r.rest;
	if (r.failed || version != ROW_VERSION || row.list.len == 0 ||
	    row.list.len > LIMIT_STORE_LIST_BYTES)
		return notar_fail(err, NOTAR_E_STORE, "a damaged revocation list's row");
	*out = row;
	return NOTAR_OK;
}

enum notar_code
list_row_get(struct store_reader *reader, const uint8_t url[FACT_ID_BYTES], struct list_row *out,
	     struct notar_error *err)
{
	struct span value;

	NOTAR_TRY(store_get(reader, TABLE_LISTS, span_of(url, FACT_ID_BYTES), &value, err));
	return decode(value, out, err);
}

/* Keys are copied: a cursor must not run over pages that are being changed. */
struct run_out {
	int64_t now_s;
	uint8_t keys[RUN_OUT][FACT_ID_BYTES];
	size_t count;
};

static bool
collect_run_out(void *context, struct span key, struct span value)
{
	struct run_out *r = context;
	struct list_row row;

	if (key.len == FACT_ID_BYTES &&
	    (decode(value, &row, NULL) != NOTAR_OK || row.next_update_s < r->now_s))
		memcpy(r->keys[r->count++], key.ptr, FACT_ID_BYTES);
	return r->count < RUN_OUT;
}

static enum notar_code
drop_run_out(struct store_write *write, int64_t now_s, struct notar_error *err)
{
	struct run_out r = { .now_s = now_s };

	NOTAR_TRY(store_each(store_write_reader(write), TABLE_LISTS, (struct span){ 0 },
			     (struct span){ 0 }, collect_run_out, &r, err));
	for (size_t i = 0; i < r.count; i++)
		NOTAR_TRY(store_delete(write, TABLE_LISTS, span_of(r.keys[i], FACT_ID_BYTES), err));
	return NOTAR_OK;
}

static bool
has_room(struct store_write *write, size_t bytes)
{
	return store_table_size(store_write_reader(write), TABLE_LISTS).bytes + bytes <=
	       LIMIT_STORE_LISTS_BYTES;
}

enum notar_code
list_row_put(struct store_write *write, const uint8_t url[FACT_ID_BYTES], struct span value,
	     int64_t now_s, struct notar_error *err)
{
	struct span key = span_of(url, FACT_ID_BYTES);
	struct list_row row;

	if (decode(value, &row, err) != NOTAR_OK)
		return NOTAR_OK;
	/* Its old bytes are no loss: whoever puts has found them wanting. */
	NOTAR_TRY(store_delete(write, TABLE_LISTS, key, err));
	if (!has_room(write, value.len))
		NOTAR_TRY(drop_run_out(write, now_s, err));
	return has_room(write, value.len) ? store_put(write, TABLE_LISTS, key, value, err) :
					    NOTAR_OK;
}
