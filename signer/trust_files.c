/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/trust_files.h"

#include "base/file.h"
#include "base/limits.h"
#include "keys/key.h"
#include "pki/trusted_root.h"

void
trust_files_release(struct trust_files *files)
{
	for (size_t i = 0; i < OPTIONS_MAX_VALUES; i++)
		buf_release(&files->keys[i]);
	policy_file_release(&files->policy);
	buf_release(&files->trusted_root);
}

static enum notar_code
read_text(const char *option, const char *path, size_t cap, struct buf *out,
	  struct notar_error *err)
{
	if (file_read(path, cap, out, err) != NOTAR_OK) {
		enum notar_code code = notar_context(err, "--%s", option);

		/* A file the operator named wrongly is wrong usage. */
		if (code != NOTAR_E_NOMEM)
			err->code = NOTAR_E_USAGE;
		return err->code;
	}
	return buf_cstr(out) != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

/* What a file of the operator holds is wrong: wrong usage, with the file's name. */
static enum notar_code
blame_file(const char *path, struct notar_error *err)
{
	enum notar_code code = notar_context(err, "%s", path);

	if (code != NOTAR_E_NOMEM)
		err->code = NOTAR_E_USAGE;
	return err->code;
}

static enum notar_code
read_key(const char *path, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO(key) *key = NULL;

	NOTAR_TRY(read_text("key", path, LIMIT_KEY_FILE_BYTES, out, err));
	if (key_load_public(buf_span(out), &key, err) != NOTAR_OK)
		return blame_file(path, err);
	return NOTAR_OK;
}

static enum notar_code
read_policy(const char *path, enum notation_kind kind, struct policy_file *out,
	    struct notar_error *err)
{
	enum notar_code code = policy_file_read(path, kind, out, err);

	if (code == NOTAR_OK || code == NOTAR_E_NOMEM)
		return code;
	err->code = NOTAR_E_USAGE;
	return notar_context(err, "--policy");
}

static enum notar_code
read_root(const char *path, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO(trusted_root) *root = NULL;

	NOTAR_TRY(read_text("trusted-root", path, LIMIT_TRUSTED_ROOT_BYTES, out, err));
	if (trusted_root_load(buf_span(out), &root, err) != NOTAR_OK)
		return blame_file(path, err);
	return NOTAR_OK;
}

static bool
has_identity(const struct options *o)
{
	return o->identity_subject != NULL || o->identity_subject_pattern != NULL ||
	       o->identity_issuer != NULL || o->identity_issuer_pattern != NULL;
}

/* Options that would be ignored are refused: whoever gave them believes that they count
 * (CVE-2026-48815). */
static enum notar_code
check_together(const struct options *o, struct notar_error *err)
{
	int ways = (o->keys.count > 0) + (o->policy != NULL) + has_identity(o);

	if (ways > 1)
		return notar_fail(err, NOTAR_E_USAGE,
				  "give one of --key, --policy and --certificate-identity");
	if (ways == 0 && o->state == NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "give --key, --policy, --certificate-identity or --state");
	if (o->trusted_root != NULL && o->keys.count == 0 && !has_identity(o))
		return notar_fail(err, NOTAR_E_USAGE,
				  "--trusted-root goes with --key or --certificate-identity; a "
				  "policy names its own");
	if (!has_identity(o))
		return NOTAR_OK;
	if ((o->identity_subject != NULL) + (o->identity_subject_pattern != NULL) != 1 ||
	    (o->identity_issuer != NULL) + (o->identity_issuer_pattern != NULL) != 1)
		return notar_fail(err, NOTAR_E_USAGE,
				  "give --certificate-identity and --certificate-oidc-issuer, "
				  "each once, as text or with -regexp");
	return o->trusted_root != NULL ? NOTAR_OK :
					 notar_fail(err, NOTAR_E_USAGE,
						    "--certificate-identity needs --trusted-root");
}

enum notar_code
trust_files_read(const struct options *options, enum notation_kind kind, struct trust_files *files,
		 struct notar_verify_options *ask, struct notar_error *err)
{
	for (size_t i = 0; i < options->keys.count; i++) {
		NOTAR_TRY(read_key(options->keys.values[i], &files->keys[i], err));
		files->key_texts[i] = (const char *)files->keys[i].ptr;
	}
	ask->keys = files->key_texts;
	ask->key_count = options->keys.count;
	if (options->policy != NULL)
		NOTAR_TRY(read_policy(options->policy, kind, &files->policy, err));
	ask->policy = (const char *)files->policy.text.ptr;
	if (options->trusted_root != NULL)
		NOTAR_TRY(read_root(options->trusted_root, &files->trusted_root, err));
	ask->trusted_root = (const char *)files->trusted_root.ptr;
	ask->identity =
		(struct notar_identity){ options->identity_issuer, options->identity_issuer_pattern,
					 options->identity_subject,
					 options->identity_subject_pattern };
	ask->state = options->state;
	ask->offline = options->offline;
	ask->private_responders = options->private_responders;
	return check_together(options, err);
}
