/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/revocation_interest.h"

#define HOUR_S 3600

static size_t
place_of(const uint8_t thumbprint[FACT_ID_BYTES])
{
	return (((size_t)thumbprint[0] << 8) | thumbprint[1]) % REVOCATION_INTEREST_PLACES;
}

void
revocation_interest_note(struct revocation_interest *interest,
			 const uint8_t thumbprint[FACT_ID_BYTES], int64_t now_s)
{
	uint32_t hour = (uint32_t)(now_s / HOUR_S);

	if (interest == NULL)
		return;
	_Atomic uint32_t *place = &interest->hours[place_of(thumbprint)];

	/* Read first: a line that nobody writes to is shared by all loops. */
	if (atomic_load_explicit(place, memory_order_relaxed) != hour)
		atomic_store_explicit(place, hour, memory_order_relaxed);
}

int64_t
revocation_interest_last_s(const struct revocation_interest *interest,
			   const uint8_t thumbprint[FACT_ID_BYTES])
{
	return (int64_t)atomic_load_explicit(&interest->hours[place_of(thumbprint)],
					     memory_order_relaxed) *
	       HOUR_S;
}
