/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/revocation_rows.h"

#include "store/revocations.h"

_Static_assert(REVOCATION_REVOKED == REVOCATION_ROW_REVOKED, "the store knows what is revoked");

void
revocation_rows_add(struct store_batch *batch, const struct revocation_news *news)
{
	struct store_batch_revocation *to = &batch->revocations[batch->revocation_count++];
	const struct revocation_row row = { .status = (uint8_t)news->answer.status,
					    .revoked_s = news->answer.revoked_s,
					    .invalidity_s = news->answer.invalidity_s,
					    .this_update_s = news->answer.this_update_s,
					    .next_update_s = news->answer.next_update_s,
					    .checked_s = news->checked_s,
					    .wanted_s = news->wanted_s,
					    .certificate = news->certificate,
					    .issuer = news->issuer };

	memcpy(to->thumbprint, news->thumbprint, FACT_ID_BYTES);
	revocation_row_encode(&row, &to->row);
}
