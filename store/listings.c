/* SPDX-License-Identifier: Apache-2.0 */
#include "store/listings.h"

#include "base/digest.h"
#include "store/reason.h"
#include "store/table.h"

#define ROW_VERSION 1
#define REPOSITORY_HASH_BYTES 32
#define KEY_BYTES (REPOSITORY_HASH_BYTES + TABLE_DIGEST_BYTES)
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
	uint8_t bytes[TABLE_DIGEST_BYTES];

	buf_append(out, bytes, table_make_digest(digest, bytes));
}

static void
put_item(struct buf *out, const struct listing_item *item)
{
	buf_append_byte(out, item->place);
	buf_append_byte(out, (uint8_t)item->format);
	buf_append_byte(out, reason_to_disk(item->reason));
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
	if (listing->count > LIMIT_SIGNATURES || listing->repository.len > UINT16_MAX) {
		out->failed = NOTAR_E_LIMIT;
		return;
	}
	buf_append_byte(out, ROW_VERSION);
	buf_append_be(out, (uint64_t)listing->listed_s, 8);
	buf_append_be(out, listing->repository.len, 2);
	buf_append_span(out, listing->repository);
	for (size_t i = 0; i < LISTING_PLACES; i++) {
		buf_append_byte(out, listing->places[i].state);
		buf_append_byte(out, reason_to_disk(listing->places[i].reason));
		put_message(out, listing->places[i].message);
	}
	buf_append_be(out, listing->count, 2);
	for (size_t i = 0; i < listing->count; i++)
		put_item(out, &listing->items[i]);
}

static enum notar_reason
take_reason(struct reader *r)
{
	enum notar_reason reason = reason_from_disk((uint8_t)reader_be(r, 1));

	if (reason == NOTAR_REASON_COUNT)
		r->failed = true;
	return r->failed ? NOTAR_REASON_NONE : reason;
}

static struct span
take_message(struct reader *r)
{
	return reader_take(r, table_take_number(r, 0, LISTING_MESSAGE_CHARS));
}

/* An id that names nothing is zeros: rows have one spelling. */
static bool
id_fits(const struct listing_item *item)
{
	static const uint8_t none[FACT_ID_BYTES];
	bool holds = item->reason == NOTAR_REASON_TRUSTED;

	if (holds && (item->has_candidate || item->format == 0))
		return false;
	return holds || item->has_candidate || memcmp(item->id, none, FACT_ID_BYTES) == 0;
}

static void
take_item(struct reader *r, struct listing_item *item)
{
	*item = (struct listing_item){ 0 };
	item->place = table_take_number(r, 0, LISTING_PLACES - 1);
	/* Formats start at 1; what could not even be read has none. */
	item->format = (enum fact_format)table_take_number(r, 0, FACT_FORMAT_LAST);
	item->reason = take_reason(r);
	uint8_t flags = table_take_number(r, 0, FLAG_CANDIDATE | FLAG_HINT);

	table_take_digest(r, &item->artifact);
	table_take_bytes(r, item->id, FACT_ID_BYTES);
	item->judged_at = reader_be(r, 8);
	item->has_candidate = (flags & FLAG_CANDIDATE) != 0;
	item->has_key_hint = (flags & FLAG_HINT) != 0;
	if (item->has_key_hint)
		table_take_bytes(r, item->key_hint, FACT_ID_BYTES);
	item->message = take_message(r);
	if (!id_fits(item))
		r->failed = true;
}

static void
take_places(struct reader *r, struct listing_place places[LISTING_PLACES])
{
	for (size_t i = 0; i < LISTING_PLACES; i++) {
		places[i].state = table_take_number(r, 0, LAST_STATE);
		places[i].reason = take_reason(r);
		places[i].message = take_message(r);
	}
}

enum notar_code
listing_decode(struct span row, struct listing *out, struct notar_error *err)
{
	struct reader r = { .rest = row };
	uint64_t version = reader_be(&r, 1);

	out->count = 0;
	out->listed_s = table_take_time(&r);
	out->repository = reader_take(&r, (size_t)reader_be(&r, 2));
	take_places(&r, out->places);
	uint64_t count = reader_be(&r, 2);

	if (version != ROW_VERSION || count > LIMIT_SIGNATURES)
		r.failed = true;
	for (size_t i = 0; !r.failed && i < count; i++)
		take_item(&r, &out->items[i]);
	if (reader_finish(&r, "listing row", err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_STORE, "a listing's row is not from this schema");
	out->count = (size_t)count;
	return NOTAR_OK;
}

static struct span
make_key(struct span repository, const struct notar_digest *subject, uint8_t out[KEY_BYTES])
{
	struct notar_digest hash = digest_of(NOTAR_SHA256, repository);

	memcpy(out, hash.bytes, REPOSITORY_HASH_BYTES);
	size_t len = table_make_digest(subject, out + REPOSITORY_HASH_BYTES);

	return (struct span){ out, REPOSITORY_HASH_BYTES + len };
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
	struct notar_digest digest;

	(void)reader_take(&r, REPOSITORY_HASH_BYTES);
	table_take_digest(&r, &digest);
	if (reader_finish(&r, "listing key", err) != NOTAR_OK || digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_STORE, "a listing's key is not from this schema");
	*out = digest;
	return NOTAR_OK;
}
