/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "tests/lib/child.h"
#include "verifier/confine.h"

#define NO_FILTERS_HERE 77

static void
skip_without(int status)
{
	if (status != NO_FILTERS_HERE)
		return;
	print_message("this kernel takes no seccomp filter: NOTHING WAS TRIED\n");
	skip();
}

static void
call(long number)
{
	if (!seccomp_confine())
		_exit(NO_FILTERS_HERE);
	(void)syscall((int)number, 0, 0, 0, 0, 0, 0);
}

static void
what_only_an_attacker_calls_ends_the_process(void **state)
{
	static const char *const names[] = {
		"ptrace",
		"process_vm_readv",
		"process_vm_writev",
		"bpf",
		"kexec_load",
		"init_module",
		"finit_module",
		"delete_module",
		"mount",
		"umount2",
		"pivot_root",
		"open_tree",
		"move_mount",
		"fsopen",
		"mount_setattr",
		"keyctl",
		"add_key",
		"request_key",
		"userfaultfd",
		"perf_event_open",
		"io_uring_setup",
		"io_uring_enter",
		"setns",
		"chroot",
		"open_by_handle_at",
	};

	(void)state;
	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		int status = status_of(call, seccomp_syscall_resolve_name(names[i]));

		skip_without(status);
		if (status != 128 + SIGSYS)
			print_message("%s: status %d\n", names[i], status);
		assert_int_equal(status, 128 + SIGSYS);
	}
}

static void
ask_for_more(long argument)
{
	uint64_t words[11] = { CLONE_NEWUSER };
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	(void)argument;
	if (!seccomp_confine())
		_exit(NO_FILTERS_HERE);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);

	MUST(page != MAP_FAILED);
	REFUSED(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM);
	REFUSED((intptr_t)mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, flags, -1, 0), EPERM);
	REFUSED(unshare(CLONE_NEWUSER), EPERM);
	REFUSED(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
	REFUSED(syscall(SYS_clone3, words, sizeof(words)), ENOSYS);
	REFUSED(syscall(511), ENOSYS);
	REFUSED(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
	REFUSED(socket(AF_NETLINK, SOCK_RAW, 12), EPERM);
	REFUSED(ioctl(0, TIOCSTI, "x"), EPERM);
	REFUSED(chown("/", 1, 1), EPERM);
	REFUSED(setuid(1), EPERM);
	REFUSED(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), EPERM);
}

static void
namespaces_code_in_data_and_raw_sockets_are_refused(void **state)
{
	(void)state;
	int status = status_of(ask_for_more, 0);

	skip_without(status);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_only_an_attacker_calls_ends_the_process),
		cmocka_unit_test(namespaces_code_in_data_and_raw_sockets_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
