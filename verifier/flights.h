/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_FLIGHTS_H
#define VERIFIER_FLIGHTS_H

#include "verifier/ask.h"

/* The questions that are under way, each once: a hash table of flights and two queues of those
 * that no worker has begun: those somebody waits for, and those nobody does. No locking here:
 * fetch_pool.c has the lock. */

struct flight_waiter {
	struct ask *ask; /* shared */
	size_t image;
	struct flight_waiter *next;
};

#define FLIGHT_KEY_BYTES (REFERENCE_TEXT_BYTES + 2)

struct flight {
	struct reference ref;
	bool want_manifest; /* find out what it is, too: the gate's questions */
	char key[FLIGHT_KEY_BYTES];
	bool in_background; /* queued, and nobody waits */
	bool begun;
	bool again; /* something has changed meanwhile */
	bool news;  /* a registry said that something has changed */
	struct flight_waiter *waiters;
	struct flight *next_in_bucket;
	struct flight *next_in_queue;
};

#define FLIGHT_BUCKETS 1024

struct flight_queue {
	struct flight *first, *last;
	size_t count;
};

struct flights {
	struct flight *buckets[FLIGHT_BUCKETS];
	struct flight_queue queues[2]; /* somebody waits; in the background */
};

/* What tells one question from another. Returns out. */
const char *flight_key(const struct reference *ref, bool want_manifest, char out[FLIGHT_KEY_BYTES]);

/* The flight of this question that is under way or queued, or NULL. */
struct flight *flights_find(const struct flights *flights, const char *key);

/* A new one at the end of its queue. NULL: no memory. */
struct flight *flights_add(struct flights *flights, const struct reference *ref, bool want_manifest,
			   bool background);

/* Somebody waits for it now: it goes to the other queue, unless it has begun. */
void flights_promote(struct flights *flights, struct flight *flight);

/* Puts a waiter on it; false: no memory. */
bool flight_join(struct flight *flight, struct ask *ask, size_t image);

/* The first that may begin, those somebody waits for before others; NULL: none. It stays
 * findable. */
struct flight *
flights_begin(struct flights *flights,
	      bool (*may_begin)(void *context, const struct flight *flight), void *context);

/* No longer findable; the caller owns it. */
void flights_remove(struct flights *flights, struct flight *flight);

/* Tells every waiter a copy of the report, and frees the flight. */
void flight_land(struct flight *flight, struct notar_report *report);

#endif
