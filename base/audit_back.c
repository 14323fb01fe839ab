/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/audit_read.h"
#include "base/file.h"

/* The audit log read from its end, on into the files that it was rotated to. */

#define WINDOW_BYTES ((size_t)4 * AUDIT_LINE_BYTES)
#define NUMBER_CHARS 20 /* in the name of a rotated file */

void
audit_back_release(struct audit_back *back)
{
	buf_release(&back->window);
}

/* The window is what stands before `end` in the file. */
static enum notar_code
load(struct audit_back *b, uint64_t end, struct notar_error *err)
{
	size_t want = end < WINDOW_BYTES ? (size_t)end : WINDOW_BYTES;
	size_t got = 0;

	buf_clear(&b->window);
	uint8_t *at = buf_extend(&b->window, want);

	b->base = end - want;
	if (at == NULL && want > 0)
		return buf_finish(&b->window, "an audit file", err);
	while (got < want) {
		ssize_t n = pread(b->fd, at + got, want - got, (off_t)(b->base + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return notar_fail(err, NOTAR_E_IO, "cannot read: %s",
					  strerrordesc_np(errno));
		if (n == 0)
			return notar_fail(err, NOTAR_E_IO, "it was cut while it was read");
		got += (size_t)n;
	}
	b->top = want;
	return NOTAR_OK;
}

/* Behind the last newline of the first `len` bytes of the window; 0 when there is none. */
static size_t
behind_newline(const struct audit_back *b, size_t len)
{
	const uint8_t *hit = len == 0 ? NULL : memrchr(b->window.ptr, '\n', len);

	return hit == NULL ? 0 : (size_t)(hit - b->window.ptr) + 1;
}

enum notar_code
audit_back_open(int fd, struct audit_back *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(audit_back) back = { .fd = fd, .window = { .cap = WINDOW_BYTES } };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return notar_fail(err, NOTAR_E_IO, "cannot look at it: %s", strerrordesc_np(errno));
	NOTAR_TRY(load(&back, (uint64_t)st.st_size, err));
	back.top = behind_newline(&back, back.window.len);
	back.torn = back.window.len - back.top;
	if (back.top == 0 && back.base > 0)
		return notar_fail(err, NOTAR_E_STORE, "no line in its last %zu bytes",
				  back.window.len);
	*out = back;
	back.window = (struct buf){ 0 };
	return NOTAR_OK;
}

enum notar_code
audit_back_next(struct audit_back *b, struct span *line, struct notar_error *err)
{
	*line = (struct span){ 0 };
	if (b->top == 0 && b->base == 0)
		return NOTAR_OK;
	size_t start = b->top == 0 ? 0 : behind_newline(b, b->top - 1);

	if (start == 0 && b->base > 0) {
		NOTAR_TRY(load(b, b->base + b->top, err));
		start = behind_newline(b, b->top - 1);
	}
	if (b->top - start > AUDIT_LINE_BYTES)
		return notar_fail(err, NOTAR_E_STORE, "a line over %u bytes", AUDIT_LINE_BYTES);
	*line = span_of(b->window.ptr + start, b->top - start - 1);
	b->top = start;
	return NOTAR_OK;
}

/* The number of NAME.<20 digits>; 0 for any other name. */
static uint64_t
rotated_number(const char *entry, const char *name)
{
	size_t len = strlen(name);
	uint64_t number = 0;

	if (strncmp(entry, name, len) != 0 || entry[len] != '.' ||
	    strlen(entry + len + 1) != NUMBER_CHARS ||
	    strspn(entry + len + 1, "0123456789") != NUMBER_CHARS)
		return 0;
	for (const char *digit = entry + len + 1; *digit != '\0'; digit++) {
		if (number > (UINT64_MAX - 9) / 10)
			return 0;
		number = number * 10 + (uint64_t)(*digit - '0');
	}
	return number;
}

enum notar_code
audit_find_rotated(int dir, const char *name, uint64_t below, char out[AUDIT_FILE_NAME_BYTES],
		   struct notar_error *err)
{
	NOTAR_AUTO_FD fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	uint64_t most = 0;

	out[0] = '\0';
	if (stream == NULL)
		return notar_fail(err, NOTAR_E_IO, "cannot list the audit log's folder: %s",
				  strerrordesc_np(errno));
	fd = -1; /* the stream's now */
	for (struct dirent *e = readdir(stream); e != NULL; e = readdir(stream)) {
		uint64_t number = rotated_number(e->d_name, name);

		if (number <= most || number >= below)
			continue;
		most = number;
		memcpy(out, e->d_name, strlen(e->d_name) + 1);
	}
	(void)closedir(stream);
	return NOTAR_OK;
}

struct last {
	int dir;
	const char *name;
	size_t wanted, looked;
	bool stopped;
	audit_visitor *visit;
	void *context;
	bool started;
	uint64_t seq; /* of the record visited last, and what it is chained to */
	uint8_t prev[SHA256_BYTES];
};

static enum notar_code
visit_line(struct last *l, struct span line, struct notar_error *err)
{
	NOTAR_AUTO_OF(audit_record) record = { 0 };

	if (audit_decode(line, &record, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_STORE, "%s", err == NULL ? "" : err->msg);
	if (l->started &&
	    (record.seq + 1 != l->seq || memcmp(record.hash, l->prev, sizeof(l->prev)) != 0))
		return notar_fail(err, NOTAR_E_STORE, "record %llu is not chained to record %llu",
				  (unsigned long long)l->seq, (unsigned long long)record.seq);
	l->started = true;
	l->seq = record.seq;
	memcpy(l->prev, record.prev, sizeof(l->prev));
	l->looked++;
	switch (l->visit(l->context, &record, line)) {
	case AUDIT_VISIT_TAKEN:
		l->wanted--;
		break;
	case AUDIT_VISIT_SKIPPED:
		break;
	case AUDIT_VISIT_STOP:
		l->stopped = true;
		break;
	}
	l->stopped = l->stopped || l->wanted == 0 || l->looked == AUDIT_LAST_LOOKED;
	return NOTAR_OK;
}

static enum notar_code
visit_file(struct last *l, const char *name, struct notar_error *err)
{
	NOTAR_AUTO_OF(audit_back) back = { 0 };
	NOTAR_AUTO_FD fd = openat(l->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct span line;

	if (fd < 0 && errno == ENOENT)
		return NOTAR_OK;
	if (fd < 0)
		return notar_fail(err, NOTAR_E_IO, "cannot open it: %s", strerrordesc_np(errno));
	NOTAR_TRY(audit_back_open(fd, &back, err));
	while (!l->stopped) {
		NOTAR_TRY(audit_back_next(&back, &line, err));
		if (line.ptr == NULL)
			break;
		NOTAR_TRY(visit_line(l, line, err));
	}
	return NOTAR_OK;
}

static enum notar_code
visit_files(struct last *l, struct notar_error *err)
{
	char name[AUDIT_FILE_NAME_BYTES];

	if (visit_file(l, l->name, err) != NOTAR_OK)
		return notar_context(err, "%s", l->name);
	while (!l->stopped) {
		/* A file that was rotated meanwhile is named by its own first record. */
		uint64_t below = l->started ? l->seq : UINT64_MAX;

		NOTAR_TRY(audit_find_rotated(l->dir, l->name, below, name, err));
		if (name[0] == '\0')
			break;
		if (visit_file(l, name, err) != NOTAR_OK)
			return notar_context(err, "%s", name);
		if (!l->started || l->seq >= below)
			break;
	}
	return NOTAR_OK;
}

enum notar_code
audit_last(const char *path, size_t n, audit_visitor *visit, void *context, struct notar_error *err)
{
	struct last last = { .wanted = n < AUDIT_LAST_MOST ? n : AUDIT_LAST_MOST,
			     .visit = visit,
			     .context = context };
	const char *slash = strrchr(path, '/');
	NOTAR_AUTO_CHARS *folder = slash == NULL ?
					   span_dup(span_str(".")) :
					   span_dup(span_of(path, (size_t)(slash - path) + 1));

	if (folder == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
	NOTAR_AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return notar_fail(err, NOTAR_E_IO, "cannot open %s: %s", folder,
				  strerrordesc_np(errno));
	last.dir = dir;
	last.name = slash == NULL ? path : slash + 1;
	last.stopped = last.wanted == 0;
	return visit_files(&last, err);
}
