/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/notation_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/limits.h"
#include "trust/policy_x509.h"

#define DATA_LINK "..data"

struct listing {
	struct dirent **entries;
	int count;
};

static void
listing_release(struct listing *list)
{
	for (int i = 0; i < list->count; i++)
		free(list->entries[i]);
	free(list->entries);
}

static char *
join(const char *folder, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for a trust store");
}

static enum notar_code
fail_errno(const char *path, struct notar_error *err)
{
	return notar_fail(err, errno == ENOENT ? NOTAR_E_NOT_FOUND : NOTAR_E_IO, "%s: %s", path,
			  strerrordesc_np(errno));
}

/* Whether a link in this folder leads to somewhere below it, and the folder is a mount of
 * Kubernetes, which swaps "..data" to change all files at once. */
static bool
is_mounted_link(const char *folder, const char *path)
{
	NOTAR_AUTO_CHARS *data = join(folder, DATA_LINK);
	NOTAR_AUTO_CHARS *real_folder = realpath(folder, NULL);
	NOTAR_AUTO_CHARS *real = realpath(path, NULL);
	struct stat st;

	if (data == NULL || real_folder == NULL || real == NULL)
		return false;
	size_t len = strlen(real_folder);

	return lstat(data, &st) == 0 && strncmp(real, real_folder, len) == 0 && real[len] == '/';
}

/* What a name in a folder is. NOTAR_OK with *is_file false: a subfolder. */
static enum notar_code
look(const char *folder, const char *path, bool *is_file, struct notar_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return fail_errno(path, err);
	*is_file = !S_ISDIR(st.st_mode);
	if (S_ISLNK(st.st_mode) && !is_mounted_link(folder, path))
		return notar_fail(err, NOTAR_E_CONFIG, "%s: a symbolic link", path);
	if (*is_file && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return notar_fail(err, NOTAR_E_CONFIG, "%s: not a regular file", path);
	return NOTAR_OK;
}

static enum notar_code
read_policy(const char *folder, const char *name, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_CHARS *path = join(folder, name);
	bool is_file = false;

	if (path == NULL)
		return no_memory(err);
	NOTAR_TRY(look(folder, path, &is_file, err));
	if (!is_file)
		return notar_fail(err, NOTAR_E_CONFIG, "%s: not a regular file", path);
	enum notar_code code = file_read(path, LIMIT_POLICY_BYTES, out, err);

	/* It is there: what cannot be read must not make another count instead. */
	return code == NOTAR_E_NOT_FOUND ? NOTAR_E_CONFIG : code;
}

enum notar_code
notation_files_policy(const char *folder, enum notation_kind kind, struct buf *out,
		      struct notar_error *err)
{
	if (kind == NOTATION_BLOB)
		return read_policy(folder, "trustpolicy.blob.json", out, err);
	enum notar_code code = read_policy(folder, "trustpolicy.oci.json", out, err);

	return code != NOTAR_E_NOT_FOUND ? code : read_policy(folder, "trustpolicy.json", out, err);
}

static enum notar_code
add_file(const char *path, enum x509_anchor_kind kind, struct cert_list *list,
	 struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	size_t first = list->count;

	NOTAR_TRY(file_read(path, LIMIT_POLICY_BYTES, &bytes, err));
	enum notar_code code =
		cert_list_add_file(list, buf_span(&bytes), LIMIT_TRUST_STORE_CERTIFICATES, err);

	for (size_t i = first; code == NOTAR_OK && i < list->count; i++)
		code = policy_x509_check_anchor(list->certs[i], kind, err);
	return code == NOTAR_OK ? NOTAR_OK : notar_context(err, "%s", path);
}

/* By bytes: the same store makes the same text, whatever the locale. */
static int
compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_entry(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, DATA_LINK) != 0;
}

static enum notar_code
add_folder(const char *folder, enum x509_anchor_kind kind, struct cert_list *list,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(listing) found = { 0 };
	struct stat st;

	if (lstat(folder, &st) != 0)
		return fail_errno(folder, err);
	if (!S_ISDIR(st.st_mode))
		return notar_fail(err, NOTAR_E_CONFIG, "%s: not a folder, or a link to one",
				  folder);
	found.count = scandir(folder, &found.entries, is_entry, compare_names);
	if (found.count < 0)
		return fail_errno(folder, err);
	for (int i = 0; i < found.count; i++) {
		NOTAR_AUTO_CHARS *path = join(folder, found.entries[i]->d_name);
		bool is_file = false;

		if (path == NULL)
			return no_memory(err);
		NOTAR_TRY(look(folder, path, &is_file, err));
		if (is_file)
			NOTAR_TRY(add_file(path, kind, list, err));
	}
	if (list->count == 0)
		return notar_fail(err, NOTAR_E_CONFIG, "%s: an empty trust store", folder);
	return NOTAR_OK;
}

static enum x509_anchor_kind
kind_of(const char *type)
{
	if (strcmp(type, "tsa") == 0)
		return X509_ANCHOR_TSA;
	return strcmp(type, "ca") == 0 ? X509_ANCHOR_CA : X509_ANCHOR_AUTHORITY;
}

static enum notar_code
read_store(const char *folder, const char *type, struct buf *pem, struct notar_error *err)
{
	NOTAR_AUTO_OF(cert_list) list = { 0 };

	NOTAR_TRY(add_folder(folder, kind_of(type), &list, err));
	for (size_t i = 0; i < list.count; i++)
		pem_append(pem, "CERTIFICATE", buf_span(&list.certs[i]->der));
	return buf_finish(pem, folder, err);
}

enum notar_code
notation_files_store(void *context, const char *type, const char *name, struct buf *pem,
		     struct notar_error *err)
{
	const char *config = context;
	char *folder = NULL;

	if (asprintf(&folder, "%s/truststore/x509/%s/%s", config, type, name) < 0)
		return no_memory(err);
	enum notar_code code = read_store(folder, type, pem, err);

	free(folder);
	return code;
}
