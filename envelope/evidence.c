/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/evidence.h"

#include "base/limits.h"

void
evidence_release(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->count; i++) {
		buf_release(&evidence->items[i].fact);
		buf_release(&evidence->items[i].candidate);
		buf_release(&evidence->items[i].chains);
	}
	free(evidence->items);
	*evidence = (struct evidence){ 0 };
}

struct evidence_item *
evidence_add(struct evidence *evidence)
{
	if (evidence->count >= LIMIT_SIGNATURES)
		return NULL;
	/* Doubling from 8: room is implied by count, so no second number can disagree. */
	size_t count = evidence->count;

	if (count == 0 || (count >= 8 && (count & (count - 1)) == 0)) {
		size_t room = count == 0 ? 8 : 2 * count;
		struct evidence_item *items =
			realloc(evidence->items, room * sizeof(*evidence->items));

		if (items == NULL)
			return NULL;
		evidence->items = items;
	}
	struct evidence_item *item = &evidence->items[evidence->count++];

	*item = (struct evidence_item){ 0 };
	return item;
}

bool
evidence_has_failure(const struct evidence *evidence)
{
	for (size_t i = 0; i < PLACE_COUNT; i++)
		if (evidence->places[i].state == PLACE_FAILED)
			return true;
	return false;
}

bool
evidence_chain_next(struct reader *r, struct cert_list *out)
{
	uint64_t count = reader_be(r, 1);

	for (uint64_t i = 0; i < count; i++) {
		struct span der = reader_take(r, (size_t)reader_be(r, 4));

		if (r->failed ||
		    cert_list_add(out, der, LIMIT_CHAIN_CERTIFICATES, NULL) != NOTAR_OK)
			return false;
	}
	return count > 0;
}
