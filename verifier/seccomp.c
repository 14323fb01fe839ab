/* SPDX-License-Identifier: Apache-2.0 */
#include <asm/termbits.h>
#include <errno.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/own.h"
#include "verifier/confine.h"

/*
 * The filter of notard and of the credential helpers that it runs. What is named is allowed: what
 * strace(1) saw of the daemon under its tests and of helpers in shell, Python and C, their
 * variants on other machines, and what Go's runtime wants. What is not named is refused with
 * EPERM, and what only an attacker would call ends the process. Names that this machine does not
 * have are passed over; a line holds several.
 */
static const char *const allowed[] = {
	/* memory; mmap and mprotect have rules of their own */
	"brk munmap mremap madvise mlock mlock2 munlock msync mincore membarrier memfd_create",
	"get_mempolicy cacheflush riscv_flush_icache",
	/* threads and processes; clone has a rule of its own */
	"futex futex_time64 futex_waitv set_robust_list get_robust_list rseq set_tid_address",
	"set_thread_area get_thread_area arch_prctl set_tls fork vfork execve execveat exit",
	"exit_group wait4 waitid waitpid sched_yield sched_getaffinity sched_getparam",
	"sched_getscheduler sched_get_priority_max sched_get_priority_min getcpu",
	"restart_syscall pidfd_open pidfd_send_signal capget seccomp landlock_create_ruleset",
	"landlock_add_rule landlock_restrict_self",
	/* who we are; not changing it */
	"getpid getppid gettid getpgid getpgrp getsid setsid setpgid getuid geteuid getgid",
	"getegid getresuid getresgid getgroups getuid32 geteuid32 getgid32 getegid32",
	"getresuid32 getresgid32 getgroups32 uname sysinfo getrusage times getrlimit ugetrlimit",
	"setrlimit prlimit64 getpriority umask getrandom",
	/* signals */
	"rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait",
	"rt_sigtimedwait_time64 rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack signalfd",
	"signalfd4 sigaction sigprocmask sigreturn sigpending sigsuspend signal kill tkill",
	"tgkill pause",
	/* time; not setting it */
	"clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep",
	"clock_nanosleep_time64 nanosleep gettimeofday time alarm getitimer setitimer",
	"timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime",
	"timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime",
	"timerfd_settime64",
	/* descriptors */
	"read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek",
	"close close_range dup dup2 dup3 fcntl fcntl64 flock pipe pipe2 eventfd eventfd2 poll",
	"ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create",
	"epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 sendfile sendfile64 splice",
	"tee copy_file_range fsync fdatasync sync_file_range sync_file_range2 fallocate",
	"ftruncate ftruncate64 fadvise64 fadvise64_64 arm_fadvise64_64 readahead",
	/* files: Landlock and the modes say which */
	"open openat openat2 creat access faccessat faccessat2 stat stat64 fstat fstat64 lstat",
	"lstat64 newfstatat fstatat64 statx statfs statfs64 fstatfs fstatfs64 getdents",
	"getdents64 getcwd chdir fchdir readlink readlinkat mkdir mkdirat rmdir unlink unlinkat",
	"rename renameat renameat2 link linkat symlink symlinkat truncate truncate64 chmod",
	"fchmod fchmodat utime utimes utimensat utimensat_time64 futimesat getxattr lgetxattr",
	"fgetxattr listxattr llistxattr flistxattr inotify_init inotify_init1 inotify_add_watch",
	"inotify_rm_watch",
	/* network; socket and socketpair have rules of their own */
	"bind connect listen accept accept4 shutdown getsockname getpeername getsockopt",
	"setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64",
};

static const char *const deadly[] = {
	/* other processes, and the kernel itself */
	"ptrace process_vm_readv process_vm_writev process_madvise kcmp bpf kexec_load",
	"kexec_file_load init_module finit_module delete_module create_module perf_event_open",
	"userfaultfd io_uring_setup io_uring_enter io_uring_register lookup_dcookie",
	"fanotify_init modify_ldt vm86 vm86old",
	/* the machine */
	"mount umount umount2 pivot_root chroot move_mount open_tree fsopen fsmount fsconfig",
	"fspick mount_setattr setns swapon swapoff reboot iopl ioperm acct quotactl quotactl_fd",
	"settimeofday clock_settime clock_settime64 stime adjtimex clock_adjtime",
	"clock_adjtime64 syslog sethostname setdomainname vhangup nfsservctl open_by_handle_at",
	/* the kernel's own keyrings */
	"keyctl add_key request_key",
};

/* Calls newer than this list are answered as by a kernel that lacks them, so that a C library
 * that tries a new one first falls back on the old. Their numbers are the same everywhere. */
#define FIRST_NEWER 440
#define LAST_NEWER 511

#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)
#ifdef __s390x__
#define CLONE_FLAGS_AT 1
#else
#define CLONE_FLAGS_AT 0
#endif

/* Negative numbers: another machine's, or newer than the library. */
static bool
add_name(scmp_filter_ctx filter, uint32_t action, const char *text, size_t len)
{
	char name[32];

	if (len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	name[len] = '\0';
	int number = seccomp_syscall_resolve_name(name);

	return number < 0 || seccomp_rule_add(filter, action, number, 0) == 0;
}

static bool
add_names(scmp_filter_ctx filter, uint32_t action, const char *const lines[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (const char *at = lines[i]; *at != '\0';) {
			size_t len = strcspn(at, " ");

			if (!add_name(filter, action, at, len))
				return false;
			at += len + strspn(at + len, " ");
		}
	}
	return true;
}

static bool
allow_if(scmp_filter_ctx filter, int number, struct scmp_arg_cmp condition)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, condition) == 0;
}

/* No memory that is written to and then run. */
static bool
add_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_write = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE, 0);
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const int maps[] = { SCMP_SYS(mmap), SCMP_SYS(mmap2) };

	for (size_t i = 0; i < NOTAR_COUNT(maps); i++)
		if (maps[i] >= 0 &&
		    (!allow_if(filter, maps[i], no_write) || !allow_if(filter, maps[i], no_exec)))
			return false;
	return allow_if(filter, SCMP_SYS(mprotect), no_exec);
}

/* Threads and processes, no namespaces: with one of its own a process is root towards the kernel.
 * clone3 keeps its flags where no filter sees them, so there is none. */
static bool
add_processes(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp none =
		SCMP_CMP(CLONE_FLAGS_AT, SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0);
	static const unsigned options[] = {
		PR_SET_PDEATHSIG,    PR_GET_PDEATHSIG, PR_GET_DUMPABLE,    PR_SET_NAME,
		PR_GET_NAME,         PR_CAPBSET_READ,  PR_GET_SECCOMP,     PR_SET_SECCOMP,
		PR_SET_NO_NEW_PRIVS, PR_SET_VMA,       PR_SET_THP_DISABLE, PR_GET_NO_NEW_PRIVS
	};

	for (size_t i = 0; i < NOTAR_COUNT(options); i++)
		if (!allow_if(filter, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, options[i])))
			return false;
	return allow_if(filter, SCMP_SYS(clone), none) &&
	       seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

/* AF_NETLINK's protocol 0 tells getaddrinfo(3) which addresses the machine has. */
static bool
add_network(scmp_filter_ctx filter)
{
	static const unsigned families[] = { AF_UNIX, AF_INET, AF_INET6 };
	static const unsigned requests[] = {
		TCGETS,   TIOCGWINSZ,  TIOCGPGRP,   FIONREAD,     FIONBIO,     FIOCLEX,
		FIONCLEX, SIOCGIFNAME, SIOCGIFCONF, SIOCGIFFLAGS, SIOCGIFADDR, SIOCGIFINDEX,
#ifdef TCGETS2 /* isatty(3) from glibc 2.42 on */
		TCGETS2,
#endif
	};

	for (size_t i = 0; i < NOTAR_COUNT(families); i++)
		if (!allow_if(filter, SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, families[i])))
			return false;
	for (size_t i = 0; i < NOTAR_COUNT(requests); i++)
		if (!allow_if(filter, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, requests[i])))
			return false;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
				SCMP_A0(SCMP_CMP_EQ, AF_NETLINK), SCMP_A2(SCMP_CMP_EQ, 0)) == 0 &&
	       allow_if(filter, SCMP_SYS(socketpair), SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
}

/* Those that the lists above name keep their rules. */
static bool
add_newer(scmp_filter_ctx filter)
{
	for (int number = FIRST_NEWER; number <= LAST_NEWER; number++) {
		int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);

		if (rc != 0 && rc != -EEXIST)
			return false;
	}
	return true;
}

bool
seccomp_confine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool done = filter != NULL && seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
		    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
		    add_names(filter, SCMP_ACT_ALLOW, allowed, NOTAR_COUNT(allowed)) &&
		    add_names(filter, SCMP_ACT_KILL_PROCESS, deadly, NOTAR_COUNT(deadly)) &&
		    add_memory(filter) && add_processes(filter) && add_network(filter) &&
		    add_newer(filter) && seccomp_load(filter) == 0;

	seccomp_release(filter);
	return done;
}
