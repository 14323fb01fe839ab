/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/child.h"

/* The tests' folder: "in" may be written to, "sockets" hold sockets, "out" is outside. */
static char root[] = "/tmp/notar-confine-XXXXXX";

static enum notar_code
confine(enum confine_mode mode, struct confinement *made)
{
	static const char *const writable[] = { "in", NULL }, *const sockets[] = { "sockets" };
	const struct confine_options options = { .mode = mode,
						 .writable = writable,
						 .writable_count = NOTAR_COUNT(writable),
						 .socket_folders = sockets,
						 .socket_folder_count = 1 };
	struct notar_error err = { 0 };

	return confine_process(&options, made, &err);
}

static struct confinement
confined(void)
{
	struct confinement made;

	MUST(confine(CONFINE_AUTO, &made) == NOTAR_OK);
	return made;
}

static void
need_landlock(void)
{
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0)
		return;
	print_message("this kernel has no Landlock: NOTHING WAS TRIED\n");
	skip();
}

static int
bind_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return bind(fd, (const struct sockaddr *)(const void *)&address, sizeof(address));
}

static void
write_outside(long argument)
{
	struct confinement made = confined();

	(void)argument;
	REFUSED(open("out/new", O_WRONLY | O_CREAT, 0600), EACCES);
	REFUSED(open("out/file", O_WRONLY), EACCES);
	REFUSED(open("sockets/new", O_WRONLY | O_CREAT, 0600), EACCES);
	REFUSED(unlink("out/file"), EACCES);
	REFUSED(mkdir("out/folder", 0700), EACCES);
	REFUSED(symlink("file", "in/link"), EACCES);
	REFUSED(bind_at("out/socket"), EACCES);
	MUST(made.landlock < 3 || (truncate("out/file", 0) == -1 && errno == EACCES));
	MUST(open("out/file", O_RDONLY) >= 0);
	MUST(shell("echo x >out/file") != 0);
}

static void
nothing_is_written_outside(void **state)
{
	(void)state;
	need_landlock();
	assert_int_equal(status_of(write_outside, 0), 0);
}

static void
write_inside(long argument)
{
	(void)argument;
	(void)confined();
	MUST(close(open("in/file", O_RDWR | O_CREAT, 0600)) == 0);
	MUST(mkdir("in/folder", 0700) == 0);
	MUST(rename("in/file", "in/folder/file") == 0);
	MUST(truncate("in/folder/file", 1) == 0 && chmod("in/folder/file", 0644) == 0);
	MUST(unlink("in/folder/file") == 0 && rmdir("in/folder") == 0);
	MUST(bind_at("sockets/s") == 0 && unlink("sockets/s") == 0);
	MUST(open("/dev/null", O_WRONLY | O_TRUNC) >= 0);
	MUST(shell("echo x >in/said && test x = \"$(cat in/said)\" && rm in/said") == 0);
}

static void
the_state_folder_the_sockets_and_dev_null_are_written_to(void **state)
{
	(void)state;
	assert_int_equal(status_of(write_inside, 0), 0);
}

static void *
nothing(void *argument)
{
	return argument;
}

static void
look_at_rights(long argument)
{
	struct rlimit core = { 1, 1 };
	struct confinement made = confined();
	pthread_t thread;

	(void)argument;
	MUST(made.no_new_privs && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	MUST(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
	MUST(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	MUST(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0);
	/* Of this thread and of what it runs. */
	MUST(shell("grep -q '^CapEff:.0*$' /proc/self/status && "
		   "grep -q '^CapPrm:.0*$' /proc/self/status && "
		   "grep -q '^NoNewPrivs:.1$' /proc/self/status") == 0);
}

static void
no_rights_are_left_and_none_are_gained(void **state)
{
	(void)state;
	assert_int_equal(status_of(look_at_rights, 0), 0);
}

static void
make_missing(int number)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	MUST(filter != NULL && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	MUST(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0) == 0);
	MUST(seccomp_load(filter) == 0);
	seccomp_release(filter);
}

static void
require_without(long number)
{
	struct confinement made;

	make_missing((int)number);
	MUST(confine(CONFINE_REQUIRE, &made) == NOTAR_E_UNSUPPORTED);
}

static void
take_what_there_is_without(long number)
{
	make_missing((int)number);
	struct confinement made = confined();

	MUST(number == SYS_seccomp ? !made.seccomp : made.seccomp && made.landlock == 0);
}

static void
an_old_kernel_is_enough_unless_confinement_is_required(void **state)
{
	static const int missing[] = { SYS_landlock_create_ruleset, SYS_seccomp };

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(missing); i++) {
		assert_int_equal(status_of(require_without, missing[i]), 0);
		assert_int_equal(status_of(take_what_there_is_without, missing[i]), 0);
	}
}

static void
stay_free(long argument)
{
	struct confinement made = { .seccomp = true, .landlock = 1 };

	(void)argument;
	MUST(confine(CONFINE_OFF, &made) == NOTAR_OK);
	MUST(!made.no_new_privs && !made.seccomp && made.landlock == 0);
	MUST(shell("echo x >out/free && rm out/free") == 0);
	MUST(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
}

static void
off_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(status_of(stay_free, 0), 0);
}

static int
make_folders(void **state)
{
	(void)state;
	return mkdtemp(root) == NULL || chdir(root) != 0 || mkdir("in", 0700) != 0 ||
	       mkdir("out", 0700) != 0 || mkdir("sockets", 0700) != 0 ||
	       close(open("out/file", O_WRONLY | O_CREAT, 0600)) != 0;
}

static int
remove_folders(void **state)
{
	(void)state;
	return unlink("out/file") != 0 || rmdir("in") != 0 || rmdir("out") != 0 ||
	       rmdir("sockets") != 0 || rmdir(root) != 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_written_outside),
		cmocka_unit_test(the_state_folder_the_sockets_and_dev_null_are_written_to),
		cmocka_unit_test(no_rights_are_left_and_none_are_gained),
		cmocka_unit_test(an_old_kernel_is_enough_unless_confinement_is_required),
		cmocka_unit_test(off_changes_nothing),
	};
	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
