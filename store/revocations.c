/* SPDX-License-Identifier: Apache-2.0 */
#include "store/revocations.h"

#include "base/limits.h"
#include "store/table.h"

#define ROW_VERSION 1
#define STATUS_LAST 3

static void
put_sized(struct buf *out, struct span bytes)
{
	buf_append_be(out, bytes.len, 4);
	buf_append_span(out, bytes);
}

/* Certificates may say anything; before 1970 is as good as 1970. */
static void
put_time(struct buf *out, int64_t time_s)
{
	buf_append_be(out, time_s < 0 ? 0 : (uint64_t)time_s, 8);
}

void
revocation_row_encode(const struct revocation_row *row, struct buf *out)
{
	buf_append_byte(out, ROW_VERSION);
	buf_append_byte(out, row->status);
	put_time(out, row->revoked_s);
	put_time(out, row->invalidity_s);
	put_time(out, row->this_update_s);
	put_time(out, row->next_update_s);
	put_time(out, row->checked_s);
	put_sized(out, row->certificate);
	put_sized(out, row->issuer);
}

static enum notar_code
decode(struct span value, struct revocation_row *out, struct notar_error *err)
{
	struct reader r = { .rest = value };
	struct revocation_row row = { 0 };
	uint64_t version = reader_be(&r, 1);

	row.status = table_take_number(&r, 0, STATUS_LAST);
	row.revoked_s = table_take_time(&r);
	row.invalidity_s = table_take_time(&r);
	row.this_update_s = table_take_time(&r);
	row.next_update_s = table_take_time(&r);
	row.checked_s = table_take_time(&r);
	row.certificate = reader_take(&r, (size_t)reader_be(&r, 4));
	row.issuer = reader_take(&r, (size_t)reader_be(&r, 4));
	if (reader_finish(&r, "revocation row", err) != NOTAR_OK || version != ROW_VERSION)
		return notar_fail(err, NOTAR_E_STORE, "a damaged revocation row");
	*out = row;
	return NOTAR_OK;
}

enum notar_code
revocation_row_get(struct store_reader *reader, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct revocation_row *out, struct notar_error *err)
{
	struct span value;

	NOTAR_TRY(store_get(reader, TABLE_REVOCATIONS, span_of(thumbprint, FACT_ID_BYTES), &value,
			    err));
	return decode(value, out, err);
}

enum notar_code
revocation_row_put(struct store_write *write, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct span value, struct notar_error *err)
{
	struct store_reader *reader = store_write_reader(write);
	struct span key = span_of(thumbprint, FACT_ID_BYTES), old;

	if (store_table_size(reader, TABLE_REVOCATIONS).rows >= LIMIT_STORE_REVOCATIONS &&
	    store_get(reader, TABLE_REVOCATIONS, key, &old, err) != NOTAR_OK)
		return NOTAR_OK;
	return store_put(write, TABLE_REVOCATIONS, key, value, err);
}

struct visiting {
	revocation_visit *visit;
	void *context;
};

static bool
visit_row(void *context, struct span key, struct span value)
{
	struct visiting *v = context;
	struct revocation_row row;

	(void)key;
	return decode(value, &row, NULL) != NOTAR_OK || v->visit(v->context, &row);
}

enum notar_code
revocation_rows_each(struct store_reader *reader, revocation_visit *visit, void *context,
		     struct notar_error *err)
{
	struct visiting v = { visit, context };

	return store_each(reader, TABLE_REVOCATIONS, (struct span){ 0 }, (struct span){ 0 },
			  visit_row, &v, err);
}
