/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_FETCH_H
#define VERIFIER_FETCH_H

#include "verifier/daemon.h"

/*
 * A worker's way to an answer (style.md, "Verify"): what the store lost nothing of is judged
 * again with new keys; else the registry is asked, and what it said is stored; then the policy
 * decides over it, with keys as of that moment.
 */
struct fetch_work fetch_work(struct daemon *daemon);

#endif
