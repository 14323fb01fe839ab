/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_AUDIT_READ_H
#define BASE_AUDIT_READ_H

#include "base/audit.h"

/* Reading files of the audit log, from the start or from the end, in bounded memory. All of these
 * block on the disk and none of them takes the writer's lock. */

/* A file's lines in order. */
struct audit_lines;
void audit_lines_free(struct audit_lines *lines); /* NULL is allowed */
NOTAR_AUTO_DEFINE(audit_lines)

/* NOTAR_E_IO, also for what is not there or no regular file. */
NOTAR_MUST_USE enum notar_code
audit_lines_open(const char *path, struct audit_lines **out, struct notar_error *err);

/*
 * The next line without its newline, valid until the next call; line->ptr is NULL at the end.
 * NOTAR_E_LIMIT for a line over AUDIT_LINE_BYTES and NOTAR_E_FORMAT for a last line without its
 * newline, once it has had a moment to come (a writer may be at work): the call after goes on
 * behind it. NOTAR_E_IO ends it.
 */
NOTAR_MUST_USE enum notar_code
audit_lines_next(struct audit_lines *lines, struct span *line, struct notar_error *err);
/* The number of the line that the last call was about, from 1. */
uint64_t audit_lines_number(const struct audit_lines *lines);

/* A file's lines from the last one back. Owned by the caller; fd is borrowed. */
struct audit_back {
	int fd;
	uint64_t base; /* of the window, in the file */
	size_t top;    /* in the window: behind the newline of the next line */
	size_t torn;   /* bytes behind the last newline, when it was opened */
	struct buf window;
};
void audit_back_release(struct audit_back *back);

/* NOTAR_E_STORE when what is torn is longer than any one write of ours. */
NOTAR_MUST_USE enum notar_code
audit_back_open(int fd, struct audit_back *out, struct notar_error *err);
/* line->ptr is NULL at the start of the file. NOTAR_E_STORE for a line that is too long. */
NOTAR_MUST_USE enum notar_code
audit_back_next(struct audit_back *back, struct span *line, struct notar_error *err);

/*
 * The file that the log at name, in the folder dir, went on from: NAME.<20 digits>, the highest
 * number below `below`. Fills out with its name; out[0] is NUL when there is none.
 */
#define AUDIT_FILE_NAME_BYTES 256
NOTAR_MUST_USE enum notar_code
audit_find_rotated(int dir, const char *name, uint64_t below, char out[AUDIT_FILE_NAME_BYTES],
		   struct notar_error *err);

/* What a visitor says of a record. */
enum audit_visit {
	AUDIT_VISIT_TAKEN,   /* it counts */
	AUDIT_VISIT_SKIPPED, /* not asked for: does not count */
	AUDIT_VISIT_STOP,    /* nothing older is wanted */
};
typedef enum audit_visit
audit_visitor(void *context, const struct audit_record *record, struct span line);

#define AUDIT_LAST_MOST 1000    /* records taken */
#define AUDIT_LAST_LOOKED 50000 /* records looked at for them */

/*
 * Visits the last records of the log at path, newest first, on into the files it was rotated to,
 * until n (at most AUDIT_LAST_MOST) are taken, AUDIT_LAST_LOOKED were looked at, or the visitor
 * stops. A torn last line is passed over; no file at all is no record. Record and line are the
 * visitor's for the call only. NOTAR_E_STORE for a record that is damaged or out of the chain,
 * NOTAR_E_IO. May take a quarter of a second: not for an event loop.
 */
NOTAR_MUST_USE enum notar_code audit_last(const char *path, size_t n, audit_visitor *visit,
					  void *context, struct notar_error *err);

#endif
