/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Confinement has no way back, so each question is a child's: it ends with 0 for "as it should". */
static char inside[64], outside[64];

typedef bool question(void);

static void
ask_confined(question *is_right)
{
	const char *const writable[] = { inside, "/nowhere", NULL };
	struct confine_result result = { 0 };
	struct notar_error err = { 0 };
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		bool ok = confine(CONFINE_AUTO, writable, &result, &err) == NOTAR_OK &&
			  result.no_new_privileges && result.seccomp;

		_exit(!ok ? 2 : is_right() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
make_file(const char *folder)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/file", folder);
	int fd = open(path, O_CREAT | O_RDWR, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 ? 0 : errno;
}

static bool
writes_inside(void)
{
	return make_file(inside) == 0;
}

static bool
does_not_write_outside(void)
{
	struct confine_result result = { 0 };
	struct notar_error err = { 0 };
	const char *const none[] = { NULL };

	/* Where the kernel has no Landlock there is nothing to see. */
	if (confine(CONFINE_REQUIRE, none, &result, &err) != NOTAR_OK)
		return result.landlock_abi == 0;
	return make_file(outside) == EACCES && make_file(inside) == EACCES;
}

static bool
reads_everywhere(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	return fd >= 0;
}

static bool
is_refused(long rc)
{
	return rc < 0 && errno == EPERM;
}

static bool
has_no_dangerous_calls(void)
{
	return is_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) &&
	       is_refused(unshare(CLONE_NEWUSER)) &&
	       is_refused(mount("none", inside, "tmpfs", 0, NULL)) && is_refused(chroot(inside));
}

static bool
has_no_writable_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && is_refused(mprotect(page, 4096, PROT_READ | PROT_EXEC)) &&
	       mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED;
}

static bool
has_no_odd_sockets(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EAFNOSUPPORT &&
	       socket(AF_ALG, SOCK_SEQPACKET, 0) < 0 && errno == EAFNOSUPPORT &&
	       socket(AF_INET, SOCK_STREAM, 0) >= 0 && socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool
runs_programs(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		(void)execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

#define ASKS(name)                                                                                 \
	static void it_##name(void **state)                                                        \
	{                                                                                          \
		(void)state;                                                                       \
		ask_confined(name);                                                                \
	}
ASKS(writes_inside)
ASKS(does_not_write_outside)
ASKS(reads_everywhere)
ASKS(has_no_dangerous_calls)
ASKS(has_no_writable_code)
ASKS(has_no_odd_sockets)
ASKS(runs_programs)

static int
make_folders(void **state)
{
	(void)state;
	(void)snprintf(inside, sizeof(inside), "/tmp/notar-in-XXXXXX");
	(void)snprintf(outside, sizeof(outside), "/tmp/notar-out-XXXXXX");
	return mkdtemp(inside) != NULL && mkdtemp(outside) != NULL ? 0 : -1;
}

static int
remove_folders(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/file", inside);
	(void)unlink(path);
	return rmdir(inside) == 0 && rmdir(outside) == 0 ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_writes_inside),
		cmocka_unit_test(it_does_not_write_outside),
		cmocka_unit_test(it_reads_everywhere),
		cmocka_unit_test(it_has_no_dangerous_calls),
		cmocka_unit_test(it_has_no_writable_code),
		cmocka_unit_test(it_has_no_odd_sockets),
		cmocka_unit_test(it_runs_programs),
	};
	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
