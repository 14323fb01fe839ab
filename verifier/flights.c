/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/flights.h"

#include <stdlib.h>

#include "base/span.h"
#include "verifier/report.h"

/* FNV-1a: spreads; names that collide on purpose only share a bucket. */
static size_t
bucket_of(const char *key)
{
	uint64_t hash = 14695981039346656037U;

	for (; *key != '\0'; key++)
		hash = (hash ^ (uint8_t)*key) * 1099511628211U;
	return (size_t)(hash % FLIGHT_BUCKETS);
}

struct flight *
flights_find(const struct flights *flights, const char *key)
{
	struct flight *flight = flights->buckets[bucket_of(key)];

	while (flight != NULL && strcmp(flight->key, key) != 0)
		flight = flight->next_in_bucket;
	return flight;
}

static void
append(struct flight_queue *queue, struct flight *flight)
{
	flight->next_in_queue = NULL;
	if (queue->last == NULL)
		queue->first = flight;
	else
		queue->last->next_in_queue = flight;
	queue->last = flight;
	queue->count++;
}

const char *
flight_key(const struct reference *ref, bool want_manifest, char out[FLIGHT_KEY_BYTES])
{
	out[0] = want_manifest ? 'm' : 'v';
	(void)reference_format(ref, out + 1);
	return out;
}

struct flight *
flights_add(struct flights *flights, const struct reference *ref, bool want_manifest,
	    bool background)
{
	struct flight_queue *queue = &flights->queues[background ? 1 : 0];
	struct flight *flight = calloc(1, sizeof(*flight));

	if (flight == NULL)
		return NULL;
	flight->ref = *ref;
	flight->want_manifest = want_manifest;
	struct flight **bucket =
		&flights->buckets[bucket_of(flight_key(ref, want_manifest, flight->key))];

	flight->next_in_bucket = *bucket;
	*bucket = flight;
	flight->in_background = background;
	append(queue, flight);
	return flight;
}

bool
flight_join(struct flight *flight, struct ask *ask, size_t image)
{
	struct flight_waiter *waiter = calloc(1, sizeof(*waiter));

	if (waiter == NULL)
		return false;
	*waiter = (struct flight_waiter){ ask_share(ask), image, flight->waiters };
	flight->waiters = waiter;
	return true;
}

static struct flight *
take_first(struct flight_queue *queue, bool (*may_begin)(void *, const struct flight *),
	   void *context)
{
	struct flight *before = NULL, *flight = queue->first;

	while (flight != NULL && !may_begin(context, flight)) {
		before = flight;
		flight = flight->next_in_queue;
	}
	if (flight == NULL)
		return NULL;
	if (before == NULL)
		queue->first = flight->next_in_queue;
	else
		before->next_in_queue = flight->next_in_queue;
	if (queue->last == flight)
		queue->last = before;
	queue->count--;
	flight->in_background = false;
	return flight;
}

static bool
is_this(void *context, const struct flight *flight)
{
	return flight == context;
}

void
flights_promote(struct flights *flights, struct flight *flight)
{
	if (flight->in_background && take_first(&flights->queues[1], is_this, flight) != NULL)
		append(&flights->queues[0], flight);
}

struct flight *
flights_begin(struct flights *flights,
	      bool (*may_begin)(void *context, const struct flight *flight), void *context)
{
	struct flight *flight = take_first(&flights->queues[0], may_begin, context);

	if (flight == NULL)
		flight = take_first(&flights->queues[1], may_begin, context);
	if (flight != NULL)
		flight->begun = true;
	return flight;
}

void
flights_remove(struct flights *flights, struct flight *flight)
{
	struct flight **at = &flights->buckets[bucket_of(flight->key)];

	while (*at != NULL && *at != flight)
		at = &(*at)->next_in_bucket;
	if (*at != NULL)
		*at = flight->next_in_bucket;
}

void
flight_land(struct flight *flight, struct notar_report *report)
{
	while (flight->waiters != NULL) {
		struct flight_waiter *waiter = flight->waiters;
		struct notar_report copy;

		flight->waiters = waiter->next;
		report_copy(&copy, report);
		ask_settle(waiter->ask, waiter->image, &copy);
		ask_free(waiter->ask);
		free(waiter);
	}
	free(flight);
}
