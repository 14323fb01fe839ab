/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_PREFETCH_PLAN_H
#define SYNC_PREFETCH_PLAN_H

#include "base/fact.h"

/*
 * When answers about revocation are asked for again. Pure: whoever calls brings the clock.
 */
#define PREFETCH_LEAST_S 5                 /* between two askings about one certificate */
#define PREFETCH_MOST_BACK_OFF_S (15 * 60) /* after failures */
#define PREFETCH_WANTED_S (14 * 24 * 3600) /* nobody asked for so long: no longer kept up */

/*
 * From three quarters of its life on, spread over an eighth of it (spread: 0 to UINT16_MAX). Its
 * life begins with the asking, not with thisUpdate: where a responder gives the same answer again,
 * the next asking is at three quarters of what is left, so few in all. next_update_s 0: never.
 */
int64_t prefetch_due_s(int64_t checked_s, int64_t next_update_s, uint16_t spread);

/* Whether somebody needed it lately. */
bool prefetch_is_wanted(int64_t wanted_s, int64_t now_s);

/*
 * What has failed and is left alone for a while: certificates, and issuers, whose responder is one
 * for all of them. A fixed number of places: two that share one forget each other, which costs a
 * question too many. Zeroed: nothing has failed. now_s: of a clock that never goes back.
 */
#define PREFETCH_FAILURES 1024
struct prefetch_failures {
	struct prefetch_failure {
		uint8_t id[FACT_ID_BYTES];
		int64_t not_before_s;
		unsigned count; /* without a success between them */
	} places[PREFETCH_FAILURES];
};

bool prefetch_may_ask(const struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES],
		      int64_t now_s);

/* 5, 10, 20 … seconds, PREFETCH_MOST_BACK_OFF_S at most. */
void prefetch_note_failure(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES],
			   int64_t now_s);

/* An issuer whose responder has answered. */
void prefetch_forgive(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES]);

/* A certificate. Not at once again all the same, should the answer not have found its way into the store. */
void prefetch_note_success(struct prefetch_failures *failures, const uint8_t id[FACT_ID_BYTES],
			   int64_t now_s);

#endif
