/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_FETCH_POOL_H
#define VERIFIER_FETCH_POOL_H

#include "verifier/ask.h"

struct flight;

/*
 * Worker threads for everything that may wait: registries, and checking signatures again.
 * One flight per question ("host/path@digest" or "host/path:tag"): whoever asks the same while
 * it is under way gets the same answer. Bounded: a full queue refuses, it never grows.
 */
struct fetch_pool;

/* What a worker does for one flight. */
enum fetch_outcome { FETCH_DONE, FETCH_RESOLVED };

struct fetch_work {
	/* Runs once on each worker's thread. *local is handed to the others. */
	enum notar_code (*begin)(void *context, void **local, struct notar_error *err);
	void (*end)(void *context, void *local);
	/* Finds out, and leaves what it found in local; or, for a tag, resolves it to *next: then
	 * the flight goes on as one about that digest. */
	enum fetch_outcome (*fetch)(void *context, void *local, const struct flight *flight,
				    struct reference *next);
	/* Decides. Nobody joins the flight any more, so keys and policy as of now are as of after
	 * every waiter's question. */
	void (*judge)(void *context, void *local, const struct flight *flight,
		      struct notar_report *report);
	void *context;
};

struct fetch_pool_stats {
	uint64_t started, joined, refused, looks, dropped;
	size_t waiting, background, running;
};

NOTAR_MUST_USE enum notar_code
fetch_pool_start(size_t workers, size_t queue, const struct fetch_work *work,
		 struct fetch_pool **out, struct notar_error *err);

/* Any thread; never waits. The image is settled by a worker, or at once when the queue is
 * full. Shares the ask. */
void fetch_pool_submit(struct fetch_pool *pool, struct ask *ask, size_t image);

/* Looks at it, for nobody in particular, when there is nothing else to do; unless it was tried in
 * vain a moment ago or is under way. anew: something has changed there, so once more, after what is
 * under way. Any thread; never waits; dropped when too much waits already. */
void fetch_pool_look(struct fetch_pool *pool, const struct reference *ref, bool want_manifest,
		     bool anew);

/* Whether somebody tried a moment ago, and found the registry not answering. */
bool fetch_pool_failed_lately(struct fetch_pool *pool, const struct reference *ref);

struct fetch_pool_stats fetch_pool_stats(struct fetch_pool *pool);

/* Lets running flights end; the rest are settled as undetermined. NULL is allowed. */
void fetch_pool_stop(struct fetch_pool *pool);

#endif
