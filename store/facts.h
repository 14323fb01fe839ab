/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_FACTS_H
#define STORE_FACTS_H

#include "base/fact.h"
#include "store/env.h"

/*
 * Table "facts": one signature that was checked and held, whoever trusts it today.
 *   key    1 + 32 or 64  subject digest: algorithm and bytes;  32  sig_id
 *   value  base/fact.h's encoding
 */

/* NOTAR_E_NOT_FOUND, or NOTAR_E_STORE for a row that is damaged or not about this subject. The
 * row is borrowed until reset. */
NOTAR_MUST_USE enum notar_code
fact_row_get(struct store_reader *reader, const struct notar_digest *subject,
	     const uint8_t sig_id[FACT_ID_BYTES], struct span *row, struct notar_error *err);

/* What an earlier row of the same signature knows besides stays (fact_unite). */
NOTAR_MUST_USE enum notar_code
fact_row_put(struct store_write *write, const struct notar_digest *subject,
	     const uint8_t sig_id[FACT_ID_BYTES], struct span row, struct notar_error *err);

NOTAR_MUST_USE enum notar_code
fact_row_delete(struct store_write *write, const struct notar_digest *subject,
		const uint8_t sig_id[FACT_ID_BYTES], struct notar_error *err);

#endif
