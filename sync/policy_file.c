/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/policy_file.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "sync/notation_files.h"
#include "sync/trusted_root_file.h"

void
policy_file_release(struct policy_file *file)
{
	buf_release(&file->text);
	policy_free(file->policy);
	*file = (struct policy_file){ 0 };
}

enum notation_kind
policy_file_kind(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash == NULL ? path : slash + 1, "trustpolicy.blob.json") == 0 ?
		       NOTATION_BLOB :
		       NOTATION_OCI;
}

/* The folder that a file is in. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static enum notar_code
translate(const char *folder, struct span document, enum notation_kind kind, struct buf *out,
	  struct notar_error *err)
{
	char *context = strdup(folder);
	enum notar_code code = NOTAR_E_NOMEM;

	if (context != NULL)
		code = notation_translate(document, kind, notation_files_store, context, out, err);
	else
		(void)!notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	free(context);
	return code;
}

static enum notar_code
read_folder(const char *folder, enum notation_kind kind, struct policy_file *out,
	    struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) document = { 0 };

	NOTAR_TRY(notation_files_policy(folder, kind, &document, err));
	if (!notation_is_document(buf_span(&document)))
		return notar_fail(err, NOTAR_E_CONFIG,
				  "its trust policy is not a JSON document with \"trustPolicies\"");
	out->is_notation = true;
	return translate(folder, buf_span(&document), kind, &out->text, err);
}

static enum notar_code
read_file(const char *path, enum notation_kind kind, struct policy_file *out,
	  struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) document = { 0 };
	NOTAR_AUTO_CHARS *folder = folder_of(path);

	if (folder == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	NOTAR_TRY(file_read(path, LIMIT_POLICY_BYTES, &document, err));
	out->is_notation = notation_is_document(buf_span(&document));
	if (out->is_notation)
		return translate(folder, buf_span(&document), kind, &out->text, err);
	return trusted_root_files_embed(folder, buf_span(&document), &out->text, err);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum notar_code
policy_file_read(const char *path, enum notation_kind kind, struct policy_file *out,
		 struct notar_error *err)
{
	NOTAR_AUTO_OF(policy_file) file = { 0 };
	enum notar_code code = is_folder(path) ? read_folder(path, kind, &file, err) :
						 read_file(path, kind, &file, err);

	if (code == NOTAR_OK)
		code = policy_load(buf_span(&file.text), &file.policy, err);
	if (code == NOTAR_OK && buf_cstr(&file.text) == NULL)
		code = notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	if (code == NOTAR_OK) {
		*out = file;
		file = (struct policy_file){ 0 };
		return NOTAR_OK;
	}
	if (code != NOTAR_E_NOMEM)
		err->code = NOTAR_E_CONFIG;
	return notar_context(err, "policy %s", path);
}
