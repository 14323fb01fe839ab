/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/keyless_files.h"

#include "base/file.h"
#include "base/limits.h"

void
keyless_files_release(struct keyless_files *files)
{
	buf_release(&files->signing_config);
	buf_release(&files->trusted_root);
}

enum notar_code
keyless_is_asked(const struct options *options, bool *out, struct notar_error *err)
{
	bool is_named = options->signing_config != NULL || options->identity_token != NULL ||
			options->trusted_root != NULL;

	*out = options->keys.count == 0 && is_named;
	return options->keys.count == 0 || !is_named ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_USAGE,
				  "--key signs with that key: --identity-token, --signing-config "
				  "and --trusted-root are for signing without one");
}

static enum notar_code
read_text(const char *option, const char *path, struct buf *out, const char **text,
	  struct notar_error *err)
{
	if (path == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--%s: needed to sign without a key", option);
	if (file_read(path, LIMIT_TRUSTED_ROOT_BYTES, out, err) != NOTAR_OK) {
		(void)!notar_context(err, "--%s", option);
		err->code = NOTAR_E_USAGE;
		return NOTAR_E_USAGE;
	}
	*text = buf_cstr(out);
	return *text != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

enum notar_code
keyless_files_read(const struct options *options, struct keyless_files *files,
		   struct notar_keyless *out, struct notar_error *err)
{
	NOTAR_TRY(read_text("signing-config", options->signing_config, &files->signing_config,
			    &out->signing_config, err));
	NOTAR_TRY(read_text("trusted-root", options->trusted_root, &files->trusted_root,
			    &out->trusted_root, err));
	out->identity_token = options->identity_token;
	out->ca_file = options->ca_file;
	return options_timeout(options, &out->timeout_ms, err);
}
