/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_DEADLINES_H
#define VERIFIER_DEADLINES_H

#include "verifier/ask.h"

/* A thread that answers requests whose time is over, whatever a registry does. */
struct deadlines;

/* What to answer then, of an image that is still open; NULL: undetermined. On the thread. */
NOTAR_MUST_USE enum notar_code deadlines_start(ask_last_resort *last_resort, void *context,
					       struct deadlines **out, struct notar_error *err);

/* Shares the ask until its deadline or deadlines_remove. */
void deadlines_add(struct deadlines *deadlines, struct ask *ask);

/* Expires what is left, and ends. NULL is allowed. */
void deadlines_stop(struct deadlines *deadlines);

#endif
