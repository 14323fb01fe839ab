/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_PREFETCH_H
#define SYNC_PREFETCH_H

#include "base/own.h"
#include "sync/revocation_interest.h"

struct store;
struct store_writer;

/*
 * A thread that asks again about certificates in the store before what is known of them runs out,
 * so that questions seldom wait for responders. One certificate at a time, ten a second at most;
 * who fails is left alone for longer each time. A failure changes nothing: the old answer counts
 * until it runs out. What nobody has asked for in PREFETCH_WANTED_S is no longer kept up, and its
 * row goes once it has run out.
 */
struct prefetch;

enum prefetch_outcome { PREFETCH_GOOD, PREFETCH_REVOKED, PREFETCH_FAILED, PREFETCH_OUTCOMES };

struct prefetch_settings {
	bool offline;       /* ask nobody */
	bool allow_private; /* certificates may name private addresses */
};

struct prefetch_options {
	struct store *store;
	struct store_writer *writer;
	const struct revocation_interest *interest;
	/* On the thread: as of now, and what came of one asking. */
	struct prefetch_settings (*settings)(void *context);
	void (*count)(void *context, enum prefetch_outcome outcome);
	void *context;
};

/* Everything in options is borrowed until prefetch_stop. */
NOTAR_MUST_USE enum notar_code prefetch_start(const struct prefetch_options *options,
					      struct prefetch **out, struct notar_error *err);

/* The store has new rows, or the settings have changed. Any thread; does not wait. */
void prefetch_wake(struct prefetch *prefetch);

/* Gives up what is under way, and ends. NULL is allowed. */
void prefetch_stop(struct prefetch *prefetch);

#endif
