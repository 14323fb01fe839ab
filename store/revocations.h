/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REVOCATIONS_H
#define STORE_REVOCATIONS_H

#include "base/buf.h"
#include "base/fact.h"
#include "store/env.h"

/*
 * Table "revocations": what was last heard about a certificate, and what is needed to ask again.
 *   key    32  SHA-256 of the certificate
 *   value  1 version; 1 status; 8 revoked, 8 invalidity, 8 this update, 8 next update, 8 checked,
 *          8 wanted; 4 length and the certificate, 4 length and its issuer's
 * Version 1 has no wanted: it is read as the time of checking.
 * Only certificates of chains that led to somebody trusted come here, so a stranger cannot fill
 * it; at most LIMIT_STORE_REVOCATIONS all the same. Not evicted by the quota; what nobody has
 * wanted for long is forgotten.
 */
#define REVOCATION_ROW_REVOKED 3 /* of enum revocation_status */

struct revocation_row {
	uint8_t status; /* enum revocation_status, which is a layer above */
	int64_t revoked_s, invalidity_s, this_update_s, next_update_s, checked_s;
	int64_t wanted_s;                /* when a question last needed it, as far as is known */
	struct span certificate, issuer; /* DER; borrowed */
};

void revocation_row_encode(const struct revocation_row *row, struct buf *out);

/* NOTAR_E_NOT_FOUND; NOTAR_E_STORE for a damaged row. Borrowed until reset. */
NOTAR_MUST_USE enum notar_code
revocation_row_get(struct store_reader *reader, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct revocation_row *out, struct notar_error *err);

/*
 * value is an encoded row. A table that is full of others keeps what it has, and that is
 * NOTAR_OK: what shares the transaction must not be lost with it. So is what would undo a
 * revocation without being news: answers come over plain http, and one from before the
 * revocation can be played again for as long as it lasts.
 */
NOTAR_MUST_USE enum notar_code
revocation_row_put(struct store_write *write, const uint8_t thumbprint[FACT_ID_BYTES],
		   struct span value, struct notar_error *err);

/* Deletes rows that have run out and were last wanted before wanted_before_s; a bounded number.
 * What was revoked stays. */
NOTAR_MUST_USE enum notar_code
revocation_rows_forget(struct store_write *write, int64_t now_s, int64_t wanted_before_s,
		       struct notar_error *err);

/* Every sound row, until visit returns false. */
typedef bool revocation_visit(void *context, const uint8_t thumbprint[FACT_ID_BYTES],
			      const struct revocation_row *row);
NOTAR_MUST_USE enum notar_code
revocation_rows_each(struct store_reader *reader, revocation_visit *visit, void *context,
		     struct notar_error *err);

#endif
