/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/secret.h"

/* Files: bounded reads, atomic writes. All of these block on the disk. */

/* The whole regular file, at most cap bytes. NOTAR_E_NOT_FOUND, NOTAR_E_LIMIT, NOTAR_E_IO. */
NOTAR_MUST_USE enum notar_code
file_read(const char *path, size_t cap, struct buf *out, struct notar_error *err);

/* The same through guarded memory. "-" is not special. */
NOTAR_MUST_USE enum notar_code
file_read_secret(const char *path, size_t cap, struct secret *out, struct notar_error *err);

/* Everything fd still has, at most cap bytes. */
NOTAR_MUST_USE enum notar_code
file_read_fd(int fd, size_t cap, struct buf *out, struct notar_error *err);

enum file_mode {
	FILE_CREATE,  /* NOTAR_E_EXISTS when the path exists, as its final link finds it */
	FILE_REPLACE, /* atomically takes the place of what was there */
};

/*
 * Writes through a temporary file in the same folder: written, synced, then linked or renamed
 * into place, so that a reader sees the old bytes or all of the new ones. mode is the
 * permission bits (0600 for keys), never widened by an older file's.
 */
NOTAR_MUST_USE enum notar_code file_write_atomic(const char *path, struct span bytes, mode_t mode,
						 enum file_mode how, struct notar_error *err);

/* mkdir -p with mode for the new folders. */
NOTAR_MUST_USE enum notar_code
file_make_dirs(const char *path, mode_t mode, struct notar_error *err);

/* Closes and forgets a descriptor that leaves scope. */
void fd_release(int *fd);
#define NOTAR_AUTO_FD __attribute__((cleanup(fd_release))) int

#endif
