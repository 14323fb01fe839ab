/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

#include "base/buf.h"

#define SCHEMA "notar store 1"
#define META_SCHEMA "schema"
#define META_MAP "map bytes"
#define MAP_BYTES_MIN (64U << 10)

static enum notar_code
schema_make(struct store_write *write, uint64_t map, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) size = { 0 };

	buf_append_be(&size, map, 8);
	NOTAR_TRY(buf_finish(&size, "map size", err));
	NOTAR_TRY(store_put(write, TABLE_META, span_str(META_SCHEMA), span_str(SCHEMA), err));
	return store_put(write, TABLE_META, span_str(META_MAP), buf_span(&size), err);
}

static enum notar_code
schema_check(struct store_reader *reader, struct span schema, uint64_t *map,
	     struct notar_error *err)
{
	struct span size;

	if (!span_is(schema, SCHEMA))
		return notar_fail(err, NOTAR_E_STORE, "its schema is \"%.*s\", not \"" SCHEMA "\"",
				  (int)(schema.len < 40 ? schema.len : 40),
				  (const char *)schema.ptr);
	NOTAR_TRY(store_get(reader, TABLE_META, span_str(META_MAP), &size, err));
	struct reader r = { .rest = size };
	uint64_t recorded = reader_be(&r, 8);

	NOTAR_TRY(reader_finish(&r, "map size", err));
	if (recorded < MAP_BYTES_MIN || recorded > SIZE_MAX)
		return notar_fail(err, NOTAR_E_STORE, "an impossible map size");
	*map = recorded;
	return NOTAR_OK;
}

enum notar_code
schema_agree(struct store_reader *reader, struct store_write *write, uint64_t *map,
	     struct notar_error *err)
{
	struct span schema;
	enum notar_code code = store_get(reader, TABLE_META, span_str(META_SCHEMA), &schema, err);

	if (code == NOTAR_E_NOT_FOUND && write != NULL)
		return schema_make(write, *map, err);
	if (code == NOTAR_OK)
		code = schema_check(reader, schema, map, err);
	/* Absent or unreadable, it is the same: not a store that we know. */
	if (code == NOTAR_E_NOT_FOUND || code == NOTAR_E_FORMAT)
		return notar_fail(err, NOTAR_E_STORE, "not a notar store: no schema or map size");
	return code;
}
