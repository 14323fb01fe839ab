/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CHANGE_LOG_H
#define STORE_CHANGE_LOG_H

#include "store/env.h"

/*
 * Table "log": every change of trust, in the same transaction as the change itself.
 *   key    8  number, ascending
 *   value  1  row version   1  action   8  time   4  user id   32  key id, or the policy's SHA-256
 */
enum change_action { /* on disk */
		     CHANGE_KEY_ADDED = 1,
		     CHANGE_KEY_STAGED = 2,
		     CHANGE_KEY_ACTIVATED = 3,
		     CHANGE_KEY_RETIRED = 4,
		     CHANGE_KEY_REVOKED = 5,
		     CHANGE_KEY_COMPROMISED = 6,
		     CHANGE_KEY_EDITED = 7, /* signer or window */
		     CHANGE_POLICY = 8,
		     CHANGE_ACTION_LAST = CHANGE_POLICY,
};
const char *change_action_name(enum change_action action);

struct change {
	uint64_t number;
	enum change_action action;
	int64_t at_s;
	uint32_t uid;
	uint8_t subject[32];
};

NOTAR_MUST_USE enum notar_code
change_log_append(struct store_write *write, enum change_action action, const uint8_t subject[32],
		  int64_t at_s, struct notar_error *err);

/* In order, from number `from`, until visit returns false. */
typedef bool change_visit(void *context, const struct change *change);
NOTAR_MUST_USE enum notar_code
change_log_each(struct store_reader *reader, uint64_t from, change_visit *visit, void *context,
		struct notar_error *err);

NOTAR_MUST_USE enum notar_code
change_decode(struct span key, struct span row, struct change *out, struct notar_error *err);

#endif
