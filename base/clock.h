/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/span.h"

/*
 * Time. Wall time is int64_t seconds since the epoch, UTC; deadlines are int64_t milliseconds
 * of the monotonic clock. Pure code (envelope/, trust/) gets the wall time as an argument.
 */

int64_t clock_now_s(void); /* wall, seconds; NOTAR_FAKE_TIME is never honoured */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

/* The deadline `ms` from now; saturates. */
int64_t clock_deadline_ms(int64_t ms);
/* What is left until the deadline, never below 0. */
int64_t clock_left_ms(int64_t deadline_ms);

/* "2026-01-02T03:04:05Z" and its NUL. Times outside the years 1 to 9999 give the nearest end. */
#define CLOCK_TEXT_BYTES 24
const char *clock_format_rfc3339(int64_t time_s, char out[CLOCK_TEXT_BYTES]);

/* RFC 3339 with Z or a numeric offset; fractions are cut. Years 1 to 9999. */
NOTAR_MUST_USE enum notar_code
clock_parse_rfc3339(struct span text, int64_t *out_s, struct notar_error *err);

/* The same in milliseconds since 1970, of which finer fractions are cut. */
NOTAR_MUST_USE enum notar_code
clock_parse_rfc3339_ms(struct span text, int64_t *out_ms, struct notar_error *err);

/* "90s", "15m", "24h", "7d" as seconds; the unit is required. */
NOTAR_MUST_USE enum notar_code
clock_parse_duration(struct span text, int64_t *out_s, struct notar_error *err);

#endif
