/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

#define REAP_STEP_MS 2

/* A file in memory: the child may leave it unread without a broken pipe for us. */
static enum notar_code
input_file(struct span input, int *out, struct notar_error *err)
{
	NOTAR_AUTO_FD fd = memfd_create("notar-helper", MFD_CLOEXEC);

	if (fd < 0 || write(fd, input.ptr, input.len) != (ssize_t)input.len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		return notar_fail(err, NOTAR_E_IO, "cannot prepare a helper's input");
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

/* Our signal mask and ignored signals are not the child's business. */
static int
plain_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;

	sigemptyset(&none);
	sigfillset(&all);
	int rc = posix_spawnattr_setflags(attributes, flags);
	rc = rc != 0 ? rc : posix_spawnattr_setpgroup(attributes, 0);
	rc = rc != 0 ? rc : posix_spawnattr_setsigmask(attributes, &none);
	return rc != 0 ? rc : posix_spawnattr_setsigdefault(attributes, &all);
}

static int
spawn(const char *program, const char *argument, int input, int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	/* POSIX promises that the strings are not written to. */
	char *const argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t)argument, NULL };

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	int rc = plain_signals(&attributes);
	rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	rc = rc != 0 ? rc :
		       posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							O_WRONLY, 0);
	rc = rc != 0 ? rc : posix_spawnp(pid, program, &actions, &attributes, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return rc;
}

static enum notar_code
start(const char *program, const char *argument, struct span input, int *from, pid_t *pid,
      struct notar_error *err)
{
	NOTAR_AUTO_FD in = -1;
	int ends[2];

	NOTAR_TRY(input_file(input, &in, err));
	if (pipe2(ends, O_CLOEXEC) != 0)
		return notar_fail(err, NOTAR_E_IO, "no pipe for a helper");
	NOTAR_AUTO_FD reading = ends[0];
	NOTAR_AUTO_FD writing = ends[1];
	int rc = spawn(program, argument, in, writing, pid);
	if (rc != 0)
		return notar_fail(err, NOTAR_E_AUTH, "cannot run %s: %s", program,
				  strerrordesc_np(rc));
	*from = reading;
	reading = -1;
	return NOTAR_OK;
}

/* Up to the end of its output. */
static enum notar_code
collect(int from, int64_t deadline_ms, struct secret *out, struct notar_error *err)
{
	size_t room = out->len;

	out->len = 0;
	for (;;) {
		struct pollfd ready = { .fd = from, .events = POLLIN };
		int rc = poll(&ready, 1, (int)clock_left_ms(deadline_ms));
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc == 0)
			return notar_fail(err, NOTAR_E_AUTH, "a credential helper takes too long");
		ssize_t n = rc < 0 ? -1 : read(from, out->ptr + out->len, room - out->len);
		if (n < 0)
			return notar_fail(err, NOTAR_E_IO, "cannot read from a helper");
		out->len += (size_t)n;
		if (n == 0 && out->len < room)
			return NOTAR_OK;
		if (out->len == room)
			return notar_fail(err, NOTAR_E_AUTH, "a credential helper says too much");
	}
}

/* Waits for the child itself; what it left behind in its group is ended with it. */
static bool
reap(pid_t pid, int64_t deadline_ms, int *status)
{
	int raw = 0;
	pid_t got;

	while ((got = waitpid(pid, &raw, WNOHANG)) == 0 && clock_left_ms(deadline_ms) > 0)
		(void)usleep(REAP_STEP_MS * 1000);
	(void)kill(-pid, SIGKILL);
	if (got == 0)
		(void)waitpid(pid, &raw, 0);
	*status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
	return got == pid;
}

enum notar_code
helper_process_run(const char *program, const char *argument, struct span input, int64_t limit_ms,
		   struct secret *out, int *status, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) text = { 0 };
	int64_t deadline_ms = clock_deadline_ms(limit_ms);
	NOTAR_AUTO_FD from = -1;
	pid_t pid = -1;

	NOTAR_TRY(secret_alloc(LIMIT_HELPER_OUTPUT_BYTES, &text, err));
	NOTAR_TRY(start(program, argument, input, &from, &pid, err));
	enum notar_code code = collect(from, deadline_ms, &text, err);
	if (!reap(pid, code == NOTAR_OK ? deadline_ms : 0, status) && code == NOTAR_OK)
		code = notar_fail(err, NOTAR_E_AUTH, "%s takes too long", program);
	NOTAR_TRY(code);
	*out = text;
	text = (struct secret){ 0 };
	return NOTAR_OK;
}
