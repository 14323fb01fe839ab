/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_FETCH_REVOCATIONS_H
#define VERIFIER_FETCH_REVOCATIONS_H

#include "sync/list_cache.h"
#include "verifier/daemon.h"
#include "verifier/revocations.h"

/* A worker's part in revocation: as the configuration says, and into the store. */

/* For the next flight; what was found out for another has been stored. lists is borrowed. */
void fetch_revocations_begin(struct daemon *daemon, struct revocations *revocations,
			     struct list_cache *lists);

/* What responders said, for everybody who asks about the same certificates. Waits for the write. */
void fetch_revocations_store(struct daemon *daemon, const struct revocations *revocations);

#endif
