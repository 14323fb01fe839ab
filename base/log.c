/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

#define VALUE_BYTES_MAX 512
#define LINE_BYTES_MAX (64U << 10)

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static enum log_level most_shown = LOG_LEVEL_INFO;
static bool as_json = true;

void
log_setup(enum log_level most, int json)
{
	most_shown = most;
	as_json = json < 0 ? isatty(STDERR_FILENO) == 0 : json != 0;
}

/* Not in the middle of a character. */
static struct span
cut(struct span text)
{
	if (text.len <= VALUE_BYTES_MAX)
		return text;
	text.len = VALUE_BYTES_MAX;
	while (text.len > 0 && (text.ptr[text.len] & 0xc0) == 0x80)
		text.len--;
	return text;
}

static struct span
field_text(const struct log_field *field)
{
	return cut(field->kind == LOG_SPAN ? field->span : span_str(field->str));
}

static void
append_json(struct buf *line, const char *time, enum log_level level, const char *event,
	    const struct log_field *fields, size_t count)
{
	json_begin_object(line);
	json_pair_str(line, "time", time);
	json_pair_str(line, "level", level_names[level]);
	json_pair_str(line, "event", event);
	for (size_t i = 0; i < count; i++) {
		if (fields[i].kind == LOG_INT)
			json_pair_int(line, fields[i].name, fields[i].number);
		else
			json_pair_span(line, fields[i].name, field_text(&fields[i]));
	}
	json_end_object(line);
}

/* A bare word needs no quotes: it has no blank, quote, '=' or byte that is not ASCII. */
static bool
is_word(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return text.len > 0;
}

/* What a terminal would obey is written as its number. */
static void
append_quoted(struct buf *line, struct span text)
{
	buf_append_byte(line, '"');
	while (text.len > 0) {
		uint32_t code = 0;
		size_t n = utf8_next(text, &code);
		if (n == 0)
			buf_printf(line, "\\x%02x", text.ptr[0]);
		else if (!utf8_is_shown(code))
			buf_printf(line, "\\u%04x", (unsigned)code);
		else if (code == '"' || code == '\\')
			buf_printf(line, "\\%c", (int)code);
		else
			buf_append(line, text.ptr, n);
		text = span_from(text, n == 0 ? 1 : n);
	}
	buf_append_byte(line, '"');
}

static void
append_text(struct buf *line, const char *time, enum log_level level, const char *event,
	    const struct log_field *fields, size_t count)
{
	buf_printf(line, "%s %-7s %s", time, level_names[level], event);
	for (size_t i = 0; i < count; i++) {
		buf_printf(line, " %s=", fields[i].name);
		struct span text = field_text(&fields[i]);
		if (fields[i].kind == LOG_INT)
			buf_printf(line, "%lld", (long long)fields[i].number);
		else if (is_word(text))
			buf_append_span(line, text);
		else
			append_quoted(line, text);
	}
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	NOTAR_AUTO_OF(buf) line = { .cap = LINE_BYTES_MAX };
	char time[CLOCK_TEXT_BYTES];

	if (level > most_shown)
		return;
	(void)clock_format_rfc3339(clock_now_s(), time);
	if (as_json)
		append_json(&line, time, level, event, fields, count);
	else
		append_text(&line, time, level, event, fields, count);
	buf_append_byte(&line, '\n');
	/* A line that does not fit in memory is dropped: half of one would mislead. */
	if (line.failed != NOTAR_OK)
		return;
	while (write(STDERR_FILENO, line.ptr, line.len) < 0 && errno == EINTR)
		;
}
