/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/fetch_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/digest.h"
#include "verifier/deadlines.h"
#include "verifier/flights.h"
#include "verifier/report.h"

/* Workers that wait until the test lets them go on. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool open_gate;
static unsigned fetches, judgements;

static enum notar_code
begin(void *context, void **local, struct notar_error *err)
{
	(void)context, (void)err;
	*local = NULL;
	return NOTAR_OK;
}

static void
end(void *context, void *local)
{
	(void)context, (void)local;
}

static enum fetch_outcome
fetch(void *context, void *local, const struct flight *flight, struct reference *next)
{
	(void)context, (void)local;
	(void)pthread_mutex_lock(&lock);
	fetches++;
	while (!open_gate)
		(void)pthread_cond_wait(&changed, &lock);
	(void)pthread_mutex_unlock(&lock);
	if (flight->ref.digest.alg != NOTAR_DIGEST_NONE)
		return FETCH_DONE;
	next->digest = digest_of(NOTAR_SHA256, span_str("resolved"));
	next->tag[0] = '\0';
	return FETCH_RESOLVED;
}

static void
judge(void *context, void *local, const struct flight *flight, struct notar_report *report)
{
	(void)context, (void)local;
	(void)pthread_mutex_lock(&lock);
	judgements++;
	(void)pthread_mutex_unlock(&lock);
	report_fail(report, NOTAR_REASON_TRUSTED, "judged");
	report->digest = flight->ref.digest;
}

static void
set_gate(bool to)
{
	(void)pthread_mutex_lock(&lock);
	open_gate = to;
	(void)pthread_cond_broadcast(&changed);
	(void)pthread_mutex_unlock(&lock);
}

static struct fetch_pool *
start(size_t workers, size_t queue)
{
	const struct fetch_work work = { begin, end, fetch, judge, NULL };
	struct fetch_pool *pool;
	struct notar_error err = { 0 };

	fetches = judgements = 0;
	assert_int_equal(fetch_pool_start(workers, queue, &work, &pool, &err), NOTAR_OK);
	return pool;
}

/* Rendering only counts: the ask is never sent anywhere. */
static unsigned rendered;

static void
render(struct ask *ask, struct http_answer *answer)
{
	(void)ask, (void)answer;
	rendered++;
}

static void
free_nothing(void *source)
{
	(void)source;
}

static const struct ask_kind kind = { "test", render, free_nothing };

/* Without `waited` set by ask_finish_handler nothing is sent through the ticket. */
static struct ask *
question(size_t images, const char *tag, const char *content)
{
	struct ask *ask = ask_new(&kind, NULL, images);

	assert_non_null(ask);
	for (size_t i = 0; i < images; i++) {
		struct reference *ref = &ask->images[i].ref;

		ref->place = REFERENCE_REGISTRY;
		(void)snprintf(ref->host, sizeof(ref->host), "r.example");
		(void)snprintf(ref->path, sizeof(ref->path), "app");
		(void)snprintf(ref->tag, sizeof(ref->tag), "%s", tag);
		if (content != NULL)
			ref->digest = digest_of(NOTAR_SHA256, span_str(content));
	}
	return ask;
}

static void
wait_until_open_is(struct ask *ask, size_t open)
{
	for (int i = 0; i < 500; i++) {
		(void)pthread_mutex_lock(&ask->lock);
		bool there = ask->open == open;

		(void)pthread_mutex_unlock(&ask->lock);
		if (there)
			return;
		(void)usleep(10000);
	}
	fail_msg("not settled");
}

static void
whoever_asks_the_same_joins_one_flight(void **state)
{
	(void)state;
	struct fetch_pool *pool = start(4, 100);
	struct ask *ask = question(50, "", "x");

	set_gate(false);
	for (size_t i = 0; i < 50; i++) {
		/* The tag beside a digest does not make another question. */
		(void)snprintf(ask->images[i].ref.tag, sizeof(ask->images[i].ref.tag), "v%zu", i);
		fetch_pool_submit(pool, ask, i);
	}
	set_gate(true);
	wait_until_open_is(ask, 0);
	assert_int_equal(fetches, 1);
	assert_int_equal(judgements, 1);
	assert_int_equal(fetch_pool_stats(pool).joined, 49);
	for (size_t i = 0; i < 50; i++)
		assert_int_equal(ask->images[i].report.reason, NOTAR_REASON_TRUSTED);
	fetch_pool_stop(pool);
	ask_free(ask);
}

static void
a_tag_changes_over_to_the_flight_of_its_digest(void **state)
{
	(void)state;
	struct fetch_pool *pool = start(2, 100);
	struct ask *tags = question(3, "v1", NULL);
	struct ask *digest = question(1, "", "resolved");

	set_gate(false);
	for (size_t i = 0; i < 3; i++)
		fetch_pool_submit(pool, tags, i);
	fetch_pool_submit(pool, digest, 0);
	set_gate(true);
	wait_until_open_is(tags, 0);
	wait_until_open_is(digest, 0);
	for (size_t i = 0; i < 3; i++)
		assert_true(notar_digest_equal(&tags->images[i].report.digest,
					       &digest->images[0].ref.digest));
	fetch_pool_stop(pool);
	ask_free(tags);
	ask_free(digest);
}

static void
a_full_queue_refuses_as_undetermined(void **state)
{
	(void)state;
	struct fetch_pool *pool = start(1, 2);
	struct ask *ask = question(8, "", NULL);
	size_t refused = 0;

	set_gate(false);
	for (size_t i = 0; i < 8; i++) {
		char content[8];

		(void)snprintf(content, sizeof(content), "%zu", i);
		ask->images[i].ref.digest = digest_of(NOTAR_SHA256, span_str(content));
		fetch_pool_submit(pool, ask, i);
	}
	for (size_t i = 0; i < 8; i++)
		if (ask->images[i].answered) {
			assert_int_equal(ask->images[i].report.verdict, NOTAR_UNDETERMINED);
			refused++;
		}
	assert_true(refused >= 5);
	assert_int_equal(fetch_pool_stats(pool).refused, refused);
	set_gate(true);
	wait_until_open_is(ask, 0);
	fetch_pool_stop(pool);
	ask_free(ask);
}

static void
stopping_settles_everybody_and_nobody_is_allowed_by_it(void **state)
{
	(void)state;
	struct fetch_pool *pool = start(1, 100);
	struct ask *ask = question(5, "", NULL);

	set_gate(true);
	for (size_t i = 0; i < 5; i++) {
		char content[8];

		(void)snprintf(content, sizeof(content), "%zu", i);
		ask->images[i].ref.digest = digest_of(NOTAR_SHA256, span_str(content));
		fetch_pool_submit(pool, ask, i);
	}
	fetch_pool_stop(pool);
	assert_int_equal(ask->open, 0);
	for (size_t i = 0; i < 5; i++)
		assert_true(ask->images[i].report.reason == NOTAR_REASON_TRUSTED ||
			    ask->images[i].report.verdict == NOTAR_UNDETERMINED);
	ask_free(ask);
}

static void
a_handler_that_knows_everything_answers_itself(void **state)
{
	(void)state;
	struct ask *ask = question(1, "", "x");
	struct notar_report report = { 0 };
	struct http_answer answer = { 0 };

	rendered = 0;
	report_fail(&report, NOTAR_REASON_EXEMPT, "");
	ask_settle(ask, 0, &report);
	assert_int_equal(rendered, 0);
	assert_true(ask_finish_handler(ask, &answer));
	assert_int_equal(rendered, 1);
	/* Whoever comes later changes nothing. */
	report_fail(&report, NOTAR_REASON_INTERNAL, "");
	ask_settle(ask, 0, &report);
	ask_expire(ask, NULL, NULL);
	assert_int_equal(rendered, 1);
	assert_int_equal(ask->images[0].report.reason, NOTAR_REASON_EXEMPT);
	ask_free(ask);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_asks_the_same_joins_one_flight),
		cmocka_unit_test(a_tag_changes_over_to_the_flight_of_its_digest),
		cmocka_unit_test(a_full_queue_refuses_as_undetermined),
		cmocka_unit_test(stopping_settles_everybody_and_nobody_is_allowed_by_it),
		cmocka_unit_test(a_handler_that_knows_everything_answers_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
