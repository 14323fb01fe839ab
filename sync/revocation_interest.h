/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_REVOCATION_INTEREST_H
#define SYNC_REVOCATION_INTEREST_H

#include <stdatomic.h>

#include "base/fact.h"

/*
 * Which certificates questions have asked about, to the hour. Event loops note it and must not
 * write to the store for it, so it is here; a row gets it when it is next asked about. Any thread,
 * no locks. Certificates that share a place prolong each other's interest, which costs a question
 * to a responder. Zeroed: none.
 */
#define REVOCATION_INTEREST_PLACES 16384
struct revocation_interest {
	_Atomic uint32_t hours[REVOCATION_INTEREST_PLACES];
};

/* interest may be NULL. */
void revocation_interest_note(struct revocation_interest *interest,
			      const uint8_t thumbprint[FACT_ID_BYTES], int64_t now_s);

/* 0: nobody has asked. */
int64_t revocation_interest_last_s(const struct revocation_interest *interest,
				   const uint8_t thumbprint[FACT_ID_BYTES]);

#endif
