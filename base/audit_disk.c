/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define FILE_MODE 0640
#define FLAGS (O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)
#define NUMBERED_BYTES (AUDIT_FILE_NAME_BYTES + 24)

void
audit_disk_release(struct audit_disk *disk)
{
	fd_release(&disk->fd);
	fd_release(&disk->dir);
}

static enum notar_code
fail_errno(const char *doing, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_IO, "%s: %s", doing, strerrordesc_np(errno));
}

/* The folder stays open: a daemon may change its own. */
static enum notar_code
open_folder(const char *path, struct audit_disk *d, struct notar_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	NOTAR_AUTO_CHARS *folder = slash == NULL ?
					   span_dup(span_str(".")) :
					   span_dup(span_of(path, (size_t)(slash - path) + 1));

	if (folder == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
	/* Room for the number of a rotated file, and for ".new". */
	if (name[0] == '\0' || strlen(name) + 24 > AUDIT_FILE_NAME_BYTES)
		return notar_fail(err, NOTAR_E_USAGE, "not a file's name");
	memcpy(d->name, name, strlen(name) + 1);
	d->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->dir < 0 ? fail_errno("cannot open its folder", err) : NOTAR_OK;
}

static bool
is_this(const struct audit_disk *d, const char *name)
{
	struct stat own, other;

	return fstat(d->fd, &own) == 0 && fstatat(d->dir, name, &other, AT_SYMLINK_NOFOLLOW) == 0 &&
	       own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

/* Locked, and still the file of that name: a writer that rotates lets go of the old one. */
static enum notar_code
open_locked(struct audit_disk *d, struct notar_error *err)
{
	struct stat st;

	d->fd = openat(d->dir, d->name, FLAGS | O_CREAT, FILE_MODE);
	if (d->fd < 0 || fstat(d->fd, &st) != 0)
		return fail_errno("cannot open it", err);
	if (!S_ISREG(st.st_mode))
		return notar_fail(err, NOTAR_E_IO, "not a regular file");
	if (flock(d->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ?
			       notar_fail(err, NOTAR_E_EXISTS, "another process writes it") :
			       fail_errno("cannot lock it", err);
	if (!is_this(d, d->name) || fstat(d->fd, &st) != 0)
		return notar_fail(err, NOTAR_E_EXISTS, "another process writes it");
	d->size = (uint64_t)st.st_size;
	/* Its entry in the folder, too, shall survive a power cut. */
	return fsync(d->dir) == 0 ? NOTAR_OK : fail_errno("cannot sync its folder", err);
}

static enum notar_code
decode(struct span line, const char *which, struct audit_record *out, struct notar_error *err)
{
	if (audit_decode(line, out, err) == NOTAR_OK)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_STORE, "its %s record is damaged: %s", which,
			  err == NULL ? "" : err->msg);
}

/* Where the chain of the file fd stands. *torn bytes at its end are not part of it. */
static enum notar_code
read_last(int fd, struct audit_disk *d, size_t *torn, struct notar_error *err)
{
	NOTAR_AUTO_OF(audit_back) back = { 0 };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	struct span line;

	NOTAR_TRY(audit_back_open(fd, &back, err));
	*torn = back.torn;
	NOTAR_TRY(audit_back_next(&back, &line, err));
	if (line.ptr == NULL)
		return NOTAR_OK;
	NOTAR_TRY(decode(line, "last", &record, err));
	d->seq = record.seq;
	memcpy(d->hash, record.hash, sizeof(d->hash));
	return NOTAR_OK;
}

/* A file without a record goes on from the one that was rotated last. */
static enum notar_code
read_rotated(struct audit_disk *d, struct notar_error *err)
{
	char name[AUDIT_FILE_NAME_BYTES];
	size_t torn;

	NOTAR_TRY(audit_find_rotated(d->dir, d->name, UINT64_MAX, name, err));
	if (name[0] == '\0')
		return NOTAR_OK;
	NOTAR_AUTO_FD fd = openat(d->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return fail_errno(name, err);
	if (read_last(fd, d, &torn, err) != NOTAR_OK)
		return notar_context(err, "%s", name);
	return NOTAR_OK;
}

static enum notar_code
read_first(struct audit_disk *d, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) window = { .cap = AUDIT_LINE_BYTES };
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	size_t want = d->size < AUDIT_LINE_BYTES ? (size_t)d->size : AUDIT_LINE_BYTES;
	uint8_t *at = buf_extend(&window, want);

	if (at == NULL)
		return buf_finish(&window, "an audit record", err);
	if (pread(d->fd, at, want, 0) != (ssize_t)want)
		return fail_errno("cannot read it", err);
	NOTAR_TRY(decode(span_of(at, span_find(buf_span(&window), '\n')), "first", &record, err));
	d->first_seq = record.seq;
	return NOTAR_OK;
}

static const char *
numbered(const struct audit_disk *d, char out[NUMBERED_BYTES])
{
	(void)snprintf(out, NUMBERED_BYTES, "%s.%020llu", d->name,
		       (unsigned long long)d->first_seq);
	return out;
}

/* A crash in the middle of a rotation leaves one file with both names: who verifies the files
 * would read it twice. */
static enum notar_code
undo_rotation(const struct audit_disk *d, struct notar_error *err)
{
	char name[NUMBERED_BYTES];

	if (is_this(d, numbered(d, name)) && unlinkat(d->dir, name, 0) != 0)
		return fail_errno("cannot undo its rotation", err);
	return NOTAR_OK;
}

static enum notar_code
take_up(struct audit_disk *d, size_t *cut, struct notar_error *err)
{
	NOTAR_TRY(read_last(d->fd, d, cut, err));
	d->size -= *cut;
	if (*cut > 0 && (ftruncate(d->fd, (off_t)d->size) != 0 || fdatasync(d->fd) != 0))
		return fail_errno("cannot cut off its torn end", err);
	if (d->size == 0)
		return read_rotated(d, err);
	NOTAR_TRY(read_first(d, err));
	return undo_rotation(d, err);
}

enum notar_code
audit_disk_open(const char *path, uint64_t max_bytes, struct audit_disk *out, size_t *cut,
		struct notar_error *err)
{
	NOTAR_AUTO_OF(audit_disk) disk = { .dir = -1, .fd = -1, .max_bytes = max_bytes };

	if (open_folder(path, &disk, err) != NOTAR_OK || open_locked(&disk, err) != NOTAR_OK ||
	    take_up(&disk, cut, err) != NOTAR_OK)
		return notar_context(err, "%s", path);
	*out = disk;
	disk.dir = disk.fd = -1;
	return NOTAR_OK;
}

static int
name_full(const struct audit_disk *d)
{
	char name[NUMBERED_BYTES];

	if (linkat(d->dir, d->name, d->dir, numbered(d, name), 0) == 0)
		return 0;
	int failed = errno;

	return failed == EEXIST && is_this(d, name) ? 0 : failed;
}

/* The new file is locked before it has the name, and the name is never free in between: nobody
 * else can come to write. */
int
audit_disk_rotate(struct audit_disk *d)
{
	char name[NUMBERED_BYTES];

	if (d->max_bytes == 0 || d->size < d->max_bytes || d->torn)
		return 0;
	int failed = audit_disk_sync(d);

	if (failed != 0)
		return failed;
	(void)snprintf(name, sizeof(name), "%s.new", d->name);
	NOTAR_AUTO_FD fd = openat(d->dir, name, FLAGS | O_CREAT | O_TRUNC, FILE_MODE);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno;
	failed = name_full(d);
	if (failed != 0)
		return failed;
	if (renameat(d->dir, name, d->dir, d->name) != 0)
		return errno;
	(void)close(d->fd);
	d->fd = fd;
	fd = -1;
	d->size = d->first_seq = 0;
	return fsync(d->dir) == 0 ? 0 : errno;
}

int
audit_disk_write(struct audit_disk *d, struct span lines, uint64_t first_seq)
{
	size_t done = 0;

	if (d->torn && ftruncate(d->fd, (off_t)d->size) != 0)
		return errno;
	d->torn = false;
	while (done < lines.len) {
		ssize_t n = write(d->fd, lines.ptr + done, lines.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int failed = n < 0 ? errno : EIO;

			d->torn = done > 0 && ftruncate(d->fd, (off_t)d->size) != 0;
			return failed;
		}
		done += (size_t)n;
	}
	d->size += lines.len;
	d->unsynced = true;
	if (d->first_seq == 0)
		d->first_seq = first_seq;
	return 0;
}

int
audit_disk_sync(struct audit_disk *d)
{
	if (d->unsynced && fdatasync(d->fd) != 0)
		return errno;
	d->unsynced = false;
	return 0;
}
