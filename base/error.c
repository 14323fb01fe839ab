/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* Text from a peer must not move a terminal's cursor or forge a log line. */
static void
clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

enum notar_code
notar_fail(struct notar_error *err, enum notar_code code, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return code;
	err->code = code;
	va_start(args, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	clean(err->msg);
	return code;
}

enum notar_code
notar_context(struct notar_error *err, const char *fmt, ...)
{
	char was[sizeof(err->msg)];
	va_list args;

	if (err == NULL)
		return NOTAR_E_INTERNAL;
	memcpy(was, err->msg, sizeof(was));
	va_start(args, fmt);
	int len = vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(err->msg))
		(void)snprintf(err->msg + len, sizeof(err->msg) - (size_t)len, ": %s", was);
	clean(err->msg);
	return err->code;
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
