/* SPDX-License-Identifier: Apache-2.0 */
#include "store/listings.h"

#include "base/digest.h"

#define ROW_VERSION 1
#define REPOSITORY_HASH_BYTES 32
#define KEY_BYTES (REPOSITORY_HASH_BYTES + 1 + NOTAR_DIGEST_MAX_BYTES)
#define LAST_STATE 3
#define FLAG_CANDIDATE 1
#define FLAG_HINT 2

static void
put_message(struct buf *out, struct span message)
{
	size_t len = message.len < LISTING_MESSAGE_CHARS ? message.len : LISTING_MESSAGE_CHARS;

	buf_append_byte(out, (uint8_t)len);
	buf_append(out, message.ptr, len);
}

static void
put_digest(struct buf *out, const struct notar_digest *digest)
{
	buf_append_byte(out, (uint8_t)digest->alg);
	buf_append(out, digest->bytes, notar_digest_len(digest->alg));
}

static void
put_item(struct buf *out, const struct listing_item *item)
{
	buf_append_byte(out, item->place);
	buf_append_byte(out, (uint8_t)item->format);
	buf_append_byte(out, (uint8_t)item->reason);
	buf_append_byte(out, (uint8_t)((item->has_candidate ? FLAG_CANDIDATE : 0) |
				       (item->has_key_hint ? FLAG_HINT : 0)));
	put_digest(out, &item->artifact);
	buf_append(out, item->id, FACT_ID_BYTES);
	buf_append_be(out, item->judged_at, 8);
	if (item->has_key_hint)
		buf_append(out, item->key_hint, FACT_ID_BYTES);
	put_message(out, item->message);
}

void
listing_encode(const struct listing *listing, struct buf *out)
{
	buf_append_byte(out, ROW_VERSION);
	buf_append_be(out, (uint64_t)listing->listed_s, 8);
	buf_append_be(out, listing->repository.len, 2);
	buf_append_span(out, listing->repository);
	for (size_t i = 0; i < LISTING_PLACES; i++) {
		buf_append_byte(out, listing->places[i].state);
		buf_append_byte(out, (uint8_t)listing->places[i].reason);
		put_message(out, listing->places[i].message);
	}
	buf_append_be(out, listing->count, 2);
	for (size_t i = 0; i < listing->count; i++)
		put_item(out, &listing->items[i]);
}

/* A number of a closed set; anything else fails the reader for good. */
static uint8_t
take_number(struct reader *r, uint64_t min, uint64_t max)
{
	uint64_t value = reader_be(r, 1);

	if (value < min || value > max)
		r->failed = true;
	return r->failed ? 0 : (uint8_t)value;
}

static struct span
take_message(struct reader *r)
{
	return reader_take(r, take_number(r, 0, LISTING_MESSAGE_CHARS));
}

static void
take_bytes(struct reader *r, uint8_t *out, size_t len)
{
	struct span bytes = reader_take(r, len);

	if (len > 0 && bytes.len == len)
		memcpy(out, bytes.ptr, len);
}

static void
take_digest(struct reader *r, struct notar_digest *out)
{
	out->alg = (enum notar_digest_alg)take_number(r, NOTAR_DIGEST_NONE, NOTAR_SHA512);
	take_bytes(r, out->bytes, notar_digest_len(out->alg));
}

static void
take_item(struct reader *r, struct listing_item *item)
{
	*item = (struct listing_item){ 0 };
	item->place = take_number(r, 0, LISTING_PLACES - 1);
	/* Formats start at 1; what could not even be read has none. */
	item->format = (enum fact_format)take_number(r, 0, FACT_FORMAT_LAST);
	item->reason = (enum notar_reason)take_number(r, 0, NOTAR_REASON_COUNT - 1);
	uint8_t flags = take_number(r, 0, FLAG_CANDIDATE | FLAG_HINT);

	take_digest(r, &item->artifact);
	take_bytes(r, item->id, FACT_ID_BYTES);
	item->judged_at = reader_be(r, 8);
	item->has_candidate = (flags & FLAG_CANDIDATE) != 0;
	item->has_key_hint = (flags & FLAG_HINT) != 0;
	if (item->has_key_hint)
		take_bytes(r, item->key_hint, FACT_ID_BYTES);
	item->message = take_message(r);
}

enum notar_code
listing_decode(struct span row, struct listing *out, struct notar_error *err)
{
	struct reader r = { .rest = row };
	uint64_t version = reader_be(&r, 1);
	uint64_t listed = reader_be(&r, 8);

	out->count = 0;
	out->repository = reader_take(&r, (size_t)reader_be(&r, 2));
	for (size_t i = 0; i < LISTING_PLACES; i++) {
		out->places[i].state = take_number(&r, 0, LAST_STATE);
		out->places[i].reason =
			(enum notar_reason)take_number(&r, 0, NOTAR_REASON_COUNT - 1);
		out->places[i].message = take_message(&r);
	}
	uint64_t count = reader_be(&r, 2);

	if (count > LIMIT_SIGNATURES)
		r.failed = true;
	for (size_t i = 0; !r.failed && i < count; i++)
		take_item(&r, &out->items[i]);
	if (reader_finish(&r, "listing row", err) != NOTAR_OK || version != ROW_VERSION ||
	    listed > INT64_MAX)
		return notar_fail(err, NOTAR_E_STORE, "a listing's row is not from this schema");
	out->listed_s = (int64_t)listed;
	out->count = (size_t)count;
	return NOTAR_OK;
}

static struct span
make_key(struct span repository, const struct notar_digest *subject, uint8_t out[KEY_BYTES])
{
	struct notar_digest hash = digest_of(NOTAR_SHA256, repository);
	size_t len = notar_digest_len(subject->alg);

	memcpy(out, hash.bytes, REPOSITORY_HASH_BYTES);
	out[REPOSITORY_HASH_BYTES] = (uint8_t)subject->alg;
	memcpy(out + REPOSITORY_HASH_BYTES + 1, subject->bytes, len);
	return (struct span){ out, REPOSITORY_HASH_BYTES + 1 + len };
}

enum notar_code
listing_get(struct store_reader *reader, struct span repository, const struct notar_digest *subject,
	    struct listing *out, struct notar_error *err)
{
	uint8_t key[KEY_BYTES];
	struct span row;

	NOTAR_TRY(store_get(reader, TABLE_LISTINGS, make_key(repository, subject, key), &row, err));
	NOTAR_TRY(listing_decode(row, out, err));
	if (!span_equal(out->repository, repository))
		return notar_fail(err, NOTAR_E_STORE, "a listing's row is another repository's");
	out->subject = *subject;
	return NOTAR_OK;
}

enum notar_code
listing_put(struct store_write *write, struct span repository, const struct notar_digest *subject,
	    struct span row, struct notar_error *err)
{
	uint8_t key[KEY_BYTES];

	return store_put(write, TABLE_LISTINGS, make_key(repository, subject, key), row, err);
}

enum notar_code
listing_key_subject(struct span key, struct notar_digest *out, struct notar_error *err)
{
	struct reader r = { .rest = key };
	struct notar_digest digest = { 0 };

	(void)reader_take(&r, REPOSITORY_HASH_BYTES);
	take_digest(&r, &digest);
	if (reader_finish(&r, "listing key", err) != NOTAR_OK || digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_STORE, "a listing's key is not from this schema");
	*out = digest;
	return NOTAR_OK;
}
