/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit_thread.h"

#include <errno.h>

#include "base/clock.h"

#define CHUNK_BYTES (64U << 10) /* of one write; a line more may be in it */
#define RETRY_MS 100

static void
count_failure(struct audit *a, int error)
{
	(void)pthread_mutex_lock(&a->lock);
	a->stats.failed++;
	a->stats.error = error;
	(void)pthread_mutex_unlock(&a->lock);
}

/* Composes lines from the batch, from *at on. The chain's end goes to seq and hash. */
static uint64_t
compose(struct audit *a, size_t *at, uint64_t *seq, uint8_t hash[SHA256_BYTES])
{
	uint64_t records = 0;

	buf_clear(&a->lines);
	while (*at < a->batch.len && a->lines.len < CHUNK_BYTES) {
		struct reader r = { .rest = span_from(buf_span(&a->batch), *at) };
		int64_t time_ms = (int64_t)reader_be(&r, 8);
		struct span body = reader_take(&r, (size_t)reader_be(&r, 4));

		audit_encode(&a->lines, ++*seq, time_ms, body, hash);
		*at += AUDIT_ENTRY_HEAD_BYTES + body.len;
		records++;
	}
	return records;
}

/* One write. False when it failed: the chain is then where it was. */
static bool
write_chunk(struct audit *a)
{
	size_t at = a->batch_at;
	uint64_t seq = a->disk.seq;
	uint8_t hash[SHA256_BYTES];

	memcpy(hash, a->disk.hash, sizeof(hash));
	uint64_t records = compose(a, &at, &seq, hash);
	int error = a->lines.failed != NOTAR_OK ? ENOMEM : audit_disk_rotate(&a->disk);

	if (a->lines.failed == NOTAR_OK && error != 0)
		count_failure(a, error); /* the file grows over its bound: better than nothing */
	if (a->lines.failed == NOTAR_OK)
		error = audit_disk_write(&a->disk, buf_span(&a->lines), a->disk.seq + 1);
	a->lines.failed = NOTAR_OK;
	if (error != 0) {
		count_failure(a, error);
		return false;
	}
	(void)pthread_mutex_lock(&a->lock);
	a->stats.queued_bytes -= at - a->batch_at;
	a->stats.last_seq = seq;
	a->written += records;
	a->stats.written = a->written;
	(void)pthread_mutex_unlock(&a->lock);
	a->batch_at = at;
	a->disk.seq = seq;
	memcpy(a->disk.hash, hash, sizeof(hash));
	if (a->sync_ms == 0)
		a->sync_ms = clock_deadline_ms(a->fsync_ms);
	return true;
}

static bool
sync_file(struct audit *a)
{
	int error = audit_disk_sync(&a->disk);

	if (error != 0)
		count_failure(a, error);
	else
		a->sync_ms = 0;
	return error == 0;
}

/* Under the lock: what waits goes behind what an earlier round could not write. */
static void
take_waiting(struct audit *a)
{
	if (a->batch_at == a->batch.len) {
		struct buf empty = a->batch;

		a->batch = a->waiting;
		a->waiting = empty;
		a->batch_at = 0;
		buf_clear(&a->waiting);
		return;
	}
	size_t had = a->batch.len;

	buf_append_span(&a->batch, buf_span(&a->waiting));
	if (a->batch.failed == NOTAR_OK) {
		buf_clear(&a->waiting);
	} else {
		buf_cut(&a->batch, had);
		a->batch.failed = NOTAR_OK;
	}
}

/* Called and left with the lock held. */
static void
round_of_work(struct audit *a)
{
	uint64_t served = a->urged;
	bool urgent = served > a->urged_done || a->stopping;
	uint64_t failed = a->stats.failed;
	bool good = true;

	take_waiting(a);
	(void)pthread_mutex_unlock(&a->lock);
	while (good && a->batch_at < a->batch.len)
		good = write_chunk(a);
	bool due = a->sync_ms != 0 && clock_left_ms(a->sync_ms) == 0;

	if (urgent || due)
		good = sync_file(a) && good;
	a->retry_ms = good ? 0 : clock_deadline_ms(RETRY_MS);
	(void)pthread_mutex_lock(&a->lock);
	if (a->stats.failed == failed)
		a->stats.error = 0;
	if (!a->disk.unsynced)
		a->synced = a->written;
	a->urged_done = served;
	(void)pthread_cond_broadcast(&a->progress);
}

/* When the next round is due: 0 for now, INT64_MAX for never. */
static int64_t
next_round_ms(const struct audit *a)
{
	if (a->urged > a->urged_done || a->stopping)
		return 0;
	if (a->retry_ms != 0)
		return a->retry_ms;
	if (a->waiting.len > 0 || a->batch_at < a->batch.len)
		return 0;
	return a->sync_ms != 0 ? a->sync_ms : INT64_MAX;
}

void *
audit_thread(void *context)
{
	struct audit *a = context;
	bool last = false;

	(void)pthread_mutex_lock(&a->lock);
	while (!last) {
		int64_t at_ms = next_round_ms(a);
		struct timespec until = { .tv_sec = at_ms / 1000,
					  .tv_nsec = at_ms % 1000 * 1000000 };

		if (at_ms == INT64_MAX) {
			(void)pthread_cond_wait(&a->work, &a->lock);
		} else if (clock_left_ms(at_ms) > 0) {
			(void)pthread_cond_timedwait(&a->work, &a->lock, &until);
		} else {
			last = a->stopping;
			round_of_work(a);
		}
	}
	(void)pthread_mutex_unlock(&a->lock);
	return NULL;
}
