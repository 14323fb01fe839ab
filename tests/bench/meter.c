/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a command with its output thrown away, and prints
 *   {"seconds":WALL,"peak_kib":MOST RESIDENT MEMORY,"exit":STATUS}
 * A small parent of its own: a child's peak memory includes what its parent had before exec. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int status;
	pid_t child;

	if (argc < 2 || posix_spawn_file_actions_init(&actions) != 0)
		return 2;
	(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	double start = now();

	if (posix_spawn(&child, argv[1], &actions, NULL, argv + 1, environ) != 0 ||
	    wait4(child, &status, 0, &usage) != child)
		return 2;
	printf("{\"seconds\":%.6f,\"peak_kib\":%ld,\"exit\":%d}\n", now() - start, usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	(void)posix_spawn_file_actions_destroy(&actions);
	return 0;
}
