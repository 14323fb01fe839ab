/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/prefetch_plan.h"

#define LONGEST_LIFE_S (INT64_C(100) * 366 * 24 * 3600)

int64_t
prefetch_due_s(int64_t checked_s, int64_t next_update_s, uint16_t spread)
{
	if (next_update_s == 0 || checked_s > INT64_MAX - LONGEST_LIFE_S)
		return INT64_MAX;
	if (next_update_s <= checked_s)
		return checked_s + PREFETCH_LEAST_S;
	int64_t life_s = next_update_s - checked_s;

	if (life_s > LONGEST_LIFE_S)
		life_s = LONGEST_LIFE_S;
	int64_t after_s = life_s - life_s / 4 + life_s / 8 * spread / UINT16_MAX;

	return checked_s + (after_s < PREFETCH_LEAST_S ? PREFETCH_LEAST_S : after_s);
}

bool
prefetch_is_wanted(int64_t wanted_s, int64_t now_s)
{
	return wanted_s > now_s || now_s - wanted_s <= PREFETCH_WANTED_S;
}

/* Thumbprints are hashes, so any of their bytes will do. */
static size_t
place_of(const uint8_t id[FACT_ID_BYTES])
{
	return (((size_t)id[0] << 8) | id[1]) % PREFETCH_FAILURES;
}

bool
prefetch_may_ask(const struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES],
		 int64_t now_s)
{
	const struct prefetch_failure *f = &failures->places[place_of(id)];

	return memcmp(f->id, id, FACT_ID_BYTES) != 0 || f->not_before_s <= now_s;
}

static struct prefetch_failure *
take_place(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES])
{
	struct prefetch_failure *f = &failures->places[place_of(id)];

	if (memcmp(f->id, id, FACT_ID_BYTES) != 0) {
		*f = (struct prefetch_failure){ 0 };
		memcpy(f->id, id, FACT_ID_BYTES);
	}
	return f;
}

void
prefetch_note_failure(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES],
		      int64_t now_s)
{
	struct prefetch_failure *f = take_place(failures, id);
	int64_t wait_s = PREFETCH_LEAST_S;

	for (unsigned i = 0; i < f->count && wait_s < PREFETCH_MOST_BACK_OFF_S; i++)
		wait_s *= 2;
	f->not_before_s =
		now_s + (wait_s < PREFETCH_MOST_BACK_OFF_S ? wait_s : PREFETCH_MOST_BACK_OFF_S);
	f->count++;
}

void
prefetch_forgive(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES])
{
	struct prefetch_failure *f = &failures->places[place_of(id)];

	if (memcmp(f->id, id, FACT_ID_BYTES) == 0)
		*f = (struct prefetch_failure){ 0 };
}

void
prefetch_note_success(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES],
		      int64_t now_s)
{
	struct prefetch_failure *f = take_place(failures, id);

	f->count = 0;
	f->not_before_s = now_s + PREFETCH_LEAST_S;
}
