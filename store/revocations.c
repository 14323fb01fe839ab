/* SPDX-License-Identifier: Apache-2.0 */
#include "store/revocations.h"

#include "base/limits.h"
#include "store/table.h"

#define ROW_VERSION 2
#define FORGOTTEN 256 /* rows a transaction */
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
	put_time(out, row->wanted_s);
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
	row.wanted_s = version == 1 ? row.checked_s : table_take_time(&r);
	row.certificate = reader_take(&r, (size_t)reader_be(&r, 4));
	row.issuer = reader_take(&r, (size_t)reader_be(&r, 4));
	if (reader_finish(&r, "revocation row", err) != NOTAR_OK || version < 1 ||
	    version > ROW_VERSION)
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

static bool
undoes_revocation(struct span old_value, struct span value)
{
	struct revocation_row old, row;

	return decode(old_value, &old, NULL) == NOTAR_OK && decode(value, &row, NULL) == NOTAR_OK &&
	       old.status == REVOCATION_ROW_REVOKED && row.status != REVOCATION_ROW_REVOKED &&
	       row.this_update_s <= old.this_update_s;
}

enum notar_code
revocation_row_put(struct store_write *write, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct span value, struct notar_error *err)
{
	struct store_reader *reader = store_write_reader(write);
	struct span key = span_of(thumbprint, FACT_ID_BYTES), old;
	bool known = store_get(reader, TABLE_REVOCATIONS, key, &old, err) == NOTAR_OK;

	if (known ? undoes_revocation(old, value) :
		    store_table_size(reader, TABLE_REVOCATIONS).rows >= LIMIT_STORE_REVOCATIONS)
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

	return key.len != FACT_ID_BYTES || decode(value, &row, NULL) != NOTAR_OK ||
	       v->visit(v->context, key.ptr, &row);
}

enum notar_code
revocation_rows_each(struct store_reader *reader, revocation_visit *visit, void *context,
		     struct notar_error *err)
{
	struct visiting v = { visit, context };

	return store_each(reader, TABLE_REVOCATIONS, (struct span){ 0 }, (struct span){ 0 },
			  visit_row, &v, err);
}

/* Keys are copied: a cursor must not run over pages that are being changed. */
struct forgetting {
	int64_t now_s, wanted_before_s;
	uint8_t keys[FORGOTTEN][FACT_ID_BYTES];
	size_t count;
};

static bool
collect_forgotten(void *context, const uint8_t thumbprint[FACT_ID_BYTES],
		  const struct revocation_row *row)
{
	struct forgetting *f = context;

	if (row->status != REVOCATION_ROW_REVOKED && row->next_update_s < f->now_s &&
	    row->wanted_s < f->wanted_before_s)
		memcpy(f->keys[f->count++], thumbprint, FACT_ID_BYTES);
	return f->count < FORGOTTEN;
}

enum notar_code
revocation_rows_forget(struct store_write *write, int64_t now_s, int64_t wanted_before_s,
		       struct notar_error *err)
{
	struct forgetting f = { .now_s = now_s, .wanted_before_s = wanted_before_s };

	NOTAR_TRY(revocation_rows_each(store_write_reader(write), collect_forgotten, &f, err));
	for (size_t i = 0; i < f.count; i++)
		NOTAR_TRY(store_delete(write, TABLE_REVOCATIONS, span_of(f.keys[i], FACT_ID_BYTES),
				       err));
	return NOTAR_OK;
}
