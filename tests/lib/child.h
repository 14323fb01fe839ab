/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_CHILD_H
#define TESTS_LIB_CHILD_H

#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process cannot take back is tried in a child. */

/* A child cannot fail a test of cmocka's: it says where it stopped, and ends. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition,        \
				strerrordesc_np(errno));                                           \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)
#define REFUSED(call, with) MUST((errno = 0, (call) == -1 && errno == (with)))

/* Runs child(argument) to its end: its exit status, or 128 and the signal that ended it. */
static inline int
status_of(void (*child)(long), long argument)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		child(argument);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A shell command's exit status, started the way credential helpers are. */
static inline int
shell(const char *command)
{
	char *const argv[] = { (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
			       (char *)(uintptr_t)command, NULL };
	int status = 0;
	pid_t pid;

	if (posix_spawnp(&pid, "sh", NULL, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
