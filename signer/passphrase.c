/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "base/limits.h"
#include "signer/command.h"

static long
from_environment(const char *name, char *out, size_t room)
{
	const char *value = getenv(name);

	if (value == NULL || strlen(value) > room)
		return -1;
	memcpy(out, value, strlen(value));
	return (long)strlen(value);
}

static long
read_all(char *out, size_t room, bool one_line)
{
	size_t len = 0;

	for (;;) {
		char c;
		ssize_t n = read(STDIN_FILENO, &c, 1);

		if (n <= 0 || (one_line && c == '\n'))
			return n < 0 ? -1 : (long)len;
		if (len == room)
			return -1;
		out[len++] = c;
	}
}

static long
from_terminal(const char *prompt, char *out, size_t room)
{
	struct termios shown, hidden;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return -1;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "%s: ", prompt);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
		return -1;
	long len = read_all(out, room, true);

	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return len;
}

long
passphrase_ask(void *context, char *out, size_t room)
{
	long len = from_environment("NOTAR_PASSWORD", out, room);

	if (len < 0)
		len = from_environment("COSIGN_PASSWORD", out, room);
	if (len >= 0)
		return len;
	if (isatty(STDIN_FILENO))
		return from_terminal(context, out, room);
	return read_all(out, room, false);
}

enum notar_code
passphrase_secret(void *context, struct secret *out, struct notar_error *err)
{
	char text[LIMIT_PASSPHRASE_BYTES];
	long len = passphrase_ask(context, text, sizeof(text));

	if (len < 0)
		return notar_fail(err, NOTAR_E_KEY, "no passphrase (at most %d bytes)",
				  LIMIT_PASSPHRASE_BYTES);
	return secret_absorb((uint8_t *)text, (size_t)len, out, err);
}
