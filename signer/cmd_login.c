/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "oci/credentials.h"
#include "oci/reference.h"
#include "oci/registry.h"
#include "signer/command.h"

#define LOGIN_TIMEOUT_MS 30000

/* A host as it stands before an image's path: checked by the same grammar. */
static enum notar_code
check_host(const struct options *options, const char **host, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) image = { 0 };
	struct reference ref;

	if (options->operands.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "exactly one registry host is needed");
	*host = options->operands.values[0];
	buf_printf(&image, "%s/x", *host);
	NOTAR_TRY(buf_finish(&image, "host", err));
	if (strchr(*host, '/') != NULL ||
	    reference_parse(buf_span(&image), REFERENCE_STRICT, &ref, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_USAGE, "not a registry host: %.100s", *host);
	return NOTAR_OK;
}

/* One line, without its end. */
static enum notar_code
read_password(struct secret *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) text = { 0 };
	enum notar_code code = file_read_fd(STDIN_FILENO, LIMIT_PASSPHRASE_BYTES * 8, &text, err);
	size_t len = text.len;

	while (len > 0 && (text.ptr[len - 1] == '\n' || text.ptr[len - 1] == '\r'))
		len--;
	if (code == NOTAR_OK && len == 0)
		code = notar_fail(err, NOTAR_E_USAGE, "--password-stdin: empty");
	if (code == NOTAR_OK)
		code = secret_absorb(text.ptr, len, out, err);
	return code;
}

/* What a registry refuses is not stored. */
static enum notar_code
ask_registry(const struct options *options, const char *host, const struct secret *password,
	     struct notar_error *err)
{
	struct notar_access access;

	NOTAR_TRY(access_from(options, &access, err));
	const struct source_options how = {
		.deadline_ms = clock_deadline_ms(access.timeout_ms > 0 ? access.timeout_ms :
									 LOGIN_TIMEOUT_MS),
		.plain_http = access.plain_http,
		.ca_file = access.ca_file,
		.username = options->username,
		.password = (const char *)secret_borrow(password).ptr,
	};

	return registry_check_credentials(host, &how, err);
}

static enum notar_code
login(const struct options *options, struct notar_error *err)
{
	__attribute__((cleanup(secret_release))) struct secret username = { 0 };
	__attribute__((cleanup(secret_release))) struct secret password = { 0 };
	const char *host;

	NOTAR_TRY(check_host(options, &host, err));
	if (options->username == NULL || !options->password_stdin)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--username and --password-stdin are both needed");
	NOTAR_TRY(secret_copy(span_str(options->username), &username, err));
	NOTAR_TRY(read_password(&password, err));
	NOTAR_TRY(ask_registry(options, host, &password, err));
	NOTAR_TRY(credentials_store(host, &username, &password, err));
	if (!options->quiet)
		fprintf(stderr, "credentials for %s stored\n", host);
	return NOTAR_OK;
}

int
cmd_login(const struct options *options, struct notar_error *err)
{
	return login(options, err) == NOTAR_OK ? 0 : -1;
}

int
cmd_logout(const struct options *options, struct notar_error *err)
{
	const char *host;

	if (check_host(options, &host, err) != NOTAR_OK || credentials_erase(host, err) != NOTAR_OK)
		return -1;
	if (!options->quiet)
		fprintf(stderr, "credentials for %s removed\n", host);
	return 0;
}
