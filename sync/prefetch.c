/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/prefetch.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/http_client.h"
#include "pki/chain.h"
#include "sync/prefetch_queue.h"
#include "sync/revocation.h"
#include "sync/revocation_rows.h"

#define ASK_MS 15000       /* for one certificate, whatever it names */
#define PAUSE_MS 100       /* between two */
#define LEAST_PASS_MS 1000 /* between two looks at the table */
#define MOST_PASS_MS 60000
#define SCAN_SHARE 50 /* looking takes at most this part of the time */
#define FORGET_MS (3600 * 1000)

struct prefetch {
	struct prefetch_options options;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_bool stopping;
	bool woken; /* under the lock */
	/* The thread's own. */
	struct prefetch_queue queue;
	struct prefetch_failures failures;
	struct store_reader *reader;
	struct list_cache lists;
	int64_t forget_at_ms;
};

/* At least least_ms, then until woken or until_ms; at once when stopping. */
static void
rest(struct prefetch *p, int64_t least_ms, int64_t until_ms)
{
	int64_t start_ms = clock_monotonic_ms();

	(void)pthread_mutex_lock(&p->lock);
	for (;;) {
		int64_t waited_ms = clock_monotonic_ms() - start_ms;
		int64_t end_ms = start_ms + (p->woken ? least_ms : until_ms);
		struct timespec at = { .tv_sec = (time_t)(end_ms / 1000),
				       .tv_nsec = (long)(end_ms % 1000) * 1000000 };

		if (p->stopping || waited_ms >= (p->woken ? least_ms : until_ms))
			break;
		(void)pthread_cond_timedwait(&p->changed, &p->lock, &at);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

static bool
keep(struct prefetch *p, const struct prefetch_item *item, const struct revocation_answer *answer)
{
	NOTAR_AUTO(store_batch) *batch = calloc(1, sizeof(*batch));
	struct revocation_news news = { .answer = *answer,
					.checked_s = clock_now_s(),
					.wanted_s = item->wanted_s,
					.certificate = buf_span(&item->certificate),
					.issuer = buf_span(&item->issuer) };

	if (batch == NULL || (batch->revocations = calloc(1, sizeof(*batch->revocations))) == NULL)
		return false;
	memcpy(news.thumbprint, item->thumbprint, FACT_ID_BYTES);
	revocation_rows_add(batch, &news);
	store_writer_submit(p->options.writer, NOTAR_TAKE(batch));
	store_writer_flush(p->options.writer);
	return true;
}

static enum prefetch_outcome
ask(struct prefetch *p, const struct prefetch_settings *settings, struct http_client *client,
    const struct prefetch_item *item)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	struct revocation_finding found[2] = { 0 };
	struct notar_error err;
	const struct revocation_options how = { .client = client,
						.deadline_ms = clock_deadline_ms(ASK_MS),
						.allow_private = settings->allow_private,
						.now_s = clock_now_s(),
						.lists = &p->lists,
						.renewing = true,
						.give_up = &p->stopping };

	if (cert_list_add(&chain, buf_span(&item->certificate), 2, &err) != NOTAR_OK ||
	    cert_list_add(&chain, buf_span(&item->issuer), 2, &err) != NOTAR_OK)
		return PREFETCH_FAILED;
	revocation_check(&chain, &how, found);
	const struct revocation_answer *answer = &found[0].answer;

	if (answer->status == REVOCATION_UNKNOWN && !p->stopping)
		LOG(LOG_LEVEL_INFO, "revocation_prefetch_failed",
		    LOG_F_STR("message", found[0].message));
	if ((answer->status != REVOCATION_GOOD && answer->status != REVOCATION_REVOKED) ||
	    !keep(p, item, answer))
		return PREFETCH_FAILED;
	return answer->status == REVOCATION_GOOD ? PREFETCH_GOOD : PREFETCH_REVOKED;
}

static void
note(struct prefetch *p, const struct prefetch_item *item, enum prefetch_outcome outcome)
{
	int64_t now_s = clock_monotonic_ms() / 1000;

	if (outcome == PREFETCH_FAILED) {
		prefetch_note_failure(&p->failures, item->thumbprint, now_s);
		prefetch_note_failure(&p->failures, item->issuer_id, now_s);
	} else {
		prefetch_note_success(&p->failures, item->thumbprint, now_s);
		prefetch_forgive(&p->failures, item->issuer_id);
	}
	p->options.count(p->options.context, outcome);
}

/* A reload may have changed whom to ask, in the middle of a pass. */
static bool
may_go_on(struct prefetch *p, const struct prefetch_settings *settings)
{
	const struct prefetch_settings now = p->options.settings(p->options.context);

	return !p->stopping && now.offline == settings->offline &&
	       now.allow_private == settings->allow_private;
}

/* Those of an issuer that has just failed wait for the next pass. */
static void
ask_all(struct prefetch *p, const struct prefetch_settings *settings)
{
	const struct http_client_options access = { .guard_private = !settings->allow_private };
	NOTAR_AUTO(http_client) *client = NULL;
	struct notar_error err;

	if (p->queue.count == 0 || http_client_new(&access, &client, &err) != NOTAR_OK)
		return;
	for (size_t i = 0; i < p->queue.count && may_go_on(p, settings); i++) {
		const struct prefetch_item *item = &p->queue.items[i];

		if (!prefetch_may_ask(&p->failures, item->issuer_id, clock_monotonic_ms() / 1000))
			continue;
		enum prefetch_outcome outcome = ask(p, settings, client, item);

		if (!p->stopping) /* else it was given up, and nobody's fault */
			note(p, item, outcome);
		rest(p, PAUSE_MS, PAUSE_MS);
	}
}

static void
forget(struct prefetch *p)
{
	if (clock_left_ms(p->forget_at_ms) > 0)
		return;
	p->forget_at_ms = clock_deadline_ms(FORGET_MS);
	NOTAR_AUTO(store_batch) *batch = calloc(1, sizeof(*batch));

	if (batch == NULL)
		return;
	batch->now_s = clock_now_s();
	batch->forget_before_s = batch->now_s - PREFETCH_WANTED_S;
	store_writer_submit(p->options.writer, NOTAR_TAKE(batch));
}

static void
look(struct prefetch *p)
{
	struct notar_error err = { 0 };

	p->queue.now_s = clock_now_s();
	p->queue.monotonic_s = clock_monotonic_ms() / 1000;
	if (store_reader_renew(p->reader, &err) != NOTAR_OK ||
	    prefetch_queue_fill(&p->queue, p->reader, &err) != NOTAR_OK) {
		LOG(LOG_LEVEL_WARNING, "revocation_prefetch_store", LOG_F_STR("message", err.msg));
		prefetch_queue_clear(&p->queue);
	}
	store_reader_reset(p->reader);
}

static int64_t
until_next_ms(const struct prefetch *p, int64_t least_ms)
{
	int64_t left_s = p->queue.next_due_s - clock_now_s();
	int64_t left_ms = left_s > MOST_PASS_MS / 1000 ? MOST_PASS_MS : left_s * 1000;

	return left_ms > least_ms ? left_ms : least_ms;
}

static void *
run(void *context)
{
	struct prefetch *p = context;

	while (!p->stopping) {
		const struct prefetch_settings settings = p->options.settings(p->options.context);
		int64_t start_ms = clock_monotonic_ms();

		(void)pthread_mutex_lock(&p->lock);
		p->woken = false;
		(void)pthread_mutex_unlock(&p->lock);
		forget(p);
		prefetch_queue_clear(&p->queue);
		if (!settings.offline)
			look(p);
		int64_t least_ms = (clock_monotonic_ms() - start_ms) * SCAN_SHARE + LEAST_PASS_MS;

		ask_all(p, &settings);
		rest(p, least_ms, until_next_ms(p, least_ms));
	}
	return NULL;
}

static void
release(struct prefetch *p)
{
	prefetch_queue_clear(&p->queue);
	list_cache_release(&p->lists);
	store_reader_free(p->reader);
	(void)pthread_cond_destroy(&p->changed);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

enum notar_code
prefetch_start(const struct prefetch_options *options, struct prefetch **out,
	       struct notar_error *err)
{
	struct prefetch *p = calloc(1, sizeof(*p));
	pthread_condattr_t monotonic;

	if (p == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for prefetching");
	p->options = *options;
	p->lists = (struct list_cache){ options->store, options->writer, NULL };
	p->queue.interest = options->interest;
	p->queue.failures = &p->failures;
	(void)!getrandom(&p->queue.seed, sizeof(p->queue.seed), 0);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_init(&p->lock, NULL);
	enum notar_code code = store_reader_new(options->store, &p->reader, err);

	if (code == NOTAR_OK && pthread_create(&p->thread, NULL, run, p) != 0)
		code = notar_fail(err, NOTAR_E_IO, "cannot start a thread");
	if (code != NOTAR_OK) {
		release(p);
		return code;
	}
	*out = p;
	return NOTAR_OK;
}

void
prefetch_wake(struct prefetch *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->woken = true;
	(void)pthread_cond_signal(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
}

void
prefetch_stop(struct prefetch *p)
{
	if (p == NULL)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->stopping = true;
	(void)pthread_cond_signal(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	(void)pthread_join(p->thread, NULL);
	release(p);
}
