/* SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"

#define ROOM (64U << 10)
#define LIMIT_MS 20000

/* What a shell said, and how it ended. */
struct ran {
	uint8_t out_bytes[ROOM], err_bytes[ROOM];
	struct child_stream output, errors;
	enum notar_code code;
	struct notar_error err;
	int status;
	int64_t took_ms;
};
static struct ran ran;

static void
run_with(const char *script, struct span input, int64_t limit_ms)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct child_call call = { argv, input, limit_ms };
	int64_t from = clock_monotonic_ms();

	ran = (struct ran){ .status = -1 };
	ran.output = (struct child_stream){ ran.out_bytes, ROOM, 0 };
	ran.errors = (struct child_stream){ ran.err_bytes, ROOM, 0 };
	ran.code = child_run(&call, &ran.output, &ran.errors, &ran.status, &ran.err);
	ran.took_ms = clock_monotonic_ms() - from;
}

static void
run(const char *script)
{
	run_with(script, span_str(""), LIMIT_MS);
}

static void
assert_said(const struct child_stream *stream, const char *text)
{
	if (!span_is(child_said(stream), text))
		fail_msg("said \"%.*s\", not \"%s\"", (int)stream->len, (const char *)stream->bytes,
			 text);
}

static void
input_goes_in_and_both_streams_come_out(void **state)
{
	(void)state;
	run_with("cat; echo oops >&2; exit 7", span_str("hello"), LIMIT_MS);
	assert_int_equal(ran.code, NOTAR_OK);
	assert_int_equal(ran.status, 7);
	assert_said(&ran.output, "hello");
	assert_said(&ran.errors, "oops\n");
}

static void
input_larger_than_a_pipe_arrives_whole(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) input = { 0 };
	uint8_t *at = buf_extend(&input, 3U << 20);

	assert_non_null(at);
	memset(at, 'x', input.len);
	run_with("wc -c", buf_span(&input), LIMIT_MS);
	assert_int_equal(ran.code, NOTAR_OK);
	assert_said(&ran.output, "3145728\n");
}

static void
input_that_nobody_reads_is_no_error(void **state)
{
	(void)state;
	run_with("exec <&-; echo done", span_str("unread"), LIMIT_MS);
	assert_int_equal(ran.code, NOTAR_OK);
	assert_said(&ran.output, "done\n");
}

static void
a_program_that_fills_its_errors_before_its_output_is_heard(void **state)
{
	(void)state;
	run("head -c 65000 /dev/zero >&2; head -c 65000 /dev/zero");
	assert_int_equal(ran.code, NOTAR_OK);
	assert_int_equal(ran.output.len, 65000);
	assert_int_equal(ran.errors.len, 65000);
}

static void
one_byte_short_of_the_room_is_the_most(void **state)
{
	(void)state;
	run("head -c 65535 /dev/zero");
	assert_int_equal(ran.code, NOTAR_OK);
	run("head -c 65536 /dev/zero");
	assert_int_equal(ran.code, NOTAR_E_LIMIT);
	run("head -c 65536 /dev/zero >&2");
	assert_int_equal(ran.code, NOTAR_E_LIMIT);
	assert_int_equal(ran.status, -1);
}

static void
who_never_stops_talking_is_ended(void **state)
{
	(void)state;
	run("yes");
	assert_int_equal(ran.code, NOTAR_E_LIMIT);
	run("yes >&2");
	assert_int_equal(ran.code, NOTAR_E_LIMIT);
	assert_non_null(strstr(ran.err.msg, "65535"));
	assert_true(ran.took_ms < LIMIT_MS);
}

static void
who_takes_too_long_is_ended(void **state)
{
	(void)state;
	static const char *const scripts[] = {
		"sleep 100",                               /* silent */
		"trap '' TERM; while :; do sleep 1; done", /* stubborn */
		"exec >&- 2>&-; sleep 100",                /* both streams are at their end */
		"sleep 100 & exit 0",                      /* left its streams to another */
		"while :; do echo; sleep 0.05; done",      /* a little at a time */
	};

	for (size_t i = 0; i < NOTAR_COUNT(scripts); i++) {
		run_with(scripts[i], span_str(""), 300);
		assert_int_equal(ran.code, NOTAR_E_TIMEOUT);
		assert_true(ran.took_ms >= 300 && ran.took_ms < 10000);
		assert_non_null(strstr(ran.err.msg, "sh takes too long"));
	}
}

/* Until a process is gone, or is somebody's zombie. */
static bool
is_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		char path[64], line[256] = "";

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		FILE *f = fopen(path, "re");

		if (f == NULL)
			return true;
		(void)!fgets(line, sizeof(line), f);
		(void)fclose(f);
		if (strstr(line, ") Z ") != NULL)
			return true;
		(void)usleep(10000);
	}
	return false;
}

static void
what_it_started_ends_with_it(void **state)
{
	(void)state;
	/* The background process has let go of both streams, so the end is seen at once. */
	run("sleep 100 >/dev/null 2>&1 & echo $!");
	assert_int_equal(ran.code, NOTAR_OK);
	ran.out_bytes[ran.output.len] = '\0';
	long pid = strtol((const char *)ran.out_bytes, NULL, 10);

	assert_true(pid > 1);
	assert_true(is_gone((pid_t)pid));
}

static void
a_signal_is_a_status_above_128(void **state)
{
	(void)state;
	run("kill -9 $$");
	assert_int_equal(ran.code, NOTAR_OK);
	assert_int_equal(ran.status, 128 + 9);
}

static void
a_program_that_is_not_there_is_named(void **state)
{
	(void)state;
	static const char *const names[] = { "notar-no-such-program", "/absent/program" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		const char *const argv[] = { names[i], NULL };
		const struct child_call call = { argv, span_str(""), LIMIT_MS };
		struct child_stream nowhere = { 0 }, neither = { 0 };
		struct notar_error err = { 0 };
		int status = -1;

		assert_int_equal(child_run(&call, &nowhere, &neither, &status, &err),
				 NOTAR_E_NOT_FOUND);
		assert_non_null(strstr(err.msg, names[i]));
		assert_int_equal(status, -1);
	}
}

static void
what_cannot_be_run_is_an_error_and_not_a_script(void **state)
{
	(void)state;
	/* A folder; and this source: neither is handed to a shell. */
	static const char *const names[] = { "/tmp", "tests/unit/test_child.c" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++) {
		const char *const argv[] = { names[i], NULL };
		const struct child_call call = { argv, span_str(""), LIMIT_MS };
		struct child_stream nowhere = { 0 }, neither = { 0 };
		int status = -1;

		assert_int_equal(child_run(&call, &nowhere, &neither, &status, NULL), NOTAR_E_IO);
	}
}

static void
streams_without_room_go_nowhere(void **state)
{
	(void)state;
	const char *const argv[] = { "sh", "-c", "echo a; echo b >&2; exit 3", NULL };
	const struct child_call call = { argv, span_str(""), LIMIT_MS };
	struct child_stream nowhere = { 0 }, neither = { 0 };
	int status = -1;

	assert_int_equal(child_run(&call, &nowhere, &neither, &status, NULL), NOTAR_OK);
	assert_int_equal(status, 3);
	assert_int_equal(nowhere.len + neither.len, 0);
}

static void
our_secrets_stay_with_us(void **state)
{
	(void)state;
	static const char *const names[] = { "NOTAR_PASSWORD", "COSIGN_PASSWORD",
					     "NOTAR_REGISTRY_PASSWORD", "NOTAR_REGISTRY_USERNAME" };

	for (size_t i = 0; i < NOTAR_COUNT(names); i++)
		assert_int_equal(setenv(names[i], "hunter2", 1), 0);
	assert_int_equal(setenv("NOTAR_PASSWORD_FREE", "kept", 1), 0);
	run("env");
	ran.out_bytes[ran.output.len] = '\0';
	assert_int_equal(ran.code, NOTAR_OK);
	assert_null(strstr((const char *)ran.out_bytes, "hunter2"));
	assert_non_null(strstr((const char *)ran.out_bytes, "NOTAR_PASSWORD_FREE=kept"));
	assert_non_null(strstr((const char *)ran.out_bytes, "PATH="));
	for (size_t i = 0; i < NOTAR_COUNT(names); i++)
		assert_int_equal(unsetenv(names[i]), 0);
}

static void
no_other_descriptor_is_passed_on(void **state)
{
	(void)state;
	int open_on_purpose = open("/dev/null", O_RDONLY);

	assert_true(open_on_purpose > 2);
	assert_int_equal(dup2(open_on_purpose, 77), 77);
	/* ls itself holds the folder that it reads. */
	run("ls /proc/self/fd | wc -l; [ ! -e /proc/$$/fd/77 ] && echo closed");
	assert_said(&ran.output, "4\nclosed\n");
	(void)close(77);
	(void)close(open_on_purpose);
}

static void
signals_that_we_ignore_are_its_own_again(void **state)
{
	(void)state;
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);

	run("kill -PIPE $$; echo survived");
	(void)signal(SIGPIPE, before);
	assert_int_equal(ran.status, 128 + SIGPIPE);
	assert_int_equal(ran.output.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(input_goes_in_and_both_streams_come_out),
		cmocka_unit_test(input_larger_than_a_pipe_arrives_whole),
		cmocka_unit_test(input_that_nobody_reads_is_no_error),
		cmocka_unit_test(a_program_that_fills_its_errors_before_its_output_is_heard),
		cmocka_unit_test(one_byte_short_of_the_room_is_the_most),
		cmocka_unit_test(who_never_stops_talking_is_ended),
		cmocka_unit_test(who_takes_too_long_is_ended),
		cmocka_unit_test(what_it_started_ends_with_it),
		cmocka_unit_test(a_signal_is_a_status_above_128),
		cmocka_unit_test(a_program_that_is_not_there_is_named),
		cmocka_unit_test(what_cannot_be_run_is_an_error_and_not_a_script),
		cmocka_unit_test(streams_without_room_go_nowhere),
		cmocka_unit_test(our_secrets_stay_with_us),
		cmocka_unit_test(no_other_descriptor_is_passed_on),
		cmocka_unit_test(signals_that_we_ignore_are_its_own_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
