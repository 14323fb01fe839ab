/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/audit_read.h"
#include "base/clock.h"
#include "base/file.h"
#include "tests/lib/audit_fixture.h"

static enum notar_code
try_open(void)
{
	struct audit *audit = NULL;
	struct notar_error err = { 0 };
	enum notar_code code = audit_open("log", 0, 10, &audit, &err);

	audit_close(audit);
	return code;
}

static enum notar_code
follow(const char *path, struct audit_chain *chain)
{
	NOTAR_AUTO(audit_lines) *lines = NULL;
	struct notar_error err = { 0 };
	struct span line;

	NOTAR_TRY(audit_lines_open(path, &lines, &err));
	for (;;) {
		NOTAR_AUTO_OF(audit_record) record = { 0 };

		NOTAR_TRY(audit_lines_next(lines, &line, &err));
		if (line.ptr == NULL)
			return NOTAR_OK;
		NOTAR_TRY(audit_decode(line, &record, &err));
		NOTAR_TRY(audit_chain_add(chain, &record, &err));
	}
}

static uint64_t
records_in(const char *path)
{
	struct audit_chain chain = { 0 };

	assert_int_equal(follow(path, &chain), NOTAR_OK);
	return chain.count;
}

static void
records_are_numbered_chained_and_go_on_after_a_restart(void **state)
{
	(void)state;
	struct audit_chain chain = { 0 };
	struct stat st;

	audit_log_write(1, 100, 0);
	audit_log_write(101, 150, 0);
	assert_int_equal(follow("log", &chain), NOTAR_OK);
	assert_int_equal(chain.count, 150);
	assert_int_equal(chain.seq, 150);
	assert_int_equal(stat("log", &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640U, 0);
}

static void
what_is_appended_is_written_without_a_flush(void **state)
{
	(void)state;
	struct audit *audit = audit_log_open(0);

	audit_log_append(audit, 1);
	for (int i = 0; i < 1000 && audit_stats(audit).written < 1; i++)
		(void)usleep(10000);
	assert_int_equal(audit_stats(audit).written, 1);
	assert_int_equal(records_in("log"), 1);
	audit_log_append(audit, 2);
	audit_close(audit); /* writes what waits */
	assert_int_equal(records_in("log"), 2);
}

static size_t recovered_bytes;

static enum audit_visit
see_recovered(void *context, const struct audit_record *record, struct span line)
{
	(void)context;
	(void)line;
	if (!span_is(record->event, "recovered"))
		return AUDIT_VISIT_SKIPPED;
	recovered_bytes = (size_t)record->fields[0].number;
	return AUDIT_VISIT_TAKEN;
}

static void
every_torn_end_is_cut_off_and_told(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) whole = { 0 };
	struct notar_error err = { 0 };

	audit_log_write(1, 3, 0);
	assert_int_equal(file_read("log", 1 << 20, &whole, &err), NOTAR_OK);
	size_t line = whole.len / 3;

	for (size_t torn = 1; torn < line; torn += 7) {
		struct audit_chain chain = { 0 };

		assert_int_equal(truncate("log", (off_t)whole.len), 0);
		audit_log_spoil("log", whole.ptr, torn);
		assert_int_equal(follow("log", &chain), NOTAR_E_FORMAT);
		audit_log_write(5, 5, 0);
		chain = (struct audit_chain){ 0 };
		assert_int_equal(follow("log", &chain), NOTAR_OK);
		assert_int_equal(chain.seq, 5); /* 4 tells of the cut */
		recovered_bytes = 0;
		assert_int_equal(audit_last("log", 1, see_recovered, NULL, &err), NOTAR_OK);
		assert_int_equal(recovered_bytes, torn);
	}
}

static void
a_file_that_is_torn_only_starts_anew(void **state)
{
	(void)state;
	audit_log_write(1, 1, 0);
	assert_int_equal(truncate("log", 20), 0);
	audit_log_write(1, 1, 0);
	assert_int_equal(records_in("log"), 2);
}

static void
a_damaged_last_or_first_record_refuses_to_open(void **state)
{
	(void)state;
	NOTAR_AUTO_OF(buf) whole = { 0 };
	struct notar_error err = { 0 };

	audit_log_write(1, 3, 0);
	assert_int_equal(file_read("log", 1 << 20, &whole, &err), NOTAR_OK);
	const size_t places[] = { 30, whole.len - 100, whole.len - 3 };

	for (size_t i = 0; i < NOTAR_COUNT(places); i++) {
		whole.ptr[places[i]] ^= 1;
		assert_int_equal(
			file_write_atomic("log", buf_span(&whole), 0640, FILE_REPLACE, &err),
			NOTAR_OK);
		assert_int_equal(try_open(), NOTAR_E_STORE);
		assert_int_equal(audit_log_size("log"), whole.len); /* untouched: it is evidence */
		whole.ptr[places[i]] ^= 1;
	}
	assert_int_equal(file_write_atomic("log", buf_span(&whole), 0640, FILE_REPLACE, &err),
			 NOTAR_OK);
	assert_int_equal(try_open(), NOTAR_OK);
}

static void
what_is_no_log_refuses_to_open(void **state)
{
	(void)state;
	static const char zeros[400 << 10];
	struct notar_error err = { 0 };

	assert_int_equal(file_write_atomic("log", span_str("hello\n"), 0640, FILE_CREATE, &err),
			 NOTAR_OK);
	assert_int_equal(try_open(), NOTAR_E_STORE);
	assert_int_equal(
		file_write_atomic("log", span_of(zeros, sizeof(zeros)), 0640, FILE_REPLACE, &err),
		NOTAR_OK);
	assert_int_equal(try_open(), NOTAR_E_STORE);
	assert_int_equal(rename("log", "other"), 0);
	assert_int_equal(symlink("other", "log"), 0);
	assert_int_equal(try_open(), NOTAR_E_IO);
	assert_int_equal(unlink("log"), 0);
	assert_int_equal(mkfifo("log", 0600), 0);
	assert_int_equal(try_open(), NOTAR_E_IO);
	assert_int_equal(unlink("log"), 0);
	assert_int_equal(mkdir("log", 0700), 0);
	assert_int_equal(try_open(), NOTAR_E_IO);
}

static void
a_second_writer_is_refused(void **state)
{
	(void)state;
	struct audit *audit = audit_log_open(1000);

	assert_int_equal(try_open(), NOTAR_E_EXISTS);
	for (int64_t i = 1; i < 20; i++) {
		audit_log_append(audit, i);
		audit_log_flush(audit);
		assert_int_equal(try_open(), NOTAR_E_EXISTS); /* also after rotations */
	}
	audit_close(audit);
	assert_int_equal(try_open(), NOTAR_OK);
}

/* The rotated files in their order, then the log itself. */
static size_t
follow_all(struct audit_chain *chain)
{
	char name[AUDIT_FILE_NAME_BYTES];
	struct notar_error err = { 0 };
	size_t files = 1;

	NOTAR_AUTO_FD dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Each is named by its first record, so the next one is named by where the chain stands. */
	for (;; files++) {
		(void)snprintf(name, sizeof(name), "log.%020llu",
			       (unsigned long long)chain->seq + 1);
		if (access(name, F_OK) != 0)
			break;
		assert_int_equal(follow(name, chain), NOTAR_OK);
	}
	assert_int_equal(audit_find_rotated(dir, "log", chain->seq + 1, name, &err), NOTAR_OK);
	assert_true(files == 1 || name[0] != '\0');
	assert_int_equal(follow("log", chain), NOTAR_OK);
	return files;
}

static void
files_chain_over_rotation_and_restart(void **state)
{
	(void)state;
	struct audit_chain chain = { 0 };

	audit_log_write(1, 20, 1000);
	audit_log_write(21, 40, 1000);
	assert_true(follow_all(&chain) > 5);
	assert_int_equal(chain.count, 40);
	assert_true(audit_log_size("log.00000000000000000001") >= 1000);
	assert_true(audit_log_size("log.00000000000000000001") < 1400);
	assert_int_not_equal(access("log.new", F_OK), 0);
}

static void
a_crash_in_the_middle_of_a_rotation_leaves_the_chain_whole(void **state)
{
	(void)state;
	struct audit_chain chain = { 0 };

	/* Linked to its number, not yet replaced; the new file lies about. */
	audit_log_write(1, 5, 0);
	assert_int_equal(link("log", "log.00000000000000000001"), 0);
	assert_int_equal(close(open("log.new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
	assert_int_equal(try_open(), NOTAR_OK);
	assert_int_equal(follow_all(&chain), 1);
	assert_int_equal(link("log", "log.00000000000000000001"), 0);
	audit_log_write(6, 6, 1000);
	chain = (struct audit_chain){ 0 };
	assert_int_equal(follow_all(&chain), 2);
	assert_int_equal(chain.count, 6);
	/* The new file is in place and empty, or was lost. */
	assert_int_equal(rename("log", "log.00000000000000000006"), 0);
	audit_log_write(7, 7, 0);
	assert_int_equal(truncate("log", 0), 0);
	audit_log_write(7, 7, 0);
	chain = (struct audit_chain){ 0 };
	assert_int_equal(follow_all(&chain), 3);
	assert_int_equal(chain.count, 7);
}

static void
a_rotation_that_fails_costs_no_record(void **state)
{
	(void)state;
	audit_log_write(1, 5, 0);
	assert_int_equal(mkdir("log.00000000000000000001", 0700), 0); /* in the way */
	struct audit *audit = audit_log_open(1000);

	audit_log_append(audit, 6);
	audit_log_flush(audit);
	assert_true(audit_stats(audit).failed > 0);
	assert_int_not_equal(audit_stats(audit).error, 0);
	audit_close(audit);
	assert_int_equal(records_in("log"), 6);
	assert_int_equal(rmdir("log.00000000000000000001"), 0);
	audit_log_write(7, 7, 1000);
	assert_int_equal(records_in("log.00000000000000000001"), 6);
}

/* Only the soft limit, so that it can be lifted again. SIGXFSZ would end a thread that does not
 * block it; the writer's does. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_tears_no_line_and_loses_no_record(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	struct audit *audit = audit_log_open(0);

	audit_log_append(audit, 1);
	audit_log_flush(audit);
	off_t good = audit_log_size("log");

	/* Each limit lets another part of the line through. */
	for (rlim_t more = 0; more < 200; more += 40) {
		limit_files((rlim_t)good + more);
		audit_log_append(audit, 2);
		enum notar_code code = audit_flush(audit, &err);
		off_t size = audit_log_size("log");

		limit_files(RLIM_INFINITY);
		assert_int_equal(code, NOTAR_E_IO);
		assert_int_equal(size, good);
	}
	assert_int_equal(audit_stats(audit).error, EFBIG);
	assert_true(audit_stats(audit).failed >= 5);
	assert_int_equal(audit_stats(audit).written, 1);
	/* Nobody asks: it is tried again all the same. */
	for (int i = 0; i < 1000 && audit_stats(audit).written < 6; i++)
		(void)usleep(10000);
	assert_int_equal(audit_stats(audit).written, 6);
	audit_log_flush(audit);
	assert_int_equal(audit_stats(audit).error, 0);
	audit_close(audit);
	assert_int_equal(records_in("log"), 6);
}

static void
a_full_queue_says_so_and_counts(void **state)
{
	(void)state;
	struct audit *audit = audit_log_open(0);
	uint64_t taken = 0, refused = 0;

	limit_files(0);
	int64_t start_ms = clock_monotonic_ms();

	while (refused < 10) {
		if (AUDIT(audit, "decision", AUDIT_F_STR("image", "h/app:1")))
			taken++;
		else
			refused++;
	}
	int64_t took_ms = clock_monotonic_ms() - start_ms;
	struct audit_stats stats = audit_stats(audit);

	limit_files(RLIM_INFINITY);
	assert_true(took_ms < 20000);
	assert_int_equal(stats.dropped, 10);
	assert_true(stats.queued_bytes <= AUDIT_QUEUE_BYTES);
	assert_true(stats.queued_bytes > AUDIT_QUEUE_BYTES - 100);
	audit_log_flush(audit);
	assert_int_equal(audit_stats(audit).queued_bytes, 0);
	assert_int_equal(audit_stats(audit).written, taken);
	assert_true(AUDIT(audit, "decision", AUDIT_F_STR("image", "h/app:1")));
	audit_close(audit);
	assert_int_equal(records_in("log"), taken + 1);
}

static void
a_record_that_would_break_the_file_is_dropped(void **state)
{
	(void)state;
	struct audit *audit = audit_log_open(0);

	assert_false(AUDIT(audit, "decision", AUDIT_F_INT("hash", 1)));
	assert_false(AUDIT(audit, "de cision", AUDIT_F_INT("a", 1)));
	assert_int_equal(audit_stats(audit).dropped, 2);
	assert_true(audit_append(audit, "start", NULL, 0));
	audit_log_flush(audit);
	audit_close(audit);
	assert_int_equal(records_in("log"), 1);
}

#define THREADS 8
#define EACH 4000

static void *
append_many(void *audit)
{
	for (int64_t i = 0; i < EACH; i++)
		if (!AUDIT(audit, "decision", AUDIT_F_INT("number", i)))
			return audit;
	return NULL;
}

static void
eight_threads_keep_one_chain(void **state)
{
	(void)state;
	struct audit *audit = audit_log_open(200000);
	struct audit_chain chain = { 0 };
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_many, audit), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	audit_log_flush(audit);
	assert_int_equal(audit_stats(audit).last_seq, THREADS * EACH);
	audit_close(audit);
	assert_true(follow_all(&chain) > 3);
	assert_int_equal(chain.count, THREADS * EACH);
}

static void
killed_while_appending_it_leaves_a_good_chain(void **state)
{
	(void)state;
	for (unsigned turn = 0; turn < 20; turn++) {
		struct audit_chain chain = { 0 };
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct audit *audit = NULL;

			if (audit_open("log", 50000, 1, &audit, NULL) != NOTAR_OK)
				_exit(1);
			for (;;)
				(void)!AUDIT(audit, "decision", AUDIT_F_STR("image", "h/app:1"));
		}
		(void)usleep(3000 + turn * 1700);
		int status;

		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(try_open(), NOTAR_OK); /* cuts what is torn */
		(void)follow_all(&chain);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, audit_folder_enter, audit_folder_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(records_are_numbered_chained_and_go_on_after_a_restart),
		TEST(what_is_appended_is_written_without_a_flush),
		TEST(every_torn_end_is_cut_off_and_told),
		TEST(a_file_that_is_torn_only_starts_anew),
		TEST(a_damaged_last_or_first_record_refuses_to_open),
		TEST(what_is_no_log_refuses_to_open),
		TEST(a_second_writer_is_refused),
		TEST(files_chain_over_rotation_and_restart),
		TEST(a_crash_in_the_middle_of_a_rotation_leaves_the_chain_whole),
		TEST(a_rotation_that_fails_costs_no_record),
		TEST(a_full_disk_tears_no_line_and_loses_no_record),
		TEST(a_full_queue_says_so_and_counts),
		TEST(a_record_that_would_break_the_file_is_dropped),
		TEST(eight_threads_keep_one_chain),
		TEST(killed_while_appending_it_leaves_a_good_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
