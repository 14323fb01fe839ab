/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_AUDIT_DISK_H
#define BASE_AUDIT_DISK_H

#include "base/audit_read.h"

/* The file under base/audit_file.c: opening, whole-line appends, rotation. One thread at a time. */
struct audit_disk {
	int dir, fd;
	char name[AUDIT_FILE_NAME_BYTES];
	uint64_t max_bytes;
	uint64_t size;      /* of the file, whole lines only */
	uint64_t first_seq; /* of the file; 0 while it is empty */
	uint64_t seq;       /* of the last record, here or in the file before */
	uint8_t hash[SHA256_BYTES];
	bool torn;     /* a failed write left bytes behind size */
	bool unsynced; /* something was written since the last sync */
};

void audit_disk_release(struct audit_disk *disk);

/* *cut gets the bytes of a torn last line that were cut off. Codes as audit_open's. */
NOTAR_MUST_USE enum notar_code
audit_disk_open(const char *path, uint64_t max_bytes, struct audit_disk *out, size_t *cut,
		struct notar_error *err);

/* These give 0 or an errno. */

/* A new file when the present one is full. Also after a failure there is a file to write. */
int audit_disk_rotate(struct audit_disk *disk);
/* All of the lines or, when it fails, none of them. first_seq is theirs. */
int audit_disk_write(struct audit_disk *disk, struct span lines, uint64_t first_seq);
int audit_disk_sync(struct audit_disk *disk);

#endif
