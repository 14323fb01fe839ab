/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/audit_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char folder[64];

int
audit_folder_enter(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/notar-audit-XXXXXX");
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int
remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

int
audit_folder_leave(void **state)
{
	(void)state;
	return chdir("/") != 0 || nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0;
}

struct audit *
audit_log_open(uint64_t max_file_bytes)
{
	struct audit *audit = NULL;
	struct notar_error err = { 0 };

	assert_int_equal(audit_open("log", max_file_bytes, 10, &audit, &err), NOTAR_OK);
	return audit;
}

void
audit_log_append(struct audit *audit, int64_t number)
{
	assert_true(AUDIT(audit, "decision", AUDIT_F_STR("image", "h/app:1"),
			  AUDIT_F_INT("number", number)));
}

void
audit_log_flush(struct audit *audit)
{
	struct notar_error err = { 0 };

	assert_int_equal(audit_flush(audit, &err), NOTAR_OK);
}

void
audit_log_write(int64_t from, int64_t to, uint64_t max_file_bytes)
{
	struct audit *audit = audit_log_open(max_file_bytes);

	for (int64_t i = from; i <= to; i++) {
		audit_log_append(audit, i);
		if (max_file_bytes > 0)
			audit_log_flush(audit); /* else one write may hold them all */
	}
	audit_log_flush(audit);
	audit_close(audit);
}

void
audit_log_spoil(const char *path, const void *bytes, size_t len)
{
	NOTAR_AUTO_FD fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, bytes, len), len);
}

off_t
audit_log_size(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}
