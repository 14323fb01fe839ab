/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit_file.h"

#include <signal.h>
#include <time.h>

#include "base/audit_thread.h"

static int64_t
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
audit_append(struct audit *a, const char *event, const struct audit_field *fields, size_t count)
{
	NOTAR_AUTO_OF(buf) body = { .cap = AUDIT_LINE_BYTES };
	bool good = audit_encode_body(&body, event, fields, count, NULL) == NOTAR_OK;
	size_t cost = AUDIT_ENTRY_HEAD_BYTES + body.len;

	(void)pthread_mutex_lock(&a->lock);
	size_t had = a->waiting.len;

	good = good && !a->stopping && a->stats.queued_bytes + cost <= AUDIT_QUEUE_BYTES;
	if (good) {
		/* The time is taken here, so that it grows as the numbers do. */
		buf_append_be(&a->waiting, (uint64_t)now_ms(), 8);
		buf_append_be(&a->waiting, body.len, 4);
		buf_append_span(&a->waiting, buf_span(&body));
		if (a->waiting.failed != NOTAR_OK) {
			buf_cut(&a->waiting, had);
			a->waiting.failed = NOTAR_OK;
			good = false;
		}
	}
	if (good) {
		a->stats.queued_bytes += cost;
		a->appended++;
	} else {
		a->stats.dropped++;
	}
	if (good && had == 0)
		(void)pthread_cond_signal(&a->work);
	(void)pthread_mutex_unlock(&a->lock);
	return good;
}

enum notar_code
audit_flush(struct audit *a, struct notar_error *err)
{
	(void)pthread_mutex_lock(&a->lock);
	uint64_t want = a->appended;
	uint64_t turn = ++a->urged;

	(void)pthread_cond_signal(&a->work);
	while (a->synced < want && a->urged_done < turn)
		(void)pthread_cond_wait(&a->progress, &a->lock);
	bool done = a->synced >= want;
	int error = a->stats.error;

	(void)pthread_mutex_unlock(&a->lock);
	if (done)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_IO, "the audit log cannot be written: %s",
			  strerrordesc_np(error));
}

struct audit_stats
audit_stats(struct audit *a)
{
	(void)pthread_mutex_lock(&a->lock);
	struct audit_stats stats = a->stats;

	(void)pthread_mutex_unlock(&a->lock);
	return stats;
}

static void
audit_free(struct audit *a)
{
	audit_disk_release(&a->disk);
	buf_release(&a->waiting);
	buf_release(&a->batch);
	buf_release(&a->lines);
	(void)pthread_cond_destroy(&a->work);
	(void)pthread_cond_destroy(&a->progress);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}

/* Signals are the program's: none is handled in this thread. */
static int
start_thread(struct audit *a)
{
	sigset_t every, before;

	(void)sigfillset(&every);
	(void)pthread_sigmask(SIG_SETMASK, &every, &before);
	int failed = pthread_create(&a->thread, NULL, audit_thread, a);

	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static struct audit *
audit_new(const struct audit_disk *disk, int fsync_ms)
{
	struct audit *a = calloc(1, sizeof(*a));
	pthread_condattr_t monotonic;

	if (a == NULL)
		return NULL;
	a->disk = *disk;
	a->fsync_ms = fsync_ms < 0 ? 0 : fsync_ms;
	a->stats.last_seq = disk->seq;
	(void)pthread_mutex_init(&a->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&a->work, &monotonic);
	(void)pthread_cond_init(&a->progress, NULL);
	(void)pthread_condattr_destroy(&monotonic);
	return a;
}

enum notar_code
audit_open(const char *path, uint64_t max_file_bytes, int fsync_ms, struct audit **out,
	   struct notar_error *err)
{
	struct audit_disk disk;
	size_t cut = 0;

	NOTAR_TRY(audit_disk_open(path, max_file_bytes, &disk, &cut, err));
	struct audit *a = audit_new(&disk, fsync_ms);

	if (a == NULL) {
		audit_disk_release(&disk);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for the audit log");
	}
	if (start_thread(a) != 0) {
		audit_free(a);
		return notar_fail(err, NOTAR_E_IO, "no thread for the audit log");
	}
	if (cut > 0 && !AUDIT(a, "recovered", AUDIT_F_INT("bytes", (int64_t)cut))) {
		audit_close(a);
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for the audit log");
	}
	*out = a;
	return NOTAR_OK;
}

void
audit_close(struct audit *a)
{
	if (a == NULL)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->stopping = true;
	(void)pthread_cond_signal(&a->work);
	(void)pthread_mutex_unlock(&a->lock);
	(void)pthread_join(a->thread, NULL);
	audit_free(a);
}
