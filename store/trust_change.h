/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TRUST_CHANGE_H
#define STORE_TRUST_CHANGE_H

#include "store/trusted_keys.h"

/*
 * Changes of trust. Each is one synced transaction: the key's row, the trust generation and the
 * change log, all or nothing (decision 6). When the call has returned NOTAR_OK the change is on
 * the disk, and every question asked from then on sees it, in every process.
 */
enum trust_verb { TRUST_ADD, TRUST_STAGE, TRUST_RETIRE, TRUST_REVOKE, TRUST_COMPROMISE };

struct trust_change {
	enum trust_verb verb;
	uint8_t id[TRUSTED_KEY_ID_BYTES];
	struct span spki; /* ADD and STAGE need it; with it the others know keys not yet stored */
	struct span signer;
	struct span origin; /* empty: "local" */
	int64_t not_before_s, not_after_s, compromised_since_s;
	int64_t at_s;
};

/*
 * *changed is false when the store already said so: then nothing is written. Blocks on the disk,
 * and on other writers.
 *
 * NOTAR_E_NOT_FOUND  no such key, and no SPKI to make one from
 * NOTAR_E_EXISTS     it is revoked: a revoked key does not come back, whoever asks
 * NOTAR_E_USAGE      names too long, a window that ends before it begins
 */
NOTAR_MUST_USE enum notar_code
trust_change_apply(struct store *store, const struct trust_change *change, bool *changed,
		   uint64_t *generation, struct notar_error *err);

#endif
