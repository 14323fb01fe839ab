/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define ROOM_BYTES ((size_t)2 * AUDIT_LINE_BYTES)
#define WAIT_US 50000 /* for the rest of a line that is being written */

struct audit_lines {
	int fd;
	uint64_t number;
	size_t at, len; /* what is not yet given of bytes */
	bool overlong;  /* inside of a line that is too long */
	uint8_t bytes[ROOM_BYTES];
};

void
audit_lines_free(struct audit_lines *lines)
{
	if (lines == NULL)
		return;
	fd_release(&lines->fd);
	free(lines);
}

/* O_NONBLOCK: a FIFO in the place of a file cannot hold us up. */
static enum notar_code
open_reading(const char *path, int *out, struct notar_error *err)
{
	NOTAR_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return notar_fail(err, NOTAR_E_IO, "cannot open %s: %s", path,
				  strerrordesc_np(errno));
	if (!S_ISREG(st.st_mode))
		return notar_fail(err, NOTAR_E_IO, "%s: not a regular file", path);
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

enum notar_code
audit_lines_open(const char *path, struct audit_lines **out, struct notar_error *err)
{
	NOTAR_AUTO(audit_lines) *lines = calloc(1, sizeof(*lines));

	if (lines == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for an audit file");
	lines->fd = -1;
	NOTAR_TRY(open_reading(path, &lines->fd, err));
	*out = NOTAR_TAKE(lines);
	return NOTAR_OK;
}

uint64_t
audit_lines_number(const struct audit_lines *lines)
{
	return lines->number;
}

/* More bytes behind those that are there; *got is 0 at the end of the file. */
static enum notar_code
fill(struct audit_lines *l, size_t *got, struct notar_error *err)
{
	ssize_t n;

	memmove(l->bytes, l->bytes + l->at, l->len - l->at);
	l->len -= l->at;
	l->at = 0;
	do {
		n = read(l->fd, l->bytes + l->len, sizeof(l->bytes) - l->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return notar_fail(err, NOTAR_E_IO, "cannot read: %s", strerrordesc_np(errno));
	l->len += (size_t)n;
	*got = (size_t)n;
	return NOTAR_OK;
}

/* Forgets the rest of a line that is too long, up to its newline or the end. */
static enum notar_code
skip_overlong(struct audit_lines *l, struct notar_error *err)
{
	while (l->overlong) {
		struct span have = span_of(l->bytes + l->at, l->len - l->at);
		size_t end = span_find(have, '\n');
		size_t got = 1;

		l->overlong = end == have.len;
		l->at += end + (l->overlong ? 0 : 1);
		if (l->overlong)
			NOTAR_TRY(fill(l, &got, err));
		if (got == 0)
			l->overlong = false;
	}
	return NOTAR_OK;
}

enum notar_code
audit_lines_next(struct audit_lines *l, struct span *line, struct notar_error *err)
{
	bool waited = false;

	NOTAR_TRY(skip_overlong(l, err));
	*line = (struct span){ 0 };
	for (;;) {
		struct span have = span_of(l->bytes + l->at, l->len - l->at);
		size_t end = span_find(have, '\n');
		size_t got = 0;

		if (end < have.len && end < AUDIT_LINE_BYTES) {
			*line = span_of(have.ptr, end);
			l->at += end + 1;
			l->number++;
			return NOTAR_OK;
		}
		if (have.len >= AUDIT_LINE_BYTES) {
			l->overlong = true;
			l->number++;
			return notar_fail(err, NOTAR_E_LIMIT, "over %u bytes", AUDIT_LINE_BYTES);
		}
		NOTAR_TRY(fill(l, &got, err));
		if (got > 0)
			continue;
		if (l->len == 0)
			return NOTAR_OK;
		if (waited) {
			l->number++;
			l->len = 0;
			return notar_fail(err, NOTAR_E_FORMAT,
					  "torn: the file ends inside of this line");
		}
		waited = true;
		(void)usleep(WAIT_US);
	}
}
