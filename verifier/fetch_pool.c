/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/fetch_pool.h"

#include <stdlib.h>

#include "verifier/flights.h"
#include "verifier/host_health.h"
#include "verifier/report.h"

struct fetch_pool {
	struct fetch_work work;
	size_t queue;
	pthread_t *threads;
	size_t thread_count;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Below: under the lock. */
	struct flights flights;
	struct host_health health;
	struct fetch_pool_stats stats;
	bool stopping;
};

static void
settle_failed(struct ask *ask, size_t image, enum notar_reason reason, const char *message)
{
	struct notar_report report = { 0 };

	report_fail(&report, reason, message);
	report.digest = ask->images[image].ref.digest;
	ask_settle(ask, image, &report);
}

/* Finds or makes the flight, under the lock; NULL when it is refused. */
static struct flight *
board(struct fetch_pool *pool, const struct reference *ref, bool want_manifest)
{
	char key[FLIGHT_KEY_BYTES];
	struct flight *flight = flights_find(&pool->flights, flight_key(ref, want_manifest, key));

	if (flight != NULL) {
		flights_promote(&pool->flights, flight);
		pool->stats.joined++;
		return flight;
	}
	if (pool->stopping || pool->flights.queues[0].count >= pool->queue) {
		pool->stats.refused++;
		return NULL;
	}
	flight = flights_add(&pool->flights, ref, want_manifest, false);
	if (flight != NULL) {
		pool->stats.started++;
		(void)pthread_cond_signal(&pool->changed);
	}
	return flight;
}

void
fetch_pool_submit(struct fetch_pool *pool, struct ask *ask, size_t image)
{
	struct reference ref = ask->images[image].ref;

	/* A digest decides alone: the tag beside it must not make two flights of one question. */
	if (ref.digest.alg != NOTAR_DIGEST_NONE)
		ref.tag[0] = '\0';
	(void)pthread_mutex_lock(&pool->lock);
	struct flight *flight = board(pool, &ref, ask->want_manifest);
	bool aboard = flight != NULL && flight_join(flight, ask, image);

	(void)pthread_mutex_unlock(&pool->lock);
	if (!aboard)
		settle_failed(ask, image, NOTAR_REASON_DEADLINE,
			      "too many questions are waiting for registries");
}

/* Under the lock. NULL: it has no place, or there is no need. */
static struct flight *
flights_add_look(struct fetch_pool *pool, const struct reference *ref, bool want_manifest,
		 bool anew)
{
	char key[FLIGHT_KEY_BYTES];
	struct flight *flight = flights_find(&pool->flights, flight_key(ref, want_manifest, key));
	if (flight != NULL) {
		flight->again = flight->again || (anew && flight->begun);
		flight->news = flight->news || anew;
		return NULL;
	}
	if (!anew && host_health_failed_lately(&pool->health, key))
		return NULL;
	if (pool->stopping || pool->flights.queues[1].count >= LIMIT_BACKGROUND_FLIGHTS) {
		pool->stats.dropped++;
		return NULL;
	}
	flight = flights_add(&pool->flights, ref, want_manifest, true);
	if (flight != NULL) {
		flight->news = anew;
		pool->stats.looks++;
		(void)pthread_cond_signal(&pool->changed);
	}
	return flight;
}

void
fetch_pool_look(struct fetch_pool *pool, const struct reference *ref, bool want_manifest, bool anew)
{
	struct reference bare = *ref;

	if (bare.digest.alg != NOTAR_DIGEST_NONE)
		bare.tag[0] = '\0';
	(void)pthread_mutex_lock(&pool->lock);
	(void)flights_add_look(pool, &bare, want_manifest, anew);
	(void)pthread_mutex_unlock(&pool->lock);
}

bool
fetch_pool_failed_lately(struct fetch_pool *pool, const struct reference *ref)
{
	struct reference bare = *ref;
	char key[FLIGHT_KEY_BYTES];

	bare.tag[0] = '\0';
	(void)pthread_mutex_lock(&pool->lock);
	bool failed = host_health_failed_lately(&pool->health, flight_key(&bare, false, key));

	(void)pthread_mutex_unlock(&pool->lock);
	return failed;
}

/* A resolved tag: everybody changes over to the flight of the digest. */
static void
change_over(struct fetch_pool *pool, struct flight *flight, const struct reference *ref)
{
	struct flight_waiter *stranded = NULL;

	(void)pthread_mutex_lock(&pool->lock);
	flights_remove(&pool->flights, flight);
	host_health_end(&pool->health, flight, false);
	struct flight *onward = flight->waiters == NULL ?
					flights_add_look(pool, ref, flight->want_manifest, true) :
					board(pool, ref, flight->want_manifest);

	while (flight->waiters != NULL) {
		struct flight_waiter *waiter = flight->waiters;
		struct flight_waiter **to = onward != NULL ? &onward->waiters : &stranded;

		flight->waiters = waiter->next;
		waiter->next = *to;
		*to = waiter;
	}
	(void)pthread_mutex_unlock(&pool->lock);
	struct notar_report report = { 0 };

	report_fail(&report, NOTAR_REASON_DEADLINE,
		    "too many questions are waiting for registries");
	flight->waiters = stranded;
	flight_land(flight, &report);
}

static void
note_end(struct fetch_pool *pool, const struct flight *flight, const struct notar_report *report)
{
	(void)pthread_mutex_lock(&pool->lock);
	host_health_end(&pool->health, flight,
			report->last_known_good || report->verdict == NOTAR_UNDETERMINED);
	if (flight->again)
		(void)flights_add_look(pool, &flight->ref, flight->want_manifest, true);
	/* Perhaps another may begin now. */
	(void)pthread_cond_broadcast(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
}

static void
close_boarding(struct fetch_pool *pool, struct flight *flight)
{
	(void)pthread_mutex_lock(&pool->lock);
	flights_remove(&pool->flights, flight);
	(void)pthread_mutex_unlock(&pool->lock);
}

static void
fly(struct fetch_pool *pool, void *local, struct flight *flight)
{
	struct notar_report report = { 0 };
	struct reference next = flight->ref;

	if (pool->work.fetch(pool->work.context, local, flight, &next) == FETCH_RESOLVED) {
		change_over(pool, flight, &next);
		return;
	}
	close_boarding(pool, flight);
	pool->work.judge(pool->work.context, local, flight, &report);
	note_end(pool, flight, &report);
	flight_land(flight, &report);
	free(report.signatures);
}

static bool
may_begin(void *context, const struct flight *flight)
{
	const struct fetch_pool *pool = context;

	return host_health_may_begin(&pool->health, flight, pool->thread_count);
}

static bool
may_always_begin(void *context, const struct flight *flight)
{
	(void)context, (void)flight;
	return true;
}

static struct flight *
next_flight(struct fetch_pool *pool)
{
	struct flight *flight = NULL;

	(void)pthread_mutex_lock(&pool->lock);
	while (!pool->stopping && (flight = flights_begin(&pool->flights, may_begin, pool)) == NULL)
		(void)pthread_cond_wait(&pool->changed, &pool->lock);
	if (flight != NULL) {
		pool->stats.running++;
		host_health_begin(&pool->health, flight);
	}
	(void)pthread_mutex_unlock(&pool->lock);
	return flight;
}

static void
land_unflown(struct flight *flight, const char *why)
{
	struct notar_report report = { 0 };

	report_fail(&report, NOTAR_REASON_INTERNAL, why);
	flight_land(flight, &report);
}

static void *
run_worker(void *context)
{
	struct fetch_pool *pool = context;
	struct notar_error err = { 0 };
	struct flight *flight;
	void *local = NULL;
	bool able = pool->work.begin(pool->work.context, &local, &err) == NOTAR_OK;

	while ((flight = next_flight(pool)) != NULL) {
		if (able) {
			fly(pool, local, flight);
		} else {
			close_boarding(pool, flight);
			note_end(pool, flight, &(struct notar_report){ 0 });
			land_unflown(flight, err.msg);
		}
		(void)pthread_mutex_lock(&pool->lock);
		pool->stats.running--;
		(void)pthread_mutex_unlock(&pool->lock);
	}
	if (able)
		pool->work.end(pool->work.context, local);
	return NULL;
}

enum notar_code
fetch_pool_start(size_t workers, size_t queue, const struct fetch_work *work,
		 struct fetch_pool **out, struct notar_error *err)
{
	struct fetch_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL || (pool->threads = calloc(workers, sizeof(pthread_t))) == NULL) {
		free(pool);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for workers");
	}
	pool->work = *work;
	pool->queue = queue;
	(void)pthread_mutex_init(&pool->lock, NULL);
	(void)pthread_cond_init(&pool->changed, NULL);
	while (pool->thread_count < workers &&
	       pthread_create(&pool->threads[pool->thread_count], NULL, run_worker, pool) == 0)
		pool->thread_count++;
	if (pool->thread_count < workers) {
		fetch_pool_stop(pool);
		return notar_fail(err, NOTAR_E_IO, "cannot start a thread");
	}
	*out = pool;
	return NOTAR_OK;
}

struct fetch_pool_stats
fetch_pool_stats(struct fetch_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	struct fetch_pool_stats stats = pool->stats;

	stats.waiting = pool->flights.queues[0].count;
	stats.background = pool->flights.queues[1].count;
	(void)pthread_mutex_unlock(&pool->lock);
	return stats;
}

void
fetch_pool_stop(struct fetch_pool *pool)
{
	struct flight *flight;

	if (pool == NULL)
		return;
	(void)pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	(void)pthread_cond_broadcast(&pool->changed);
	(void)pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->thread_count; i++)
		(void)pthread_join(pool->threads[i], NULL);
	while ((flight = flights_begin(&pool->flights, may_always_begin, NULL)) != NULL)
		land_unflown(flight, "notard is stopping");
	(void)pthread_cond_destroy(&pool->changed);
	(void)pthread_mutex_destroy(&pool->lock);
	free(pool->threads);
	free(pool);
}
