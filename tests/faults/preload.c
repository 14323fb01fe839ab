/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test, it makes the machine fail. Each fault is a file in the
 * folder FAULTS, so that a test can turn it on and off while the program runs:
 *
 *   alloc_nth    "N": the N-th allocation from then on fails, once
 *   alloc_every  "N": every N-th allocation fails
 *   sync_ms      "N": fsync and fdatasync take so long
 *   clock_s      "N": the wall clock is off by so many seconds
 *
 * With FAULTS_OURS set only the program's own allocations fail: libraries crash when theirs do.
 * The folder is looked at every 10 ms by a thread of its own, or once, at start, with
 * FAULTS_ONCE set: then counting is exact.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_long alloc_nth, alloc_every, sync_ms, clock_s;
static atomic_long allocations;
static atomic_int counting;
static int only_ours;
static __thread int exempt; /* our own thread's allocations */

static long
read_number(const char *name)
{
	const char *folder = getenv("FAULTS");
	char path[512], text[32] = "";
	FILE *in;

	if (folder == NULL)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if ((in = fopen(path, "r")) == NULL)
		return 0;
	char *got = fgets(text, sizeof(text), in);

	(void)fclose(in);
	return got == NULL ? 0 : strtol(text, NULL, 10);
}

static void
look(void)
{
	alloc_every = read_number("alloc_every");
	sync_ms = read_number("sync_ms");
	clock_s = read_number("clock_s");
}

static void *
watch(void *context)
{
	exempt = 1;
	for (;;) {
		look();
		(void)usleep(10000);
	}
	return context;
}

static uintptr_t program_from, program_to;

static int
note_program(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size, (void)context;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t end =
			info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;

		if (info->dlpi_phdr[i].p_type == PT_LOAD && end > program_to)
			program_to = end;
	}
	program_from = info->dlpi_addr;
	return 1; /* the first is the program */
}

__attribute__((constructor)) static void
start(void)
{
	pthread_t thread;

	exempt = 1;
	only_ours = getenv("FAULTS_OURS") != NULL;
	(void)dl_iterate_phdr(note_program, NULL);
	look();
	long nth = read_number("alloc_nth");

	if (getenv("FAULTS_ONCE") == NULL && pthread_create(&thread, NULL, watch, NULL) == 0)
		(void)pthread_detach(thread);
	exempt = 0;
	alloc_nth = nth;
}

/* Only from main on: what libraries do before it is not what is under test. */
static int (*real_main)(int, char **, char **);

static int
counted_main(int argc, char **argv, char **environment)
{
	allocations = 0;
	counting = 1;
	return real_main(argc, argv, environment);
}

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
		  void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	typedef int start_main(int (*)(int, char **, char **), int, char **, void (*)(void),
			       void (*)(void), void (*)(void), void *);
	start_main *real = (start_main *)dlsym(RTLD_NEXT, "__libc_start_main");

	real_main = main;
	return real(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

static int
fails(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (only_ours && (at < program_from || at >= program_to))
		return 0;
	if (exempt || !counting || (alloc_nth == 0 && alloc_every == 0))
		return 0;
	long number = ++allocations;

	if (number != alloc_nth && (alloc_every == 0 || number % alloc_every != 0))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

static void
be_slow(void)
{
	if (sync_ms > 0)
		(void)usleep((useconds_t)sync_ms * 1000);
}

int
fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

	be_slow();
	return real(fd);
}

int
fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");

	be_slow();
	return real(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *out)
{
	static int (*real)(clockid_t, struct timespec *);

	if (real == NULL)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	int rc = real(clock, out);

	if (rc == 0 && clock == CLOCK_REALTIME)
		out->tv_sec += clock_s;
	return rc;
}
