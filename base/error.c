/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* The one table from codes to names, exit statuses and HTTP statuses. */
static const struct {
	const char *name;
	int exit_status;
	int http_status;
} codes[] = {
	[NOTAR_OK] = { "ok", 0, 200 },
	[NOTAR_E_USAGE] = { "usage", 2, 400 },
	[NOTAR_E_CONFIG] = { "config", 2, 500 },
	[NOTAR_E_FORMAT] = { "format", 1, 400 },
	[NOTAR_E_LIMIT] = { "limit", 1, 413 },
	[NOTAR_E_DIGEST] = { "digest", 1, 502 },
	[NOTAR_E_SIGNATURE] = { "signature", 1, 403 },
	[NOTAR_E_KEY] = { "key", 2, 400 },
	[NOTAR_E_NOT_FOUND] = { "not_found", 1, 404 },
	[NOTAR_E_EXISTS] = { "exists", 2, 409 },
	[NOTAR_E_AUTH] = { "auth", 3, 502 },
	[NOTAR_E_NET] = { "net", 3, 502 },
	[NOTAR_E_THROTTLED] = { "throttled", 3, 503 },
	[NOTAR_E_TIMEOUT] = { "timeout", 3, 504 },
	[NOTAR_E_UNSUPPORTED] = { "unsupported", 3, 501 },
	[NOTAR_E_STORE] = { "store", 3, 500 },
	[NOTAR_E_IO] = { "io", 3, 500 },
	[NOTAR_E_NOMEM] = { "nomem", 3, 503 },
	[NOTAR_E_INTERNAL] = { "internal", 3, 500 },
};

/* One harmless line: what a terminal would obey becomes '?', and so does broken UTF-8, such as
 * a character that the end of the buffer cut in two. */
static void
clean(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = utf8_next(span_of(text + i, len - i), &code);
		if (n == 0 || !utf8_is_shown(code)) {
			n = n == 0 ? 1 : n;
			memset(text + i, '?', n);
		}
		i += n;
	}
}

NOTAR_PRINTF(2, 0)
static void set_message(struct notar_error *err, const char *fmt, va_list args);

/* The text is composed aside: arguments may point into err->msg. */
static void
set_message(struct notar_error *err, const char *fmt, va_list args)
{
	char msg[sizeof(err->msg)];

	if (vsnprintf(msg, sizeof(msg), fmt, args) < 0)
		msg[0] = '\0';
	clean(msg);
	memcpy(err->msg, msg, strlen(msg) + 1);
}

enum notar_code
notar_fail(struct notar_error *err, enum notar_code code, const char *fmt, ...)
{
	/* A failure never reads as a success, whatever a caller computed. */
	if (code == NOTAR_OK || (unsigned)code > NOTAR_E_LAST)
		code = NOTAR_E_INTERNAL;
	if (err == NULL)
		return code;
	va_list args;
	va_start(args, fmt);
	set_message(err, fmt, args);
	va_end(args);
	err->code = code;
	return code;
}

enum notar_code
notar_context(struct notar_error *err, const char *fmt, ...)
{
	struct notar_error prefix = { 0 };

	if (err == NULL)
		return NOTAR_E_INTERNAL;
	va_list args;
	va_start(args, fmt);
	set_message(&prefix, fmt, args);
	va_end(args);
	return notar_fail(err, err->code, "%s: %s", prefix.msg, err->msg);
}

static size_t
row(enum notar_code code)
{
	size_t i = (size_t)code;

	return i < sizeof(codes) / sizeof(codes[0]) ? i : (size_t)NOTAR_E_INTERNAL;
}

const char *
notar_code_name(enum notar_code code)
{
	return codes[row(code)].name;
}

int
notar_code_exit(enum notar_code code)
{
	return codes[row(code)].exit_status;
}

int
notar_code_http(enum notar_code code)
{
	return codes[row(code)].http_status;
}
