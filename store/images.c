/* SPDX-License-Identifier: Apache-2.0 */
#include "store/images.h"

#include "base/digest.h"
#include "store/table.h"

#define ROW_VERSION 1

static struct span
make_key(const struct notar_digest *digest, struct span repository, uint8_t out[IMAGE_KEY_BYTES])
{
	size_t len = table_make_digest(digest, out);

	sha256_of(repository, out + len);
	return (struct span){ out, len + SHA256_BYTES };
}

enum notar_code
image_decode(struct span key, struct span row, struct image_row *out, struct notar_error *err)
{
	struct reader k = { .rest = key }, r = { .rest = row };
	struct image_row image = { 0 };

	table_take_digest(&k, &image.digest);
	(void)reader_take(&k, SHA256_BYTES);
	uint64_t version = reader_be(&r, 1);

	image.first_s = table_take_time(&r);
	image.last_s = table_take_time(&r);
	image.repository = reader_take(&r, (size_t)reader_be(&r, 2));
	if (reader_finish(&k, "image key", err) != NOTAR_OK ||
	    reader_finish(&r, "image row", err) != NOTAR_OK || version != ROW_VERSION ||
	    image.digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_STORE, "an image's row is not from this schema");
	*out = image;
	return NOTAR_OK;
}

enum notar_code
image_put(struct store_write *write, const struct notar_digest *digest, struct span repository,
	  int64_t now_s, struct notar_error *err)
{
	uint8_t bytes[IMAGE_KEY_BYTES];
	struct span key = make_key(digest, repository, bytes), old;
	struct image_row was = { .first_s = now_s };
	NOTAR_AUTO_OF(buf) row = { 0 };

	if (store_get(store_write_reader(write), TABLE_IMAGES, key, &old, err) == NOTAR_OK)
		(void)!image_decode(key, old, &was, err);
	buf_append_byte(&row, ROW_VERSION);
	buf_append_be(&row, (uint64_t)was.first_s, 8);
	buf_append_be(&row, (uint64_t)now_s, 8);
	buf_append_be(&row, repository.len, 2);
	buf_append_span(&row, repository);
	NOTAR_TRY(buf_finish(&row, "image row", err));
	return store_put(write, TABLE_IMAGES, key, buf_span(&row), err);
}

enum notar_code
image_delete(struct store_write *write, const struct notar_digest *digest, struct span repository,
	     struct notar_error *err)
{
	uint8_t bytes[IMAGE_KEY_BYTES];

	return store_delete(write, TABLE_IMAGES, make_key(digest, repository, bytes), err);
}

struct walk {
	image_visit *visit;
	void *context;
	struct span after;
};

static bool
visit_row(void *context, struct span key, struct span row)
{
	struct walk *walk = context;
	struct image_row image;
	struct notar_error err;

	if (span_equal(key, walk->after) || image_decode(key, row, &image, &err) != NOTAR_OK)
		return true;
	return walk->visit(walk->context, &image, key);
}

enum notar_code
images_each(struct store_reader *reader, const struct notar_digest *digest, struct span after,
	    image_visit *visit, void *context, struct notar_error *err)
{
	uint8_t prefix[TABLE_DIGEST_BYTES];
	struct walk walk = { visit, context, after };
	size_t len = digest == NULL ? 0 : table_make_digest(digest, prefix);

	return store_each(reader, TABLE_IMAGES, (struct span){ prefix, len }, after, visit_row,
			  &walk, err);
}
