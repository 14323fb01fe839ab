/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/file.h"

/* file_write_atomic: a temporary file in the same folder takes the place of the old one. */

#define TEMP_RANDOM_BYTES 12
#define TEMP_PREFIX ".notar-"
#define TEMP_NAME_BYTES (sizeof(TEMP_PREFIX) + 2 * (size_t)TEMP_RANDOM_BYTES)

/* An atomic write under way. The temporary file is gone again when it leaves scope, unless it
 * became the target. */
struct atomic_write {
	const char *path; /* for messages */
	const char *name; /* the last part of path */
	int dir_fd;
	int fd;
	char temp[TEMP_NAME_BYTES]; /* empty when there is none */
};

static void
atomic_write_release(struct atomic_write *w)
{
	fd_release(&w->fd);
	if (w->temp[0] != '\0')
		(void)unlinkat(w->dir_fd, w->temp, 0);
	fd_release(&w->dir_fd);
}

static enum notar_code
fail_errno(const struct atomic_write *w, const char *doing, struct notar_error *err)
{
	enum notar_code code = errno == EEXIST ? NOTAR_E_EXISTS :
			       errno == ENOENT ? NOTAR_E_NOT_FOUND :
						 NOTAR_E_IO;

	return notar_fail(err, code, "%s: cannot %s: %s", w->path, doing, strerrordesc_np(errno));
}

static enum notar_code
open_folder(struct atomic_write *w, struct notar_error *err)
{
	const char *slash = strrchr(w->path, '/');

	w->name = slash == NULL ? w->path : slash + 1;
	if (w->name[0] == '\0' || strcmp(w->name, ".") == 0 || strcmp(w->name, "..") == 0)
		return notar_fail(err, NOTAR_E_IO, "%s: not a file's name", w->path);
	/* "/name" lies in "/", "name" in ".". */
	size_t len = slash == NULL || slash == w->path ? 1 : (size_t)(slash - w->path);
	NOTAR_AUTO_CHARS *folder = span_dup(span_of(slash == NULL ? "." : w->path, len));
	if (folder == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
	w->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w->dir_fd < 0 ? fail_errno(w, "open its folder", err) : NOTAR_OK;
}

static enum notar_code
open_temp(struct atomic_write *w, mode_t mode, struct notar_error *err)
{
	uint8_t random[TEMP_RANDOM_BYTES];
	char name[TEMP_NAME_BYTES] = TEMP_PREFIX;

	randombytes_buf(random, sizeof(random));
	(void)hex_encode(span_of(random, sizeof(random)), name + strlen(TEMP_PREFIX));
	w->fd = openat(w->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (w->fd < 0)
		return fail_errno(w, "make a temporary file beside it", err);
	memcpy(w->temp, name, sizeof(name));
	return NOTAR_OK;
}

/* When root rewrites a user's file, it stays the user's. */
static enum notar_code
keep_owner(const struct atomic_write *w, struct notar_error *err)
{
	struct stat st;

	if (geteuid() != 0 || fstatat(w->dir_fd, w->name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode) || (st.st_uid == 0 && st.st_gid == getegid()))
		return NOTAR_OK;
	return fchown(w->fd, st.st_uid, st.st_gid) == 0 ? NOTAR_OK :
							  fail_errno(w, "keep its owner", err);
}

static enum notar_code
write_all(const struct atomic_write *w, struct span bytes, struct notar_error *err)
{
	while (bytes.len > 0) {
		ssize_t n = write(w->fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(w, "write", err);
		bytes = span_from(bytes, (size_t)n);
	}
	return fsync(w->fd) == 0 ? NOTAR_OK : fail_errno(w, "sync", err);
}

/* The kernel decides whether the name is free, in one step with taking it. */
static enum notar_code
link_new(struct atomic_write *w, struct notar_error *err)
{
	if (renameat2(w->dir_fd, w->temp, w->dir_fd, w->name, RENAME_NOREPLACE) == 0) {
		w->temp[0] = '\0';
		return NOTAR_OK;
	}
	/* Some file systems know no such rename; they know hard links. */
	if (errno != EINVAL && errno != ENOSYS)
		return fail_errno(w, "create", err);
	if (linkat(w->dir_fd, w->temp, w->dir_fd, w->name, 0) != 0)
		return fail_errno(w, "create", err);
	return NOTAR_OK;
}

static enum notar_code
put_in_place(struct atomic_write *w, enum file_mode how, struct notar_error *err)
{
	switch (how) {
	case FILE_CREATE:
		return link_new(w, err);
	case FILE_REPLACE:
		break;
	}
	if (renameat(w->dir_fd, w->temp, w->dir_fd, w->name) != 0)
		return fail_errno(w, "replace", err);
	w->temp[0] = '\0';
	return NOTAR_OK;
}

enum notar_code
file_write_atomic(const char *path, struct span bytes, mode_t mode, enum file_mode how,
		  struct notar_error *err)
{
	NOTAR_AUTO_OF(atomic_write) w = { .path = path, .dir_fd = -1, .fd = -1 };

	NOTAR_TRY(open_folder(&w, err));
	NOTAR_TRY(open_temp(&w, mode, err));
	if (how == FILE_REPLACE)
		NOTAR_TRY(keep_owner(&w, err));
	NOTAR_TRY(write_all(&w, bytes, err));
	NOTAR_TRY(put_in_place(&w, how, err));
	/* The name, too, must outlive a power cut. */
	return fsync(w.dir_fd) == 0 ? NOTAR_OK : fail_errno(&w, "sync its folder", err);
}
