/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_AUDIT_THREAD_H
#define BASE_AUDIT_THREAD_H

#include <pthread.h>

#include "base/audit_disk.h"
#include "base/audit_file.h"

/* What base/audit_file.c, where records come in, shares with the thread that writes them. */

#define AUDIT_ENTRY_HEAD_BYTES 12 /* of a queued record: time in ms (8), bytes of the body (4) */

struct audit {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, progress;

	/* Under the lock. Entries of waiting: time, length, body. */
	struct buf waiting;
	struct audit_stats stats;
	uint64_t appended, written, synced; /* records */
	uint64_t urged, urged_done;         /* audit_flush's rounds */
	bool stopping;

	/* The thread's own. */
	struct audit_disk disk;
	int fsync_ms;
	struct buf batch; /* entries that it has taken, from batch_at on not yet written */
	size_t batch_at;
	struct buf lines;
	int64_t retry_ms, sync_ms; /* deadlines; 0 for none */
};

void *audit_thread(void *context); /* a struct audit */

#endif
