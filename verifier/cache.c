/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/cache.h"

#include <stdlib.h>

#include "envelope/candidate.h"
#include "store/facts.h"
#include "store/objects.h"

_Static_assert(PLACE_COUNT == LISTING_PLACES, "a listing has a slot for every place");

static void
copy_text(char *out, size_t room, struct span text)
{
	size_t len = text.len < room ? text.len : room - 1;

	if (len > 0)
		memcpy(out, text.ptr, len);
	out[len] = '\0';
}

static enum notar_code
load_item(struct store_reader *reader, const struct notar_digest *subject,
	  const struct listing_item *from, struct evidence *evidence, struct notar_error *err)
{
	struct evidence_item *item = evidence_add(evidence);
	struct span row;

	if (item == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for evidence");
	item->place = (enum evidence_place)from->place;
	item->artifact = from->artifact;
	item->format = from->format;
	item->reason = from->reason;
	item->has_key_hint = from->has_key_hint;
	memcpy(item->key_hint, from->key_hint, FACT_ID_BYTES);
	copy_text(item->message, sizeof(item->message), from->message);
	if (item->reason != NOTAR_REASON_TRUSTED)
		return NOTAR_OK;
	/* Until its fact is there it holds nothing. */
	item->reason = NOTAR_REASON_STORE_FAILURE;
	NOTAR_TRY(fact_row_get(reader, subject, from->id, &row, err));
	buf_append_span(&item->fact, row);
	NOTAR_TRY(buf_finish(&item->fact, "fact", err));
	item->reason = NOTAR_REASON_TRUSTED;
	return NOTAR_OK;
}

enum notar_code
cache_load(struct store_reader *reader, const char *repository, const struct notar_digest *subject,
	   struct listing *room, struct evidence *out, struct cached *cached,
	   struct notar_error *err)
{
	*cached = (struct cached){ .oldest_judgement = UINT64_MAX };
	NOTAR_TRY(listing_get(reader, span_str(repository), subject, room, err));
	cached->listed_s = room->listed_s;
	out->subject = *subject;
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		out->places[i].state = (enum place_state)room->places[i].state;
		out->places[i].reason = room->places[i].reason;
		copy_text(out->places[i].message, sizeof(out->places[i].message),
			  room->places[i].message);
	}
	for (size_t i = 0; i < room->count; i++) {
		const struct listing_item *item = &room->items[i];

		NOTAR_TRY(load_item(reader, subject, item, out, err));
		if (item->reason != NOTAR_REASON_UNTRUSTED_KEY)
			continue;
		cached->has_candidates = true;
		if (item->judged_at < cached->oldest_judgement)
			cached->oldest_judgement = item->judged_at;
	}
	return NOTAR_OK;
}

void
cache_rejudge(struct store_reader *reader, const struct listing *room,
	      const struct keyring *keyring, struct evidence *evidence, bool *lost)
{
	*lost = false;
	for (size_t i = 0; i < evidence->count && i < room->count; i++) {
		struct evidence_item *item = &evidence->items[i];
		struct notar_error err;
		struct span bytes;

		if (item->reason != NOTAR_REASON_UNTRUSTED_KEY)
			continue;
		if (!room->items[i].has_candidate ||
		    object_get(reader, room->items[i].id, &bytes, &err) != NOTAR_OK) {
			*lost = true;
			continue;
		}
		item->message[0] = '\0';
		candidate_judge(bytes, &evidence->subject, keyring, item);
		/* Still nobody's: keep its bytes for the next key. */
		if (item->reason == NOTAR_REASON_UNTRUSTED_KEY)
			buf_append_span(&item->candidate, bytes);
	}
}

/* Makes one item's row, and moves its fact or bytes into the batch. */
static enum notar_code
save_item(struct evidence_item *item, uint64_t generation, struct listing_item *row,
	  struct store_batch *batch, struct notar_error *err)
{
	struct fact fact;

	*row = (struct listing_item){ .place = (uint8_t)item->place,
				      .format = item->format,
				      .reason = item->reason,
				      .artifact = item->artifact,
				      .judged_at = generation,
				      .has_key_hint = item->has_key_hint,
				      .message = span_str(item->message) };
	memcpy(row->key_hint, item->key_hint, FACT_ID_BYTES);
	if (item->reason == NOTAR_REASON_TRUSTED) {
		struct store_batch_fact *to = &batch->facts[batch->fact_count];

		NOTAR_TRY(fact_decode(buf_span(&item->fact), &fact, err));
		memcpy(row->id, fact.sig_id, FACT_ID_BYTES);
		memcpy(to->sig_id, fact.sig_id, FACT_ID_BYTES);
		buf_append_span(&to->row, buf_span(&item->fact));
		batch->fact_count++;
		return buf_finish(&to->row, "fact", err);
	}
	if (item->candidate.len > 0) {
		object_id(buf_span(&item->candidate), row->id);
		row->has_candidate = true;
		batch->objects[batch->object_count++] = item->candidate;
		item->candidate = (struct buf){ 0 };
	}
	return NOTAR_OK;
}

enum notar_code
cache_batch(const char *repository, struct evidence *evidence, int64_t listed_s,
	    uint64_t generation, struct listing *room, struct store_batch **out,
	    struct notar_error *err)
{
	NOTAR_AUTO(store_batch) *batch = calloc(1, sizeof(*batch));

	if (batch == NULL ||
	    (batch->facts = calloc(evidence->count + 1, sizeof(*batch->facts))) == NULL ||
	    (batch->objects = calloc(evidence->count + 1, sizeof(*batch->objects))) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory to store evidence");
	batch->subject = evidence->subject;
	batch->listed_s = listed_s;
	buf_append_str(&batch->repository, repository);
	room->repository = span_str(repository);
	room->listed_s = listed_s;
	room->count = evidence->count;
	for (size_t i = 0; i < PLACE_COUNT; i++)
		room->places[i] = (struct listing_place){ (uint8_t)evidence->places[i].state,
							  evidence->places[i].reason,
							  span_str(evidence->places[i].message) };
	for (size_t i = 0; i < evidence->count; i++)
		NOTAR_TRY(save_item(&evidence->items[i], generation, &room->items[i], batch, err));
	listing_encode(room, &batch->listing);
	NOTAR_TRY(buf_finish(&batch->repository, "repository", err));
	NOTAR_TRY(buf_finish(&batch->listing, "listing", err));
	*out = NOTAR_TAKE(batch);
	return NOTAR_OK;
}
