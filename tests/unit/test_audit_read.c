/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit_read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/lib/audit_fixture.h"

struct seen {
	uint64_t seqs[2000];
	size_t count;
	uint64_t since;
};

static enum audit_visit
see(void *context, const struct audit_record *record, struct span line)
{
	struct seen *seen = context;

	assert_true(line.len > 0 && line.ptr[line.len - 1] == '}');
	if (record->seq <= seen->since)
		return AUDIT_VISIT_STOP;
	if (record->seq % 2 == 1)
		return AUDIT_VISIT_SKIPPED;
	seen->seqs[seen->count++] = record->seq;
	return AUDIT_VISIT_TAKEN;
}

static void
the_last_records_come_newest_first_over_files(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	static struct seen seen;

	audit_log_write(1, 40, 2000);
	assert_int_equal(audit_last("log", 15, see, &seen, &err), NOTAR_OK);
	assert_int_equal(seen.count, 15);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(seen.seqs[i], 40 - 2 * i);
	seen = (struct seen){ .since = 30 };
	assert_int_equal(audit_last("./log", 1000, see, &seen, &err), NOTAR_OK);
	assert_int_equal(seen.count, 5);
	seen = (struct seen){ 0 };
	audit_log_spoil("log", "{\"seq\":41,", 10); /* being written */
	assert_int_equal(audit_last("log", 1000, see, &seen, &err), NOTAR_OK);
	assert_int_equal(seen.count, 20);
	seen = (struct seen){ 0 };
	assert_int_equal(audit_last("log", 0, see, &seen, &err), NOTAR_OK);
	assert_int_equal(audit_last("absent", 10, see, &seen, &err), NOTAR_OK);
	assert_int_equal(audit_last("no/folder", 10, see, &seen, &err), NOTAR_E_IO);
	assert_int_equal(seen.count, 0);
	audit_log_spoil("log", "\n", 1);
	assert_int_equal(audit_last("log", 10, see, &seen, &err), NOTAR_E_STORE);
}

static enum audit_visit
count_one(void *context, const struct audit_record *record, struct span line)
{
	(void)record;
	(void)line;
	(*(size_t *)context)++;
	return AUDIT_VISIT_TAKEN;
}

static void
a_long_log_is_read_from_its_end_through_a_window(void **state)
{
	(void)state;
	struct notar_error err = { 0 };
	size_t count = 0;

	audit_log_write(1, 3000, 0);
	assert_true(audit_log_size("log") > (600 << 10));
	assert_int_equal(audit_last("log", 5000, count_one, &count, &err), NOTAR_OK);
	assert_int_equal(count, AUDIT_LAST_MOST);
	static struct seen seen;

	seen = (struct seen){ .since = 1 };
	assert_int_equal(audit_last("log", 1000, see, &seen, &err), NOTAR_OK);
	assert_int_equal(seen.count, 1000);
}

static void
a_line_that_is_too_long_is_told_and_passed_over(void **state)
{
	(void)state;
	NOTAR_AUTO(audit_lines) *lines = NULL;
	NOTAR_AUTO_OF(buf) text = { 0 };
	struct notar_error err = { 0 };
	struct span line;

	for (size_t len = AUDIT_LINE_BYTES - 1; len < (size_t)6 * AUDIT_LINE_BYTES;
	     len += AUDIT_LINE_BYTES / 2) {
		buf_clear(&text);
		buf_append_str(&text, "a\n");
		while (text.len < len + 2)
			buf_append_byte(&text, 'x');
		buf_append_str(&text, "\nb\nc");
		assert_int_equal(file_write_atomic("f", buf_span(&text), 0600, FILE_REPLACE, &err),
				 NOTAR_OK);
		audit_lines_free(lines);
		assert_int_equal(audit_lines_open("f", &lines, &err), NOTAR_OK);
		assert_int_equal(audit_lines_next(lines, &line, &err), NOTAR_OK);
		assert_int_equal(audit_lines_next(lines, &line, &err),
				 len < AUDIT_LINE_BYTES ? NOTAR_OK : NOTAR_E_LIMIT);
		assert_int_equal(audit_lines_next(lines, &line, &err), NOTAR_OK);
		assert_true(span_is(line, "b"));
		assert_int_equal(audit_lines_number(lines), 3);
		assert_int_equal(audit_lines_next(lines, &line, &err), NOTAR_E_FORMAT);
		assert_int_equal(audit_lines_next(lines, &line, &err), NOTAR_OK);
		assert_null(line.ptr);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, audit_folder_enter, audit_folder_leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_records_come_newest_first_over_files),
		TEST(a_long_log_is_read_from_its_end_through_a_window),
		TEST(a_line_that_is_too_long_is_told_and_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
