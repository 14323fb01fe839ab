/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/audit_api.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/audit_read.h"
#include "base/json.h"
#include "http/h1.h"
#include "verifier/daemon.h"
#include "verifier/page.h"

#define MOST_WAITING 16
#define FILTERS 5
#define FILTER_BYTES 600

static const char *const filter_names[FILTERS] = { "image", "digest", "verdict", "reason",
						   "event" };

struct audit_question {
	struct http_ticket ticket;
	size_t limit;
	char filters[FILTERS][FILTER_BYTES]; /* empty: not asked for */
	struct audit_question *next;
};

struct audit_desk {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Below: under the lock. */
	struct audit_question *first;
	size_t waiting;
	bool stopping;
};

struct reading {
	const struct audit_question *question;
	struct buf *out;
};

static bool
fits(const struct audit_question *q, const struct audit_record *record)
{
	for (size_t i = 0; i < FILTERS; i++) {
		struct span value = strcmp(filter_names[i], "event") == 0 ?
					    record->event :
					    audit_record_text(record, filter_names[i]);

		if (q->filters[i][0] != '\0' && !span_is(value, q->filters[i]))
			return false;
	}
	return true;
}

static enum audit_visit
visit(void *context, const struct audit_record *record, struct span line)
{
	struct reading *reading = context;

	if (!fits(reading->question, record))
		return AUDIT_VISIT_SKIPPED;
	json_put_raw(reading->out, line);
	return AUDIT_VISIT_TAKEN;
}

static void
answer_question(const struct audit_desk *desk, const struct audit_question *q)
{
	struct http_answer answer = { 0 };
	struct reading reading = { q, &answer.body };
	struct notar_error err = { 0 };

	json_begin_object(&answer.body);
	json_name(&answer.body, "records");
	json_begin_array(&answer.body);
	if (audit_last(desk->path, q->limit, visit, &reading, &err) == NOTAR_OK) {
		json_end_array(&answer.body);
		json_end_object(&answer.body);
	} else {
		http_answer_release(&answer);
		http_answer_error(&answer, 503, err.msg);
	}
	http_ticket_answer(&q->ticket, &answer);
}

static void
turn_away(const struct audit_question *q)
{
	struct http_answer answer;

	http_answer_error(&answer, 503, "notard is stopping");
	http_ticket_answer(&q->ticket, &answer);
}

static void *
run(void *context)
{
	struct audit_desk *desk = context;

	(void)pthread_mutex_lock(&desk->lock);
	for (;;) {
		while (desk->first == NULL && !desk->stopping)
			(void)pthread_cond_wait(&desk->changed, &desk->lock);
		struct audit_question *q = desk->first;

		if (q == NULL)
			break;
		desk->first = q->next;
		desk->waiting--;
		bool stopping = desk->stopping;

		(void)pthread_mutex_unlock(&desk->lock);
		if (stopping)
			turn_away(q);
		else
			answer_question(desk, q);
		free(q);
		(void)pthread_mutex_lock(&desk->lock);
	}
	(void)pthread_mutex_unlock(&desk->lock);
	return NULL;
}

enum notar_code
audit_desk_start(const char *path, struct audit_desk **out, struct notar_error *err)
{
	struct audit_desk *desk = calloc(1, sizeof(*desk));

	if (desk == NULL || (desk->path = strdup(path)) == NULL) {
		free(desk);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory");
	}
	(void)pthread_mutex_init(&desk->lock, NULL);
	(void)pthread_cond_init(&desk->changed, NULL);
	if (pthread_create(&desk->thread, NULL, run, desk) != 0) {
		free(desk->path);
		free(desk);
		return notar_fail(err, NOTAR_E_IO, "cannot start a thread");
	}
	*out = desk;
	return NOTAR_OK;
}

void
audit_desk_stop(struct audit_desk *desk)
{
	if (desk == NULL)
		return;
	(void)pthread_mutex_lock(&desk->lock);
	desk->stopping = true;
	(void)pthread_cond_signal(&desk->changed);
	(void)pthread_mutex_unlock(&desk->lock);
	(void)pthread_join(desk->thread, NULL);
	(void)pthread_cond_destroy(&desk->changed);
	(void)pthread_mutex_destroy(&desk->lock);
	free(desk->path);
	free(desk);
}

/* False: too many wait already. */
static bool
submit(struct audit_desk *desk, struct audit_question *q)
{
	struct audit_question **at = &desk->first;

	(void)pthread_mutex_lock(&desk->lock);
	bool room = desk->waiting < MOST_WAITING && !desk->stopping;

	if (room) {
		while (*at != NULL)
			at = &(*at)->next;
		*at = q;
		desk->waiting++;
		(void)pthread_cond_signal(&desk->changed);
	}
	(void)pthread_mutex_unlock(&desk->lock);
	return room;
}

/* Values as they are written in the log; "%40" for '@' and the like are understood. */
static enum notar_code
read_filters(struct span query, struct audit_question *q, struct notar_error *err)
{
	for (size_t i = 0; i < FILTERS; i++) {
		struct span value = h1_query_value(query, filter_names[i]);

		if (!h1_unescape(value, q->filters[i], FILTER_BYTES))
			return notar_fail(err, NOTAR_E_USAGE, "%s: not a value", filter_names[i]);
	}
	return NOTAR_OK;
}

enum http_next
audit_read_log(void *context, void *local, const struct http_request *request,
	       struct http_answer *answer, const struct http_ticket *ticket)
{
	struct daemon *daemon = context;
	struct audit_question *q = calloc(1, sizeof(*q));
	struct notar_error err = { 0 };
	struct page page;

	(void)local;
	if (daemon->audit_desk == NULL || q == NULL) {
		bool configured = daemon->audit_desk != NULL;

		free(q);
		http_answer_error(answer, configured ? 503 : 404,
				  configured ? "no memory" : "no audit log is configured");
		return HTTP_ANSWERED;
	}
	q->ticket = *ticket;
	if (page_read(request->query, &page, &err) != NOTAR_OK ||
	    read_filters(request->query, q, &err) != NOTAR_OK) {
		free(q);
		http_answer_error(answer, 400, err.msg);
		return HTTP_ANSWERED;
	}
	q->limit = page.limit;
	if (submit(daemon->audit_desk, q))
		return HTTP_LATER;
	free(q);
	http_answer_error(answer, 503, "too many are reading the audit log");
	answer->retry_after_s = 1;
	return HTTP_ANSWERED;
}
