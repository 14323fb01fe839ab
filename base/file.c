/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES (64U << 10)

void
fd_release(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

static enum notar_code
fail_errno(const char *doing, const char *path, struct notar_error *err)
{
	enum notar_code code = NOTAR_E_IO;

	if (errno == ENOENT || errno == ENOTDIR)
		code = NOTAR_E_NOT_FOUND;
	else if (errno == EEXIST)
		code = NOTAR_E_EXISTS;
	return notar_fail(err, code, "%s %s: %s", doing, path, strerrordesc_np(errno));
}

/* Opened without blocking, so that a FIFO in the place of a file cannot hold us up. */
static enum notar_code
open_regular(const char *path, size_t cap, int *out, size_t *size, struct notar_error *err)
{
	NOTAR_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail_errno("cannot open", path, err);
	if (!S_ISREG(st.st_mode))
		return notar_fail(err, NOTAR_E_IO, "%s: not a regular file", path);
	if ((uint64_t)st.st_size > cap)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: over %zu bytes", path, cap);
	*size = (size_t)st.st_size;
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

/* Up to len bytes; less only at the end of the file, -1 on error. */
static ssize_t
read_full(int fd, uint8_t *at, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, at + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* One byte more than cap is asked for: that is how an end at the cap is told from a longer
 * file. The first step fits a file of the expected size. */
static enum notar_code
read_rest(int fd, size_t expected, size_t cap, const char *name, struct buf *out,
	  struct notar_error *err)
{
	size_t start = out->len;
	size_t step = expected + 1;

	for (;;) {
		size_t had = out->len - start;
		uint8_t *at = buf_extend(out, step < cap - had ? step : cap - had);
		if (at == NULL)
			return buf_finish(out, name, err);
		size_t room = out->len - start - had;
		ssize_t n = read_full(fd, at, room);
		buf_cut(out, start + had + (n > 0 ? (size_t)n : 0));
		if (n < 0)
			return fail_errno("cannot read", name, err);
		if ((size_t)n < room)
			return NOTAR_OK;
		if (had + room == cap)
			break;
		step = READ_STEP_BYTES;
	}
	uint8_t more;
	ssize_t n = read_full(fd, &more, 1);
	if (n < 0)
		return fail_errno("cannot read", name, err);
	return n == 0 ? NOTAR_OK : notar_fail(err, NOTAR_E_LIMIT, "%s: over %zu bytes", name, cap);
}

static enum notar_code
read_or_restore(int fd, size_t expected, size_t cap, const char *name, struct buf *out,
		struct notar_error *err)
{
	size_t start = out->len;
	enum notar_code code = read_rest(fd, expected, cap, name, out, err);

	if (code != NOTAR_OK)
		buf_cut(out, start);
	return code;
}

enum notar_code
file_read(const char *path, size_t cap, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_FD fd = -1;
	size_t size = 0;

	NOTAR_TRY(open_regular(path, cap, &fd, &size, err));
	return read_or_restore(fd, size, cap, path, out, err);
}

enum notar_code
file_read_fd(int fd, size_t cap, struct buf *out, struct notar_error *err)
{
	return read_or_restore(fd, READ_STEP_BYTES - 1, cap, "input", out, err);
}

enum notar_code
file_read_secret(const char *path, size_t cap, struct secret *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) secret = { 0 };
	NOTAR_AUTO_FD fd = -1;
	size_t size = 0;

	NOTAR_TRY(open_regular(path, cap, &fd, &size, err));
	if (size == SIZE_MAX)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: too large", path);
	NOTAR_TRY(secret_alloc(size + 1, &secret, err));
	ssize_t n = read_full(fd, secret.ptr, size + 1);
	if (n < 0)
		return fail_errno("cannot read", path, err);
	if ((size_t)n > size)
		return notar_fail(err, NOTAR_E_IO, "%s: it grew while it was read", path);
	secret.len = (size_t)n;
	*out = secret;
	secret = (struct secret){ 0 };
	return NOTAR_OK;
}

static enum notar_code
make_dir(const char *path, mode_t mode, struct notar_error *err)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return NOTAR_OK;
	if (errno != EEXIST)
		return fail_errno("cannot make folder", path, err);
	if (stat(path, &st) != 0)
		return fail_errno("cannot look at", path, err);
	if (!S_ISDIR(st.st_mode))
		return notar_fail(err, NOTAR_E_IO, "%s: not a folder", path);
	return NOTAR_OK;
}

enum notar_code
file_make_dirs(const char *path, mode_t mode, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *copy = span_dup(span_str(path));

	if (copy == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
	/* Each prefix that ends before a slash, but not the root itself. */
	for (char *slash = strchr(copy, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		if (slash == copy || slash[-1] == '/')
			continue;
		*slash = '\0';
		NOTAR_TRY(make_dir(copy, mode, err));
		*slash = '/';
	}
	return make_dir(copy, mode, err);
}
