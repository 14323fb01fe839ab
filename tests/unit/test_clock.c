/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

#define DAY_S INT64_C(86400)
#define FIRST INT64_C(-62135596800)
#define LAST INT64_C(253402300799)

static const struct {
	const char *text;
	int64_t time_s;
} known[] = {
	{ "0001-01-01T00:00:00Z", FIRST },
	{ "1969-12-31T23:59:59Z", -1 },
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2000-02-29T12:30:45Z", 951827445 },
	{ "2000-03-01T00:00:00Z", 951868800 },
	{ "2038-01-19T03:14:08Z", INT64_C(2147483648) },
	{ "2100-02-28T23:59:59Z", INT64_C(4107542399) },
	{ "9999-12-31T23:59:59Z", LAST },
};

static void
known_times_are_read_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char text[CLOCK_TEXT_BYTES];
		int64_t time_s = 7;
		assert_int_equal(clock_parse_rfc3339(span_str(known[i].text), &time_s, NULL),
				 NOTAR_OK);
		assert_true(time_s == known[i].time_s);
		assert_string_equal(clock_format_rfc3339(time_s, text), known[i].text);
	}
}

/* The C library counts the same days, from an independent implementation. */
static void
every_day_of_eight_centuries_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = -150000; day < 150000; day++) {
		char text[CLOCK_TEXT_BYTES], want[CLOCK_TEXT_BYTES];
		struct tm tm;
		time_t at = (time_t)(day * DAY_S + 4711);
		int64_t back = 0;
		assert_non_null(gmtime_r(&at, &tm));
		assert_true(strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
		(void)clock_format_rfc3339(at, text);
		if (strcmp(text, want) != 0)
			fail_msg("%s is not %s", text, want);
		assert_int_equal(clock_parse_rfc3339(span_str(text), &back, NULL), NOTAR_OK);
		assert_true(back == at);
	}
}

static void
offsets_are_applied_and_fractions_are_cut(void **state)
{
	(void)state;
	static const char *const same[] = {
		"2026-01-02T03:04:05Z",      "2026-01-02T03:04:05.9Z",
		"2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05-00:00",
		"2026-01-02T08:34:05+05:30", "2026-01-01T19:04:05.123456789-08:00",
		"2026-01-03T03:03:05+23:59",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		int64_t time_s = 0;
		assert_int_equal(clock_parse_rfc3339(span_str(same[i]), &time_s, NULL), NOTAR_OK);
		assert_true(time_s == 1767323045);
	}
}

static void
other_spellings_and_dates_that_never_were_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"2026",
		"2026-01-02",
		"2026-01-02T03:04Z",
		"2026-01-02T03:04:05",
		"2026-01-02 03:04:05Z",
		"2026-01-02t03:04:05Z",
		"2026-01-02T03:04:05z",
		"2026-01-02T03:04:05.Z",
		"2026-01-02T03:04:05,5Z",
		"2026-01-02T03:04:05ZZ",
		"2026-01-02T03:04:05Z ",
		" 2026-01-02T03:04:05Z",
		"2026-1-02T03:04:05Z",
		"02026-01-02T03:04:05Z",
		"+026-01-02T03:04:05Z",
		"2026-00-02T03:04:05Z",
		"2026-13-02T03:04:05Z",
		"2026-01-00T03:04:05Z",
		"2026-01-32T03:04:05Z",
		"2026-04-31T03:04:05Z",
		"2026-02-29T03:04:05Z",
		"1900-02-29T03:04:05Z",
		"2026-01-02T24:00:00Z",
		"2026-01-02T03:60:05Z",
		"2026-01-02T03:04:60Z", /* leap seconds have no number in our time */
		"2026-01-02T03:04:05+24:00",
		"2026-01-02T03:04:05+00:60",
		"2026-01-02T03:04:05+0000",
		"2026-01-02T03:04:05+00",
		"2026-01-02T03:04:05 00:00",
		"0000-12-31T00:00:00Z",
		"10000-01-01T00:00:00Z",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"2026/01/02T03:04:05Z",
		"2O26-01-02T03:04:05Z",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct notar_error err = { 0 };
		int64_t time_s = 7;
		if (clock_parse_rfc3339(span_str(bad[i]), &time_s, &err) != NOTAR_E_FORMAT)
			fail_msg("accepted \"%s\"", bad[i]);
		assert_true(time_s == 7);
		assert_true(err.msg[0] != '\0');
	}
}

static void
every_truncated_time_is_refused(void **state)
{
	(void)state;
	const char *text = "2026-01-02T03:04:05.5+05:30";
	int64_t time_s;

	for (size_t len = 0; len < strlen(text); len++)
		assert_int_equal(clock_parse_rfc3339(span_of(text, len), &time_s, NULL),
				 NOTAR_E_FORMAT);
}

static void
times_outside_the_calendar_are_written_as_its_ends(void **state)
{
	(void)state;
	char text[CLOCK_TEXT_BYTES];

	assert_string_equal(clock_format_rfc3339(INT64_MIN, text), "0001-01-01T00:00:00Z");
	assert_string_equal(clock_format_rfc3339(FIRST - 1, text), "0001-01-01T00:00:00Z");
	assert_string_equal(clock_format_rfc3339(LAST + 1, text), "9999-12-31T23:59:59Z");
	assert_string_equal(clock_format_rfc3339(INT64_MAX, text), "9999-12-31T23:59:59Z");
}

static void
durations_need_their_unit(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {
		{ "90s", 90 }, { "15m", 900 }, { "24h", 86400 }, { "7d", 604800 }, { "0s", 0 }
	};
	static const char *const bad[] = { "",
					   "s",
					   "1",
					   "1S",
					   "1w",
					   "-1s",
					   "+1s",
					   "1.5h",
					   "1 s",
					   " 1s",
					   "1s ",
					   "1h30m",
					   "1ms",
					   "99999999999999999999s",
					   "9223372036854775807d" };
	int64_t seconds;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(clock_parse_duration(span_str(good[i].text), &seconds, NULL),
				 NOTAR_OK);
		assert_true(seconds == good[i].seconds);
	}
	seconds = 7;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (clock_parse_duration(span_str(bad[i]), &seconds, NULL) != NOTAR_E_FORMAT)
			fail_msg("accepted \"%s\"", bad[i]);
	}
	assert_int_equal(clock_parse_duration(span_of("1s\0", 3), &seconds, NULL), NOTAR_E_FORMAT);
	assert_true(seconds == 7);
}

static void
deadlines_saturate_and_nothing_is_left_after_them(void **state)
{
	(void)state;
	assert_true(clock_deadline_ms(INT64_MAX) == INT64_MAX);
	assert_true(clock_deadline_ms(INT64_MIN) < 0);
	assert_true(clock_left_ms(INT64_MIN) == 0);
	assert_true(clock_left_ms(clock_monotonic_ms() - 1) == 0);
	assert_true(clock_left_ms(INT64_MAX) > 0);
	int64_t left = clock_left_ms(clock_deadline_ms(60000));
	assert_true(left > 50000 && left <= 60000);
}

static void
milliseconds_are_kept_and_finer_digits_cut(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} times[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01T00:00:01.5Z", 1500 },
		{ "1970-01-01T00:00:01.05Z", 1050 },
		{ "1970-01-01T00:00:01.9999999Z", 1999 },
		{ "1970-01-01T01:00:00.001+01:00", 1 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "9999-12-31T23:59:59.999Z", INT64_C(253402300799999) },
	};
	int64_t ms = 0;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_int_equal(clock_parse_rfc3339_ms(span_str(times[i].text), &ms, NULL),
				 NOTAR_OK);
		assert_true(ms == times[i].ms);
	}
	assert_int_equal(clock_parse_rfc3339_ms(span_str("1970-01-01T00:00:01.Z"), &ms, NULL),
			 NOTAR_E_FORMAT);
	assert_int_equal(clock_parse_rfc3339_ms(span_str("1970-01-01T00:00:01,5Z"), &ms, NULL),
			 NOTAR_E_FORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times_are_read_and_written),
		cmocka_unit_test(every_day_of_eight_centuries_agrees_with_the_c_library),
		cmocka_unit_test(milliseconds_are_kept_and_finer_digits_cut),
		cmocka_unit_test(offsets_are_applied_and_fractions_are_cut),
		cmocka_unit_test(other_spellings_and_dates_that_never_were_are_refused),
		cmocka_unit_test(every_truncated_time_is_refused),
		cmocka_unit_test(times_outside_the_calendar_are_written_as_its_ends),
		cmocka_unit_test(durations_need_their_unit),
		cmocka_unit_test(deadlines_saturate_and_nothing_is_left_after_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
