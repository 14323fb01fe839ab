/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/limits.h"
#include "oci/credential_files.h"
#include "oci/credential_helper.h"
#include "oci/credentials.h"
#include "oci/docker_config.h"

#define FILE_MODE 0600
#define FOLDER_MODE 0700

/* Secrets in a growing buffer: what realloc leaves behind cannot be wiped, so none grows. */
static void
wipe_release(struct buf *b)
{
	if (b->ptr != NULL)
		sodium_memzero(b->ptr, b->room);
	buf_release(b);
}
#define WIPED __attribute__((cleanup(wipe_release))) struct buf

/* docker's own file: the first of the places that the environment leads to. A link is
 * followed, so that the file that it names is replaced and not the link. */
static enum notar_code
config_path(char **out, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *path = NULL;

	NOTAR_TRY(credential_file_path(0, &path, err));
	if (path == NULL)
		NOTAR_TRY(credential_file_path(1, &path, err));
	if (path == NULL)
		return notar_fail(err, NOTAR_E_CONFIG, "neither DOCKER_CONFIG nor HOME is set");
	char *real = realpath(path, NULL);
	*out = real != NULL ? real : NOTAR_TAKE(path);
	return NOTAR_OK;
}

static enum notar_code
read_config(const char *path, struct secret *out, struct notar_error *err)
{
	enum notar_code code = file_read_secret(path, LIMIT_DOCKER_CONFIG_BYTES, out, err);

	return code == NOTAR_E_NOT_FOUND ? NOTAR_OK : code;
}

static enum notar_code
write_config(const char *path, struct span document, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *folder = strdup(path);

	if (folder == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
	char *slash = strrchr(folder, '/');
	if (slash != NULL && slash != folder) {
		*slash = '\0';
		NOTAR_TRY(file_make_dirs(folder, FOLDER_MODE, err));
	}
	return file_write_atomic(path, document, FILE_MODE, FILE_REPLACE, err);
}

static enum notar_code
edit_config(const char *path, struct span before, const char *host, struct span auth, bool *changed,
	    struct notar_error *err)
{
	WIPED after = { .cap = LIMIT_DOCKER_CONFIG_BYTES };

	if (docker_config_edit(before, host, auth, &after, changed, err) != NOTAR_OK) {
		err->code = NOTAR_E_CONFIG;
		return notar_context(err, "%s", path);
	}
	if (auth.len == 0 && !*changed)
		return NOTAR_OK;
	buf_append_byte(&after, '\n');
	NOTAR_TRY(buf_finish(&after, "credentials file", err));
	return write_config(path, buf_span(&after), err);
}

static enum notar_code
helper_for(const char *path, struct span document, const char *host,
	   char out[DOCKER_CONFIG_HELPER_CHARS + 1], struct notar_error *err)
{
	out[0] = '\0';
	if (document.len == 0 || docker_config_helper(document, host, out, err) == NOTAR_OK)
		return NOTAR_OK;
	err->code = NOTAR_E_CONFIG;
	return notar_context(err, "%s", path);
}

static enum notar_code
pack(const struct secret *username, const struct secret *password, struct buf *out,
     struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) pair = { 0 };
	struct span user = secret_borrow(username), word = secret_borrow(password);

	if (user.len == 0 || word.len == 0 || span_find(user, ':') != user.len)
		return notar_fail(err, NOTAR_E_USAGE,
				  "a user name (without a colon) and a password are needed");
	if (user.len > LIMIT_CREDENTIAL_BYTES || word.len > LIMIT_CREDENTIAL_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "credentials over %u bytes",
				  LIMIT_CREDENTIAL_BYTES);
	NOTAR_TRY(secret_alloc(user.len + 1 + word.len, &pair, err));
	memcpy(pair.ptr, user.ptr, user.len);
	pair.ptr[user.len] = ':';
	memcpy(pair.ptr + user.len + 1, word.ptr, word.len);
	base64_append(out, secret_borrow(&pair));
	return buf_finish(out, "credentials", err);
}

enum notar_code
credentials_store(const char *host, const struct secret *username, const struct secret *password,
		  struct notar_error *err)
{
	NOTAR_AUTO_CHARS *path = NULL;
	NOTAR_AUTO_OF(secret) document = { 0 };
	WIPED auth = { 0 };
	struct notar_error own = { 0 };
	char helper[DOCKER_CONFIG_HELPER_CHARS + 1];
	bool replaced = false;

	err = err != NULL ? err : &own;
	NOTAR_TRY(pack(username, password, &auth, err));
	NOTAR_TRY(config_path(&path, err));
	NOTAR_TRY(read_config(path, &document, err));
	NOTAR_TRY(helper_for(path, secret_borrow(&document), host, helper, err));
	if (helper[0] != '\0')
		return credential_helper_store(helper, docker_config_key(host), username, password,
					       err);
	return edit_config(path, secret_borrow(&document), host, buf_span(&auth), &replaced, err);
}

enum notar_code
credentials_erase(const char *host, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *path = NULL;
	NOTAR_AUTO_OF(secret) document = { 0 };
	struct notar_error own = { 0 };
	char helper[DOCKER_CONFIG_HELPER_CHARS + 1];
	bool was_there = false;

	err = err != NULL ? err : &own;
	NOTAR_TRY(config_path(&path, err));
	NOTAR_TRY(read_config(path, &document, err));
	NOTAR_TRY(helper_for(path, secret_borrow(&document), host, helper, err));
	if (helper[0] != '\0')
		return credential_helper_erase(helper, docker_config_key(host), err);
	if (document.len > 0)
		NOTAR_TRY(edit_config(path, secret_borrow(&document), host, (struct span){ 0 },
				      &was_there, err));
	if (was_there)
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_NOT_FOUND, "no credentials stored for %s", host);
}
