/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define REAP_STEP_MS 2

/* The pipes, and the ends that are ours: -1 when there is none, or no longer. */
struct running {
	const char *program;
	pid_t pid;
	int64_t deadline_ms;
	int from[2]; /* its output, its errors */
	int into[2]; /* the child's ends of these */
	int input;
};

static void
running_release(struct running *run)
{
	for (size_t i = 0; i < 2; i++) {
		fd_release(&run->from[i]);
		fd_release(&run->into[i]);
	}
	fd_release(&run->input);
}

static bool
is_ours_alone(const char *variable)
{
	static const char *const names[] = { "NOTAR_REGISTRY_",
					     "NOTAR_PASSWORD=",
					     "COSIGN_PASSWORD=",
					     "SIGSTORE_ID_TOKEN=",
					     "ACTIONS_ID_TOKEN_REQUEST_TOKEN=",
					     "BUILDKITE_AGENT_ACCESS_TOKEN=" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* Borrows the strings; the caller frees the list. NULL: no memory. */
static char **
environment(void)
{
	size_t count = 0, kept = 0;

	while (environ != NULL && environ[count] != NULL)
		count++;
	char **out = calloc(count + 1, sizeof(char *));

	for (size_t i = 0; out != NULL && i < count; i++)
		if (!is_ours_alone(environ[i]))
			out[kept++] = environ[i];
	return out;
}

/* A file in memory: the child may leave it unread without a broken pipe for us. */
static enum notar_code
input_file(struct span input, int *out, struct notar_error *err)
{
	NOTAR_AUTO_FD fd = memfd_create("notar-input", MFD_CLOEXEC);

	for (struct span rest = input; fd >= 0 && rest.len > 0;) {
		ssize_t n = write(fd, rest.ptr, rest.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return notar_fail(err, NOTAR_E_IO, "cannot write a program's input");
		rest = span_from(rest, (size_t)n);
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return notar_fail(err, NOTAR_E_IO, "cannot prepare a program's input");
	*out = fd;
	fd = -1;
	return NOTAR_OK;
}

/* What nobody wants to hear goes nowhere. */
static enum notar_code
open_stream(const struct child_stream *stream, int *from, int *into, struct notar_error *err)
{
	int ends[2];

	if (stream->room == 0) {
		*into = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return *into >= 0 ? NOTAR_OK : notar_fail(err, NOTAR_E_IO, "cannot open /dev/null");
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return notar_fail(err, NOTAR_E_IO, "no pipe for a program");
	*from = ends[0];
	*into = ends[1];
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
spawn(struct running *run, const char *const *argv, char *const *variables)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	/* POSIX promises that the strings are not written to. */
	char *const *words = (char *const *)(uintptr_t)argv;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	int rc = plain_signals(&attributes);
	rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&actions, run->input, STDIN_FILENO);
	rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&actions, run->into[0], STDOUT_FILENO);
	rc = rc != 0 ? rc : posix_spawn_file_actions_adddup2(&actions, run->into[1], STDERR_FILENO);
	rc = rc != 0 ? rc : posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	rc = rc != 0 ? rc :
		       posix_spawnp(&run->pid, argv[0], &actions, &attributes, words, variables);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return rc;
}

static enum notar_code
start(struct running *run, const struct child_call *call, const struct child_stream *output,
      const struct child_stream *errors, struct notar_error *err)
{
	NOTAR_TRY(input_file(call->input, &run->input, err));
	NOTAR_TRY(open_stream(output, &run->from[0], &run->into[0], err));
	NOTAR_TRY(open_stream(errors, &run->from[1], &run->into[1], err));
	char **variables = environment();

	if (variables == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a program's environment");
	int rc = spawn(run, call->argv, variables);

	free(variables);
	for (size_t i = 0; i < 2; i++)
		fd_release(&run->into[i]);
	if (rc != 0)
		return notar_fail(err, rc == ENOENT ? NOTAR_E_NOT_FOUND : NOTAR_E_IO,
				  "cannot run %s: %s", run->program, strerrordesc_np(rc));
	return NOTAR_OK;
}

/* Reads once; closes our end at the end of the stream. */
static enum notar_code
read_some(const struct running *run, int *from, struct child_stream *stream,
	  struct notar_error *err)
{
	ssize_t n = read(*from, stream->bytes + stream->len, stream->room - stream->len);

	if (n < 0 && errno == EINTR)
		return NOTAR_OK;
	if (n < 0)
		return notar_fail(err, NOTAR_E_IO, "cannot read what %s says", run->program);
	if (n == 0)
		fd_release(from);
	stream->len += (size_t)n;
	return stream->len < stream->room ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_LIMIT, "%s says too much: over %zu bytes",
				  run->program, stream->room - 1);
}

static enum notar_code
too_long(const struct running *run, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_TIMEOUT, "%s takes too long", run->program);
}

/* Both streams at once, up to their ends: a child that fills one does not wait for us. */
static enum notar_code
collect(struct running *run, struct child_stream *const streams[2], struct notar_error *err)
{
	while (run->from[0] >= 0 || run->from[1] >= 0) {
		struct pollfd ready[2];
		int64_t left = clock_left_ms(run->deadline_ms);

		/* poll passes over negative descriptors. */
		for (size_t i = 0; i < 2; i++)
			ready[i] = (struct pollfd){ .fd = run->from[i], .events = POLLIN };
		int rc = poll(ready, 2, left < INT_MAX ? (int)left : INT_MAX);

		if (rc < 0 && errno != EINTR)
			return notar_fail(err, NOTAR_E_IO, "cannot wait for %s", run->program);
		/* Also one that never stops talking has its time. */
		if (rc == 0 || left == 0)
			return too_long(run, err);
		for (size_t i = 0; rc > 0 && i < 2; i++)
			if (ready[i].revents != 0)
				NOTAR_TRY(read_some(run, &run->from[i], streams[i], err));
	}
	return NOTAR_OK;
}

/* Waits for the child itself; what it left behind in its group is ended with it. False when it had
 * to be ended. */
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
child_run(const struct child_call *call, struct child_stream *output, struct child_stream *errors,
	  int *status, struct notar_error *err)
{
	NOTAR_AUTO_OF(running)
	run = { .program = call->argv[0],
		.deadline_ms = clock_deadline_ms(call->limit_ms),
		.from = { -1, -1 },
		.into = { -1, -1 },
		.input = -1 };
	struct child_stream *const streams[2] = { output, errors };
	int ended = 0;

	output->len = 0;
	errors->len = 0;
	NOTAR_TRY(start(&run, call, output, errors, err));
	enum notar_code code = collect(&run, streams, err);

	if (!reap(run.pid, code == NOTAR_OK ? run.deadline_ms : 0, &ended) && code == NOTAR_OK)
		code = too_long(&run, err);
	if (code == NOTAR_OK)
		*status = ended;
	return code;
}
