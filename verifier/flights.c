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

struct flight *
flights_add(struct flights *flights, const struct reference *ref, const char *key)
{
	struct flight *flight = calloc(1, sizeof(*flight));
	struct flight **bucket = &flights->buckets[bucket_of(key)];

	if (flight == NULL)
		return NULL;
	flight->ref = *ref;
	memcpy(flight->key, key, strlen(key) + 1);
	flight->next_in_bucket = *bucket;
	*bucket = flight;
	if (flights->queue_last == NULL)
		flights->queue_first = flight;
	else
		flights->queue_last->next_in_queue = flight;
	flights->queue_last = flight;
	flights->waiting++;
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

struct flight *
flights_begin(struct flights *flights)
{
	struct flight *flight = flights->queue_first;

	if (flight == NULL)
		return NULL;
	flights->queue_first = flight->next_in_queue;
	if (flights->queue_first == NULL)
		flights->queue_last = NULL;
	flights->waiting--;
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
