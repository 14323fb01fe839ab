/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_AUDIT_FILE_H
#define BASE_AUDIT_FILE_H

#include "base/audit.h"

/*
 * The audit log's writer: one file, one process (flock), one thread of its own that numbers,
 * chains, writes and syncs. Who appends never waits for the disk.
 *
 * What is on the disk is whole lines: a write that fails is cut back, and what it held stays in
 * the queue and is tried again every 100 ms while more comes. A crash can tear the last line only;
 * the next audit_open cuts it off and says so in a record "recovered" with the bytes it cut.
 *
 * A file that has reached max_file_bytes is named NAME.<number of its first record, 20 digits>
 * before the next record is written; the new file's first record is chained to its last.
 *
 * The thread makes these system calls: write, fdatasync, fsync, ftruncate, openat, flock, linkat,
 * renameat, fstat, newfstatat, close, futex.
 */
struct audit;

#define AUDIT_QUEUE_BYTES (8U << 20) /* of records that are not written yet */

struct audit_stats {
	uint64_t written; /* records in the file since audit_open */
	uint64_t dropped; /* audit_append said false */
	uint64_t failed; /* writes, syncs and rotations that failed; what was to be written waits */
	uint64_t last_seq;
	uint64_t queued_bytes;
	int error; /* errno of the failure that lasts; 0 when there is none */
};

/*
 * Opens or makes (mode 0640) the log at path, whose folder must exist, and starts the thread.
 *
 * max_file_bytes  when a file is rotated; 0 for never
 * fsync_ms        the longest a written record waits for fdatasync; 0 syncs after each batch
 *
 * NOTAR_E_STORE when the first or the last record there is damaged; NOTAR_E_EXISTS when somebody
 * else writes it; NOTAR_E_IO, also for a symbolic link. Blocks on the disk.
 */
NOTAR_MUST_USE enum notar_code audit_open(const char *path, uint64_t max_file_bytes, int fsync_ms,
					  struct audit **out, struct notar_error *err);

/* Writes what waits, unless the disk fails, and frees. NULL is allowed. No other call may run. */
void audit_close(struct audit *audit);

/*
 * Queues a record, with the time of now. From any thread; never blocks on the disk. Records get
 * their numbers in the order in which they come here. False when the queue is full, when there is
 * no memory, or for what audit_encode_body refuses: then there is no record of it.
 */
NOTAR_MUST_USE bool audit_append(struct audit *audit, const char *event,
				 const struct audit_field *fields, size_t count);

#define AUDIT(audit, event, ...)                                                                   \
	audit_append((audit), (event), (const struct audit_field[]){ __VA_ARGS__ },                \
		     sizeof((const struct audit_field[]){ __VA_ARGS__ }) /                         \
			     sizeof(struct audit_field))

/* Waits until every record appended before is written and synced, or one attempt at that has
 * failed: NOTAR_E_IO then, and the records still wait. */
NOTAR_MUST_USE enum notar_code audit_flush(struct audit *audit, struct notar_error *err);

/* From any thread. */
struct audit_stats audit_stats(struct audit *audit);

#endif
