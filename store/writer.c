/* SPDX-License-Identifier: Apache-2.0 */
#include "store/writer.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/facts.h"
#include "store/images.h"
#include "store/listings.h"
#include "store/lists.h"
#include "store/manifests.h"
#include "store/objects.h"
#include "store/quota.h"
#include "store/revocations.h"
#include "store/signings.h"

#define BATCHES_A_TRANSACTION 64

struct store_writer {
	struct store *store;
	struct quota quota; /* the thread's own */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, progress;
	/* Below: under the lock. */
	struct store_batch *first, *last;
	uint64_t submitted, finished; /* numbers of batches */
	struct store_writer_stats stats;
	bool stopping;
};

void
store_batch_free(struct store_batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->fact_count; i++)
		buf_release(&batch->facts[i].row);
	for (size_t i = 0; i < batch->object_count; i++)
		buf_release(&batch->objects[i]);
	for (size_t i = 0; i < batch->revocation_count; i++)
		buf_release(&batch->revocations[i].row);
	for (size_t i = 0; i < batch->list_count; i++)
		buf_release(&batch->lists[i].row);
	free(batch->lists);
	free(batch->revocations);
	free(batch->facts);
	free(batch->objects);
	buf_release(&batch->repository);
	buf_release(&batch->listing);
	buf_release(&batch->manifest);
	free(batch);
}

static enum notar_code
put_fact(struct store_write *write, const struct notar_digest *subject,
	 const struct store_batch_fact *row, struct notar_error *err)
{
	struct fact fact;

	NOTAR_TRY(fact_decode(buf_span(&row->row), &fact, err));
	NOTAR_TRY(signing_put(write, &fact, err));
	return fact_row_put(write, subject, row->sig_id, buf_span(&row->row), err);
}

static enum notar_code
put_revocations(struct store_write *write, const struct store_batch *b, struct notar_error *err)
{
	for (size_t i = 0; i < b->revocation_count; i++)
		NOTAR_TRY(revocation_row_put(write, b->revocations[i].thumbprint,
					     buf_span(&b->revocations[i].row), err));
	for (size_t i = 0; i < b->list_count; i++)
		NOTAR_TRY(list_row_put(write, b->lists[i].url, buf_span(&b->lists[i].row), b->now_s,
				       err));
	return b->forget_before_s == 0 ?
		       NOTAR_OK :
		       revocation_rows_forget(write, b->now_s, b->forget_before_s, err);
}

static enum notar_code
put_batch(struct store_write *write, const struct store_batch *b, struct notar_error *err)
{
	if (b->manifest.len > 0)
		NOTAR_TRY(manifest_row_put(write, &b->subject, buf_span(&b->manifest), err));
	NOTAR_TRY(put_revocations(write, b, err));
	if (b->listing.len == 0)
		return NOTAR_OK;
	for (size_t i = 0; i < b->fact_count; i++)
		NOTAR_TRY(put_fact(write, &b->subject, &b->facts[i], err));
	for (size_t i = 0; i < b->object_count; i++)
		NOTAR_TRY(object_put(write, buf_span(&b->objects[i]), err));
	NOTAR_TRY(image_put(write, &b->subject, buf_span(&b->repository), b->listed_s, err));
	return listing_put(write, buf_span(&b->repository), &b->subject, buf_span(&b->listing),
			   err);
}

static enum notar_code
put_all(struct store_writer *w, const struct store_batch *batches, struct notar_error *err)
{
	NOTAR_AUTO(store_write) *write = NULL;
	bool more = false;

	NOTAR_TRY(store_write_begin(w->store, STORE_LAZY, &write, err));
	for (; batches != NULL; batches = batches->next)
		NOTAR_TRY(put_batch(write, batches, err));
	NOTAR_TRY(quota_enforce(&w->quota, write, &more, err));
	return store_write_commit(NOTAR_TAKE(write), err);
}

/* The map is full, or the quota far away: evict in transactions of their own. */
static void
make_room(struct store_writer *w)
{
	struct notar_error err;
	bool more = true;

	for (int rounds = 0; more && rounds < 64; rounds++) {
		NOTAR_AUTO(store_write) *write = NULL;

		if (store_write_begin(w->store, STORE_LAZY, &write, &err) != NOTAR_OK ||
		    quota_enforce(&w->quota, write, &more, &err) != NOTAR_OK ||
		    store_write_commit(NOTAR_TAKE(write), &err) != NOTAR_OK)
			return;
	}
}

/* Up to a transaction's worth from the queue, under the lock. */
static struct store_batch *
take_some(struct store_writer *w, size_t *count)
{
	struct store_batch *head = w->first, *end = head;

	for (*count = 1; *count < BATCHES_A_TRANSACTION && end->next != NULL; (*count)++)
		end = end->next;
	w->first = end->next;
	if (w->first == NULL)
		w->last = NULL;
	end->next = NULL;
	w->stats.queued -= *count;
	return head;
}

static void
free_all(struct store_batch *batches)
{
	while (batches != NULL) {
		struct store_batch *next = batches->next;

		store_batch_free(batches);
		batches = next;
	}
}

static bool
write_some(struct store_writer *w, const struct store_batch *batches)
{
	struct notar_error err = { 0 };

	if (put_all(w, batches, &err) == NOTAR_OK)
		return true;
	if (err.code != NOTAR_E_LIMIT)
		return false;
	make_room(w);
	return put_all(w, batches, &err) == NOTAR_OK;
}

static void *
run(void *context)
{
	struct store_writer *w = context;
	size_t count;

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->first == NULL && !w->stopping)
			(void)pthread_cond_wait(&w->work, &w->lock);
		if (w->first == NULL)
			break;
		struct store_batch *batches = take_some(w, &count);

		(void)pthread_mutex_unlock(&w->lock);
		bool written = write_some(w, batches);

		free_all(batches);
		(void)pthread_mutex_lock(&w->lock);
		w->finished += count;
		*(written ? &w->stats.written : &w->stats.failed) += count;
		w->stats.evicted = w->quota.evicted;
		(void)pthread_cond_broadcast(&w->progress);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

enum notar_code
store_writer_start(struct store *store, uint64_t quota_bytes, struct store_writer **out,
		   struct notar_error *err)
{
	struct store_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a writer");
	w->store = store;
	w->quota.bytes = quota_bytes;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->work, NULL);
	(void)pthread_cond_init(&w->progress, NULL);
	if (pthread_create(&w->thread, NULL, run, w) != 0) {
		free(w);
		return notar_fail(err, NOTAR_E_IO, "cannot start a thread");
	}
	*out = w;
	return NOTAR_OK;
}

void
store_writer_submit(struct store_writer *w, struct store_batch *batch)
{
	(void)pthread_mutex_lock(&w->lock);
	if (w->stopping || w->stats.queued >= LIMIT_STORE_QUEUE) {
		w->stats.dropped++;
		store_batch_free(batch);
	} else {
		if (w->last == NULL)
			w->first = batch;
		else
			w->last->next = batch;
		w->last = batch;
		w->submitted++;
		w->stats.queued++;
		(void)pthread_cond_signal(&w->work);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void
store_writer_flush(struct store_writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	uint64_t number = w->submitted;

	while (w->finished < number)
		(void)pthread_cond_wait(&w->progress, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
}

struct store_writer_stats
store_writer_stats(struct store_writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	struct store_writer_stats stats = w->stats;

	(void)pthread_mutex_unlock(&w->lock);
	return stats;
}

void
store_writer_stop(struct store_writer *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stopping = true;
	(void)pthread_cond_signal(&w->work);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->work);
	(void)pthread_cond_destroy(&w->progress);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}
