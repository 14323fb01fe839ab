/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "base/span.h"

/*
 * Events of the daemon: one line each, a fixed event name and typed fields. Text on a
 * terminal, JSON otherwise; untrusted strings are escaped and cut at 512 bytes. Only programs
 * log; the library never does. Safe from any thread: a line is one write(2) to stderr.
 */

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
	const char *name;
	enum { LOG_STR, LOG_SPAN, LOG_INT } kind;
	const char *str;
	struct span span;
	int64_t number;
};

/* Not thread-safe: call before threads start. json: -1 asks whether stderr is a terminal. */
void log_setup(enum log_level most, int json);

void
log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count);

#define LOG_F_STR(n, v) ((struct log_field){ .name = (n), .kind = LOG_STR, .str = (v) })
#define LOG_F_INT(n, v) ((struct log_field){ .name = (n), .kind = LOG_INT, .number = (v) })
#define LOG_F_SPAN(n, v) ((struct log_field){ .name = (n), .kind = LOG_SPAN, .span = (v) })
#define LOG(level, event, ...)                                                                     \
	log_event((level), (event), (const struct log_field[]){ __VA_ARGS__ },                     \
		  sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

#endif
