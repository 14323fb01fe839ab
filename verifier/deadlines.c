/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/deadlines.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

/* Ordered by deadline; nearly every ask has the same time limit, so adding at the end is the
 * common case. Asks that were answered in time stay until then: a few hundred bytes each, for
 * seconds, and only for those that had to wait for a registry. */
struct deadlines {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	ask_last_resort *last_resort;
	void *context;
	struct ask *first, *last;
	bool stopping;
};

static struct ask *
take_first(struct deadlines *d)
{
	struct ask *ask = d->first;

	d->first = ask->next;
	if (d->first == NULL)
		d->last = NULL;
	else
		d->first->previous = NULL;
	return ask;
}

static void
wait_until(struct deadlines *d, int64_t deadline_ms)
{
	struct timespec at = { .tv_sec = (time_t)(deadline_ms / 1000),
			       .tv_nsec = (long)(deadline_ms % 1000) * 1000000 };

	(void)pthread_cond_timedwait(&d->changed, &d->lock, &at);
}

static void *
run(void *context)
{
	struct deadlines *d = context;

	(void)pthread_mutex_lock(&d->lock);
	while (!d->stopping || d->first != NULL) {
		if (d->first == NULL) {
			(void)pthread_cond_wait(&d->changed, &d->lock);
			continue;
		}
		if (!d->stopping && clock_left_ms(d->first->deadline_ms) > 0) {
			wait_until(d, d->first->deadline_ms);
			continue;
		}
		struct ask *ask = take_first(d);

		(void)pthread_mutex_unlock(&d->lock);
		ask_expire(ask, d->last_resort, d->context);
		ask_free(ask);
		(void)pthread_mutex_lock(&d->lock);
	}
	(void)pthread_mutex_unlock(&d->lock);
	return NULL;
}

enum notar_code
deadlines_start(ask_last_resort *last_resort, void *context, struct deadlines **out,
		struct notar_error *err)
{
	struct deadlines *d = calloc(1, sizeof(*d));
	pthread_condattr_t monotonic;

	if (d == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for deadlines");
	d->last_resort = last_resort;
	d->context = context;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&d->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_init(&d->lock, NULL);
	if (pthread_create(&d->thread, NULL, run, d) != 0) {
		free(d);
		return notar_fail(err, NOTAR_E_IO, "cannot start a thread");
	}
	*out = d;
	return NOTAR_OK;
}

void
deadlines_add(struct deadlines *d, struct ask *ask)
{
	struct ask *after;

	(void)ask_share(ask);
	(void)pthread_mutex_lock(&d->lock);
	for (after = d->last; after != NULL && after->deadline_ms > ask->deadline_ms;)
		after = after->previous;
	ask->previous = after;
	ask->next = after == NULL ? d->first : after->next;
	if (ask->next == NULL)
		d->last = ask;
	else
		ask->next->previous = ask;
	if (after == NULL)
		d->first = ask;
	else
		after->next = ask;
	(void)pthread_cond_signal(&d->changed);
	(void)pthread_mutex_unlock(&d->lock);
}

void
deadlines_stop(struct deadlines *d)
{
	if (d == NULL)
		return;
	(void)pthread_mutex_lock(&d->lock);
	d->stopping = true;
	(void)pthread_cond_signal(&d->changed);
	(void)pthread_mutex_unlock(&d->lock);
	(void)pthread_join(d->thread, NULL);
	(void)pthread_cond_destroy(&d->changed);
	(void)pthread_mutex_destroy(&d->lock);
	free(d);
}
