/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/ask.h"

#include <stdlib.h>

#include "base/clock.h"
#include "verifier/report.h"

struct ask *
ask_new(const struct ask_kind *kind, void *source, size_t count)
{
	struct ask *ask = calloc(1, sizeof(*ask));
	struct ask_image *images = calloc(count + 1, sizeof(*images));

	if (ask == NULL || images == NULL) {
		free(ask);
		free(images);
		kind->free_source(source);
		return NULL;
	}
	*ask = (struct ask){ .kind = kind,
			     .source = source,
			     .images = images,
			     .count = count,
			     .open = count,
			     .owners = 1,
			     .started_us = clock_monotonic_us() };
	(void)pthread_mutex_init(&ask->lock, NULL);
	return ask;
}

struct ask *
ask_share(struct ask *ask)
{
	(void)pthread_mutex_lock(&ask->lock);
	ask->owners++;
	(void)pthread_mutex_unlock(&ask->lock);
	return ask;
}

void
ask_free(struct ask *ask)
{
	if (ask == NULL)
		return;
	(void)pthread_mutex_lock(&ask->lock);
	bool last = --ask->owners == 0;

	(void)pthread_mutex_unlock(&ask->lock);
	if (!last)
		return;
	for (size_t i = 0; i < ask->count; i++)
		free(ask->images[i].report.signatures);
	free(ask->images);
	ask->kind->free_source(ask->source);
	(void)pthread_mutex_destroy(&ask->lock);
	free(ask);
}

/* Whoever sets `done` renders: alone, since nobody changes a done ask. */
static void
send(struct ask *ask)
{
	struct http_answer answer = { 0 };

	ask->kind->render(ask, &answer);
	http_ticket_answer(&ask->ticket, &answer);
}

void
ask_settle(struct ask *ask, size_t image, struct notar_report *report)
{
	bool last = false;

	(void)pthread_mutex_lock(&ask->lock);
	if (ask->done || ask->images[image].answered) {
		free(report->signatures);
	} else {
		ask->images[image].report = *report;
		ask->images[image].answered = true;
		/* While the handler is still asking, it is the one to answer. */
		last = --ask->open == 0 && ask->waited;
		ask->done = last;
	}
	report->signatures = NULL;
	(void)pthread_mutex_unlock(&ask->lock);
	if (last)
		send(ask);
}

void
ask_expire(struct ask *ask, ask_last_resort *last_resort, void *context)
{
	(void)pthread_mutex_lock(&ask->lock);
	bool late = !ask->done;

	ask->done = true;
	for (size_t i = 0; late && i < ask->count; i++)
		if (!ask->images[i].answered &&
		    (last_resort == NULL ||
		     !last_resort(context, &ask->images[i].ref, &ask->images[i].report))) {
			report_fail(&ask->images[i].report, NOTAR_REASON_DEADLINE,
				    "the question's time limit came before the registry's answer");
			ask->images[i].report.digest = ask->images[i].ref.digest;
		}
	(void)pthread_mutex_unlock(&ask->lock);
	if (late)
		send(ask);
}

bool
ask_finish_handler(struct ask *ask, struct http_answer *answer)
{
	(void)pthread_mutex_lock(&ask->lock);
	bool all = ask->open == 0 && !ask->done;

	ask->done = ask->done || all;
	ask->waited = true;
	(void)pthread_mutex_unlock(&ask->lock);
	if (all)
		ask->kind->render(ask, answer);
	return all;
}
