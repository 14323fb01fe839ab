/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_REVOCATION_ROWS_H
#define SYNC_REVOCATION_ROWS_H

#include "pki/revocation.h"
#include "store/writer.h"

/* What was found out about one certificate, on its way into the store. */
struct revocation_news {
	uint8_t thumbprint[FACT_ID_BYTES];
	struct revocation_answer answer;
	int64_t checked_s, wanted_s;
	struct span certificate, issuer; /* DER; borrowed */
};

/* The next of batch->revocations, which has room for it. */
void revocation_rows_add(struct store_batch *batch, const struct revocation_news *news);

#endif
