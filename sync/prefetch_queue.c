/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/prefetch_queue.h"

#include "base/digest.h"
#include "pki/revocation.h"
#include "store/revocations.h"

void
prefetch_queue_clear(struct prefetch_queue *q)
{
	for (size_t i = 0; i < q->count; i++) {
		buf_release(&q->items[i].certificate);
		buf_release(&q->items[i].issuer);
		q->items[i] = (struct prefetch_item){ 0 };
	}
	q->count = 0;
	q->next_due_s = INT64_MAX;
}

static void
note_next(struct prefetch_queue *q, int64_t due_s)
{
	if (due_s < q->next_due_s)
		q->next_due_s = due_s;
}

static int64_t
wanted_s(const struct prefetch_queue *q, const uint8_t thumbprint[FACT_ID_BYTES],
	 const struct revocation_row *row)
{
	int64_t seen_s = revocation_interest_last_s(q->interest, thumbprint);

	return seen_s > row->wanted_s ? seen_s : row->wanted_s;
}

static bool
is_due(struct prefetch_queue *q, const uint8_t thumbprint[FACT_ID_BYTES],
       const struct revocation_row *row)
{
	uint16_t spread = (uint16_t)(((thumbprint[30] << 8) | thumbprint[31]) ^ q->seed);
	int64_t due_s = prefetch_due_s(row->checked_s, row->next_update_s, spread);

	/* What is revoked does not run out: asked again, a list that leaves out what has expired
	 * would undo it. Who names nobody to ask has nothing to say. */
	if (row->status != REVOCATION_GOOD ||
	    !prefetch_is_wanted(wanted_s(q, thumbprint, row), q->now_s))
		return false;
	note_next(q, due_s > q->now_s ? due_s : q->now_s + PREFETCH_LEAST_S);
	return due_s <= q->now_s;
}

/* Its place among those that run out first; PREFETCH_BATCH: none. */
static size_t
place_of(const struct prefetch_queue *q, int64_t next_update_s)
{
	size_t place = q->count;

	while (place > 0 && q->items[place - 1].next_update_s > next_update_s)
		place--;
	return place;
}

static void
insert(struct prefetch_queue *q, size_t place, const struct prefetch_item *item)
{
	size_t kept = q->count < PREFETCH_BATCH ? q->count : PREFETCH_BATCH - 1;

	memmove(&q->items[place + 1], &q->items[place], (kept - place) * sizeof(*item));
	q->items[place] = *item;
	q->count = kept + 1;
}

/* Without its certificates yet: another may take its place. */
static bool
consider(void *context, const uint8_t thumbprint[FACT_ID_BYTES], const struct revocation_row *row)
{
	struct prefetch_queue *q = context;

	if (!is_due(q, thumbprint, row))
		return true;
	struct prefetch_item item = { .next_update_s = row->next_update_s,
				      .wanted_s = wanted_s(q, thumbprint, row) };
	size_t place = place_of(q, row->next_update_s);

	if (place == PREFETCH_BATCH)
		return true;
	memcpy(item.thumbprint, thumbprint, FACT_ID_BYTES);
	sha256_of(row->issuer, item.issuer_id);
	if (prefetch_may_ask(q->failures, item.thumbprint, q->monotonic_s) &&
	    prefetch_may_ask(q->failures, item.issuer_id, q->monotonic_s))
		insert(q, place, &item);
	return true;
}

static enum notar_code
copy_certificates(struct prefetch_item *item, struct store_reader *reader, struct notar_error *err)
{
	struct revocation_row row;

	NOTAR_TRY(revocation_row_get(reader, item->thumbprint, &row, err));
	buf_append_span(&item->certificate, row.certificate);
	buf_append_span(&item->issuer, row.issuer);
	NOTAR_TRY(buf_finish(&item->certificate, "a certificate", err));
	return buf_finish(&item->issuer, "an issuer", err);
}

enum notar_code
prefetch_queue_fill(struct prefetch_queue *q, struct store_reader *reader, struct notar_error *err)
{
	prefetch_queue_clear(q);
	NOTAR_TRY(revocation_rows_each(reader, consider, q, err));
	for (size_t i = 0; i < q->count; i++)
		NOTAR_TRY(copy_certificates(&q->items[i], reader, err));
	return NOTAR_OK;
}
