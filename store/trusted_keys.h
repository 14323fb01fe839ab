/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TRUSTED_KEYS_H
#define STORE_TRUSTED_KEYS_H

#include "base/buf.h"
#include "base/limits.h"
#include "store/store.h"

/*
 * Table "keys": who may vouch, and whether they still may.
 *   key    32  SHA-256 of the SPKI DER (decision 9)
 *   value   1  row version    1  status    8  not before    8  not after    8  compromised since
 *           8  added    8  changed    then signer, origin, SPKI DER: each a length (2) and bytes
 * Times are seconds since the epoch, UTC; 0 is "no bound".
 */
#define TRUSTED_KEY_ID_BYTES 32

/* Numbers are on disk: never renumber. */
enum trusted_key_status {
	TRUSTED_KEY_STAGED = 1, /* known, does not count yet */
	TRUSTED_KEY_ACTIVE = 2,
	TRUSTED_KEY_RETIRED = 3, /* replaced in good order */
	TRUSTED_KEY_REVOKED = 4,
	TRUSTED_KEY_COMPROMISED = 5, /* revoked, and in foreign hands since compromised_since_s */
	TRUSTED_KEY_STATUS_LAST = TRUSTED_KEY_COMPROMISED,
};
const char *trusted_key_status_name(enum trusted_key_status status); /* static memory */

struct trusted_key {
	uint8_t id[TRUSTED_KEY_ID_BYTES];
	enum trusted_key_status status;
	int64_t not_before_s, not_after_s, compromised_since_s, added_s, changed_s;
	/* Borrowed from the row. */
	struct span signer; /* may be empty */
	struct span origin; /* "local", "tuf:NAME", "k8s" */
	struct span spki;
};

void trusted_key_encode(const struct trusted_key *key, struct buf *out);
/* NOTAR_E_STORE for a foreign, damaged or newer row. Does not hash the SPKI. */
NOTAR_MUST_USE enum notar_code trusted_key_decode(struct span id, struct span row,
						  struct trusted_key *out, struct notar_error *err);

/* For the status of a key that has verified something. NOTAR_E_NOT_FOUND, or NOTAR_E_STORE:
 * then the key must not count. The SPKI is not compared with the id. */
NOTAR_MUST_USE enum notar_code
trusted_key_get(struct store_reader *reader, const uint8_t id[TRUSTED_KEY_ID_BYTES],
		struct trusted_key *out, struct notar_error *err);

/* Every key in order of ids, its SPKI checked against its id, until visit returns false. A row
 * that cannot be read ends it with NOTAR_E_STORE: a list that leaves out a revoked key would
 * mislead. */
typedef bool trusted_key_visit(void *context, const struct trusted_key *key);
NOTAR_MUST_USE enum notar_code
trusted_keys_each(struct store_reader *reader, trusted_key_visit *visit, void *context,
		  struct notar_error *err);

#endif
