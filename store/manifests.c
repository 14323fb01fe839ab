/* SPDX-License-Identifier: Apache-2.0 */
#include "store/manifests.h"

#include "base/limits.h"
#include "store/table.h"

#define ROW_VERSION 1
#define PLATFORM_CHARS 100

static void
put_text(struct buf *out, struct span text, size_t most)
{
	size_t len = text.len < most ? text.len : most;

	buf_append_byte(out, (uint8_t)len);
	buf_append(out, text.ptr, len);
}

static void
put_digest(struct buf *out, const struct notar_digest *digest)
{
	uint8_t bytes[TABLE_DIGEST_BYTES];

	buf_append(out, bytes, table_make_digest(digest, bytes));
}

void
manifest_row_encode(const struct manifest_row *row, struct buf *out)
{
	buf_append_byte(out, ROW_VERSION);
	buf_append_byte(out, (uint8_t)row->kind);
	put_text(out, row->media_type, LIMIT_MEDIA_TYPE_CHARS);
	put_digest(out, &row->subject);
	buf_append_be(out, row->count, 2);
	for (size_t i = 0; i < row->count; i++) {
		put_digest(out, &row->children[i].digest);
		put_text(out, row->children[i].platform, PLATFORM_CHARS);
	}
}

static struct span
take_text(struct reader *r, size_t most)
{
	return reader_take(r, table_take_number(r, 0, most));
}

enum notar_code
manifest_row_decode(struct span bytes, struct manifest_row *out, struct notar_error *err)
{
	struct reader r = { .rest = bytes };
	uint64_t version = reader_be(&r, 1);

	out->kind = (enum manifest_kind)table_take_number(&r, MANIFEST_IMAGE, MANIFEST_ARTIFACT);
	out->media_type = take_text(&r, LIMIT_MEDIA_TYPE_CHARS);
	table_take_digest(&r, &out->subject);
	out->count = (size_t)reader_be(&r, 2);
	if (version != ROW_VERSION || out->count > MANIFEST_CHILDREN ||
	    (out->count > 0 && out->kind != MANIFEST_INDEX))
		r.failed = true;
	for (size_t i = 0; !r.failed && i < out->count; i++) {
		table_take_digest(&r, &out->children[i].digest);
		out->children[i].platform = take_text(&r, PLATFORM_CHARS);
		if (out->children[i].digest.alg == NOTAR_DIGEST_NONE)
			r.failed = true;
	}
	if (reader_finish(&r, "manifest row", err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_STORE, "a manifest's row is not from this schema");
	return NOTAR_OK;
}

enum notar_code
manifest_row_get(struct store_reader *reader, const struct notar_digest *digest,
		 struct manifest_row *out, struct notar_error *err)
{
	uint8_t key[TABLE_DIGEST_BYTES] = { 0 };
	struct span row;

	NOTAR_TRY(store_get(reader, TABLE_MANIFESTS,
			    (struct span){ key, table_make_digest(digest, key) }, &row, err));
	return manifest_row_decode(row, out, err);
}

static struct span
parent_key(const struct notar_digest *child, const struct notar_digest *index,
	   uint8_t out[2 * TABLE_DIGEST_BYTES])
{
	size_t len = table_make_digest(child, out);

	return (struct span){ out, len + table_make_digest(index, out + len) };
}

enum notar_code
manifest_row_put(struct store_write *write, const struct notar_digest *digest, struct span row,
		 struct notar_error *err)
{
	static const uint8_t version = ROW_VERSION;
	uint8_t key[2 * TABLE_DIGEST_BYTES] = { 0 };
	struct manifest_row decoded = { 0 };

	NOTAR_TRY(manifest_row_decode(row, &decoded, err));
	for (size_t i = 0; i < decoded.count; i++)
		NOTAR_TRY(store_put(write, TABLE_PARENTS,
				    parent_key(&decoded.children[i].digest, digest, key),
				    span_of(&version, 1), err));
	return store_put(write, TABLE_MANIFESTS,
			 (struct span){ key, table_make_digest(digest, key) }, row, err);
}

enum notar_code
manifest_row_delete(struct store_write *write, const struct notar_digest *digest,
		    struct notar_error *err)
{
	uint8_t key[2 * TABLE_DIGEST_BYTES] = { 0 };
	struct manifest_row row = { 0 };

	if (manifest_row_get(store_write_reader(write), digest, &row, err) == NOTAR_OK)
		for (size_t i = 0; i < row.count; i++)
			NOTAR_TRY(store_delete(write, TABLE_PARENTS,
					       parent_key(&row.children[i].digest, digest, key),
					       err));
	return store_delete(write, TABLE_MANIFESTS,
			    (struct span){ key, table_make_digest(digest, key) }, err);
}

struct gathering {
	struct notar_digest *out;
	size_t room, count;
};

static bool
gather(void *context, struct span key, struct span row)
{
	struct gathering *g = context;
	struct reader r = { .rest = key };
	struct notar_digest child, index;
	struct notar_error err;

	(void)row;
	table_take_digest(&r, &child);
	table_take_digest(&r, &index);
	if (reader_finish(&r, "parent key", &err) == NOTAR_OK && index.alg != NOTAR_DIGEST_NONE)
		g->out[g->count++] = index;
	return g->count < g->room;
}

size_t
manifest_parents(struct store_reader *reader, const struct notar_digest *child,
		 struct notar_digest *out, size_t room)
{
	uint8_t prefix[TABLE_DIGEST_BYTES] = { 0 };
	struct gathering g = { out, room, 0 };
	struct notar_error err;

	(void)!store_each(reader, TABLE_PARENTS,
			  (struct span){ prefix, table_make_digest(child, prefix) },
			  (struct span){ 0 }, gather, &g, &err);
	return g.count;
}
