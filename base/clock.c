/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/own.h"

#define DAY_S 86400
#define TIME_MIN INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

int64_t
clock_now_s(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int64_t
clock_monotonic_us(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_monotonic_ms(void)
{
	return clock_monotonic_us() / 1000;
}

int64_t
clock_deadline_ms(int64_t ms)
{
	int64_t now = clock_monotonic_ms();

	return ms > INT64_MAX - now ? INT64_MAX : now + ms;
}

int64_t
clock_left_ms(int64_t deadline_ms)
{
	int64_t now = clock_monotonic_ms();

	return deadline_ms > now ? deadline_ms - now : 0;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. Own arithmetic: mktime and timegm
 * depend on the process's time zone tables. */
static int64_t
days_from_civil(int64_t y, unsigned m, unsigned d)
{
	y -= m <= 2 ? 1 : 0;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * ((int64_t)m + (m > 2 ? -3 : 9)) + 2) / 5 + (int64_t)d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static void
civil_from_days(int64_t z, int64_t *year, unsigned *month, unsigned *day)
{
	z += 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

const char *
clock_format_rfc3339(int64_t time_s, char out[CLOCK_TEXT_BYTES])
{
	int64_t year;
	unsigned month, day;

	if (time_s < TIME_MIN)
		time_s = TIME_MIN;
	if (time_s > TIME_MAX)
		time_s = TIME_MAX;
	int64_t days = time_s / DAY_S - (time_s % DAY_S < 0 ? 1 : 0);
	int64_t second = time_s - days * DAY_S;
	civil_from_days(days, &year, &month, &day);
	(void)snprintf(out, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02uZ",
		       (unsigned)year % 10000, month % 100, day % 100,
		       (unsigned)(second / 3600) % 100, (unsigned)(second / 60 % 60),
		       (unsigned)(second % 60));
	return out;
}

static unsigned
digits(struct reader *r, size_t n)
{
	struct span text = reader_take(r, n);
	unsigned value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			r->failed = true;
		value = value * 10 + (unsigned)(text.ptr[i] - '0');
	}
	return value;
}

static void
expect(struct reader *r, char c)
{
	struct span byte = reader_take(r, 1);

	if (byte.len == 1 && byte.ptr[0] != (uint8_t)c)
		r->failed = true;
}

static unsigned
days_in_month(unsigned year, unsigned month)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* ".123" in milliseconds, the digits behind cut; 0 where there is no fraction. */
static unsigned
fraction_ms(struct reader *r)
{
	unsigned ms = 0;
	size_t n = 0;

	if (r->rest.len == 0 || r->rest.ptr[0] != '.')
		return 0;
	(void)reader_take(r, 1);
	while (n < r->rest.len && r->rest.ptr[n] >= '0' && r->rest.ptr[n] <= '9')
		n++;
	if (n == 0)
		r->failed = true;
	struct span text = reader_take(r, n);

	for (size_t i = 0; i < 3; i++)
		ms = ms * 10 + (i < text.len ? (unsigned)(text.ptr[i] - '0') : 0);
	return ms;
}

/* "Z", "+hh:mm" or "-hh:mm" must end the text. Returns the offset in seconds. */
static int64_t
zone(struct reader *r)
{
	struct span c = reader_take(r, 1);

	if (c.len == 1 && c.ptr[0] == 'Z')
		return 0;
	if (c.len != 1 || (c.ptr[0] != '+' && c.ptr[0] != '-')) {
		r->failed = true;
		return 0;
	}
	unsigned hours = digits(r, 2);

	expect(r, ':');
	unsigned minutes = digits(r, 2);

	if (hours > 23 || minutes > 59)
		r->failed = true;
	int64_t offset = (int64_t)hours * 3600 + (int64_t)minutes * 60;
	return c.ptr[0] == '-' ? -offset : offset;
}

static enum notar_code
parse_rfc3339(struct span text, int64_t *out_s, unsigned *ms, struct notar_error *err)
{
	struct reader r = { .rest = text };
	unsigned year = digits(&r, 4);

	expect(&r, '-');
	unsigned month = digits(&r, 2);

	expect(&r, '-');
	unsigned day = digits(&r, 2);

	expect(&r, 'T');
	unsigned hour = digits(&r, 2);

	expect(&r, ':');
	unsigned minute = digits(&r, 2);

	expect(&r, ':');
	unsigned second = digits(&r, 2);

	*ms = fraction_ms(&r);
	int64_t offset = zone(&r);

	if (r.failed || r.rest.len > 0 || year == 0 || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59)
		return notar_fail(err, NOTAR_E_FORMAT, "not an RFC 3339 time: \"%.*s\"",
				  (int)(text.len > 40 ? 40 : text.len), (const char *)text.ptr);
	int64_t time_s = days_from_civil(year, month, day) * DAY_S + (int64_t)hour * 3600 +
			 (int64_t)minute * 60 + (int64_t)second - offset;
	if (time_s < TIME_MIN || time_s > TIME_MAX)
		return notar_fail(err, NOTAR_E_FORMAT, "a time outside the years 1 to 9999");
	*out_s = time_s;
	return NOTAR_OK;
}

enum notar_code
clock_parse_rfc3339(struct span text, int64_t *out_s, struct notar_error *err)
{
	unsigned ms;

	return parse_rfc3339(text, out_s, &ms, err);
}

enum notar_code
clock_parse_rfc3339_ms(struct span text, int64_t *out_ms, struct notar_error *err)
{
	int64_t time_s = 0;
	unsigned ms = 0;

	NOTAR_TRY(parse_rfc3339(text, &time_s, &ms, err));
	*out_ms = time_s * 1000 + ms;
	return NOTAR_OK;
}

enum notar_code
clock_parse_duration(struct span text, int64_t *out_s, struct notar_error *err)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY_S } };
	struct reader r = { .rest = text };
	int64_t value = digits(&r, text.len > 0 && text.len <= 10 ? text.len - 1 : 0);
	struct span unit = reader_take(&r, 1);

	if (!r.failed && r.rest.len == 0 && text.len > 1)
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (unit.ptr[0] == (uint8_t)units[i].unit) {
				*out_s = value * units[i].seconds;
				return NOTAR_OK;
			}
	return notar_fail(err, NOTAR_E_FORMAT,
			  "not a duration such as 90s, 15m, 24h or 7d: \"%.*s\"",
			  (int)(text.len > 40 ? 40 : text.len), (const char *)text.ptr);
}
