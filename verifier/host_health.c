/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/host_health.h"

#include "base/clock.h"

/* FNV-1a: spreads; nobody gains by a collision. */
static uint64_t
hash_of(const char *text)
{
	uint64_t hash = 14695981039346656037U;

	for (; *text != '\0'; text++)
		hash = (hash ^ (uint8_t)*text) * 1099511628211U;
	return hash;
}

static size_t
slot_of(const struct flight *flight)
{
	return (size_t)(hash_of(flight->ref.host) % HOST_HEALTH_SLOTS);
}

bool
host_health_may_begin(const struct host_health *health, const struct flight *flight, size_t workers)
{
	size_t slot = slot_of(flight);
	size_t most = workers - workers / 4, most_failing = workers / 2;

	if (health->hosts[slot].failing)
		return health->hosts[slot].running == 0 &&
		       health->running_failing < (most_failing > 0 ? most_failing : 1);
	return health->hosts[slot].running < most;
}

void
host_health_begin(struct host_health *health, const struct flight *flight)
{
	size_t slot = slot_of(flight);

	health->hosts[slot].running++;
	health->running_failing += health->hosts[slot].failing ? 1 : 0;
}

void
host_health_end(struct host_health *health, const struct flight *flight, bool failed)
{
	size_t slot = slot_of(flight);
	uint64_t key = hash_of(flight->key);
	size_t at = (size_t)(key % HOST_HEALTH_ATTEMPTS);
	unsigned running = health->hosts[slot].running;

	/* All that run there count as failing, or none does. */
	if (health->hosts[slot].failing)
		health->running_failing -= running;
	health->hosts[slot].running = --running;
	health->hosts[slot].failing = failed;
	if (failed)
		health->running_failing += running;
	health->attempts[at].key = key;
	health->attempts[at].at_ms = clock_monotonic_ms();
	health->attempts[at].failed = failed;
}

bool
host_health_failed_lately(const struct host_health *health, const char *flight_key)
{
	uint64_t key = hash_of(flight_key);
	size_t at = (size_t)(key % HOST_HEALTH_ATTEMPTS);

	return health->attempts[at].failed && health->attempts[at].key == key &&
	       clock_monotonic_ms() - health->attempts[at].at_ms < HOST_HEALTH_MEMORY_MS;
}
