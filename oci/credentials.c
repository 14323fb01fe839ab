/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/credentials.h"

#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "oci/credential_helper.h"
#include "oci/credential_files.h"
#include "oci/docker_config.h"

#define TOKEN_USER "<token>"

void
credentials_release(struct credentials *c)
{
	secret_release(&c->username);
	secret_release(&c->password);
	secret_release(&c->identity_token);
	secret_release(&c->registry_token);
}

bool
credentials_are_empty(const struct credentials *c)
{
	return c->username.ptr == NULL && c->password.ptr == NULL &&
	       c->identity_token.ptr == NULL && c->registry_token.ptr == NULL;
}

enum notar_code
credentials_set(struct span username, struct span password, struct credentials *out,
		struct notar_error *err)
{
	NOTAR_AUTO_OF(credentials) c = { 0 };

	if (username.len > LIMIT_CREDENTIAL_BYTES || password.len > LIMIT_CREDENTIAL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "credentials over %u bytes",
				  LIMIT_CREDENTIAL_BYTES);
	if (username.len == 0 || span_is(username, TOKEN_USER)) {
		NOTAR_TRY(secret_copy(password, &c.identity_token, err));
	} else {
		NOTAR_TRY(secret_copy(username, &c.username, err));
		NOTAR_TRY(secret_copy(password, &c.password, err));
	}
	*out = c;
	c = (struct credentials){ 0 };
	return NOTAR_OK;
}

/* A helper that does not know the host leaves the word to the file itself. */
static enum notar_code
find_in_document(struct span document, const char *host, const char *repository,
		 struct credentials *out, struct notar_error *err)
{
	char helper[DOCKER_CONFIG_HELPER_CHARS + 1];

	NOTAR_TRY(docker_config_helper(document, host, helper, err));
	if (helper[0] != '\0') {
		enum notar_code code =
			credential_helper_get(helper, docker_config_key(host), out, err);
		if (code != NOTAR_E_NOT_FOUND)
			return code;
	}
	return docker_config_find(document, host, repository, out, err);
}

static enum notar_code
find_in_file(const char *path, const char *host, const char *repository, struct credentials *out,
	     struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) document = { 0 };

	NOTAR_TRY(file_read_secret(path, LIMIT_DOCKER_CONFIG_BYTES, &document, err));
	enum notar_code code =
		find_in_document(secret_borrow(&document), host, repository, out, err);
	if (code == NOTAR_OK || code == NOTAR_E_NOT_FOUND || code == NOTAR_E_AUTH ||
	    code == NOTAR_E_NOMEM || err == NULL)
		return code;
	err->code = NOTAR_E_CONFIG;
	return notar_context(err, "%s", path);
}

enum notar_code
credentials_find(const char *host, const char *repository, struct credentials *out,
		 struct notar_error *err)
{
	for (size_t i = 0; i < CREDENTIAL_FILES; i++) {
		NOTAR_AUTO_CHARS *path = NULL;
		NOTAR_TRY(credential_file_path(i, &path, err));
		if (path == NULL)
			continue;
		enum notar_code code = find_in_file(path, host, repository, out, err);
		if (code != NOTAR_E_NOT_FOUND)
			return code;
	}
	return notar_fail(err, NOTAR_E_NOT_FOUND, "no credentials stored for %s", host);
}
