/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "envelope/statement.h"
#include "keys/plugin.h"
#include "notar/sign.h"
#include "signer/keyless_files.h"
#include "signer/sign_files.h"

NOTAR_AUTO_FOREIGN(signer, struct notar_signer, notar_signer_free)

static enum notar_code
read_choice(const struct options *options, struct notar_sign_options *out, struct notar_error *err)
{
	const char *identity = options->identity;

	if (identity != NULL && strcmp(identity, "repository") != 0 &&
	    strcmp(identity, "full") != 0)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--identity-reference: neither repository nor full: %.40s",
				  identity);
	out->full_identity = identity != NULL && strcmp(identity, "full") == 0;
	return NOTAR_OK;
}

static void
print_signed(const struct options *options, const char *image, const struct notar_signed *done,
	     struct buf *out)
{
	char digest[NOTAR_DIGEST_TEXT_BYTES], artifact[NOTAR_DIGEST_TEXT_BYTES];

	(void)notar_digest_format(&done->digest, digest);
	(void)notar_digest_format(&done->artifact, artifact);
	if (options->json) {
		json_begin_object(out);
		json_pair_str(out, "image", image);
		json_pair_str(out, "digest", digest);
		json_pair_str(out, "artifact", artifact);
		json_pair_bool(out, "already", done->already);
		json_end_object(out);
		buf_append_str(out, "\n");
		return;
	}
	buf_printf(out, "%s\n", artifact);
	if (!options->quiet)
		fprintf(stderr,
			done->already ? "already signed: %s %s, nothing written\n" :
					"signed: %s %s\n",
			image, digest);
}

static enum notar_code
open_signer(const struct options *options, struct notar_signer **out, struct notar_error *err)
{
	const char *key = options->keys.values[0];
	struct notar_annotation config[OPTIONS_MAX_VALUES];
	NOTAR_AUTO_CHARS *storage = NULL;
	char prompt[] = "passphrase of the key";

	NOTAR_TRY(options_pairs(&options->plugin_config, "plugin-config", config, &storage, err));
	if (plugin_is_uri(key))
		return notar_signer_open_plugin(key, config, options->plugin_config.count, out,
						err);
	if (options->plugin_config.count > 0)
		return notar_fail(err, NOTAR_E_USAGE, "--plugin-config: no plugin holds this key");
	enum notar_code code = notar_signer_open(key, passphrase_ask, prompt, out, err);

	/* A key file that cannot be used is wrong usage, whatever is wrong with it. */
	if (code != NOTAR_OK && code != NOTAR_E_NOMEM && code != NOTAR_E_UNSUPPORTED)
		err->code = NOTAR_E_KEY;
	return code == NOTAR_OK ? NOTAR_OK : err->code;
}

static enum notar_code
open_keyless(const struct options *options, struct notar_signer **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(keyless_files) files = { 0 };
	struct notar_keyless how = { 0 };

	NOTAR_TRY(keyless_files_read(options, &files, &how, err));
	return notar_signer_open_keyless(&how, out, err);
}

static enum notar_code
open_any(const struct options *options, struct notar_signer **out, struct notar_error *err)
{
	bool is_keyless;

	NOTAR_TRY(keyless_is_asked(options, &is_keyless, err));
	if (is_keyless)
		return open_keyless(options, out, err);
	if (options->keys.count != 1)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--key: exactly one is needed; or, to sign without one, "
				  "--signing-config and --trusted-root");
	if (open_signer(options, out, err) != NOTAR_OK)
		return notar_context(err, "--key %s", options->keys.values[0]);
	return NOTAR_OK;
}

static enum notar_code
sign_all(const struct options *options, const struct notar_sign_options *asked, struct buf *out,
	 struct notar_error *err)
{
	struct notar_sign_options how = *asked;
	struct notar_annotation annotations[OPTIONS_MAX_VALUES];
	NOTAR_AUTO_PTR(signer, struct notar_signer) *signer = NULL;
	NOTAR_AUTO_CHARS *storage = NULL;

	if (options->operands.count == 0)
		return notar_fail(err, NOTAR_E_USAGE, "no image given");
	NOTAR_TRY(access_from(options, &how.access, err));
	NOTAR_TRY(options_pairs(&options->annotations, "annotation", annotations, &storage, err));
	how.annotations = annotations;
	how.annotation_count = options->annotations.count;
	NOTAR_TRY(open_any(options, &signer, err));
	for (size_t i = 0; i < options->operands.count; i++) {
		const char *image = options->operands.values[i];
		struct notar_signed done;

		if (notar_sign(signer, image, &how, &done, err) != NOTAR_OK)
			return notar_context(err, "%s", image);
		print_signed(options, image, &done, out);
	}
	return NOTAR_OK;
}

int
cmd_sign(const struct options *options, struct notar_error *err)
{
	struct notar_sign_options how = { 0 };
	NOTAR_AUTO_OF(sign_files) files = { 0 };
	NOTAR_AUTO_OF(buf) out = { 0 };

	how.recursive = options->recursive;
	if (read_choice(options, &how, err) != NOTAR_OK ||
	    sign_files_read(options, &files, &how, err) != NOTAR_OK)
		return -1;
	enum notar_code code = sign_all(options, &how, &out, err);
	struct notar_error flush = { 0 };
	int flushed = output_flush(&out, &flush); /* what was signed before a failure counts */

	return code != NOTAR_OK ? -1 : flushed;
}

static enum notar_code
read_predicate(const struct options *options, struct buf *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_ATTESTATION_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	if (options->predicate == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--predicate: needed");
	if (file_read(options->predicate, limits.bytes, out, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_USAGE, "--predicate: cannot read %.200s",
				  options->predicate);
	if (json_parse(buf_span(out), limits, options->predicate, &root, &top, err) != NOTAR_OK) {
		err->code = NOTAR_E_USAGE;
		return NOTAR_E_USAGE;
	}
	return buf_cstr(out) != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

int
cmd_attest(const struct options *options, struct notar_error *err)
{
	struct notar_sign_options how = { 0 };
	NOTAR_AUTO_OF(buf) out = { 0 };
	NOTAR_AUTO_OF(buf) predicate = { .cap = LIMIT_ATTESTATION_BYTES };

	how.predicate_type = options->type == NULL ? NULL : predicate_uri(options->type);
	if (how.predicate_type == NULL)
		return command_fail(err, NOTAR_E_USAGE, "--type: not a known name or a URI: %.60s",
				    options->type == NULL ? "(absent)" : options->type);
	if (read_predicate(options, &predicate, err) != NOTAR_OK)
		return -1;
	how.predicate = (const char *)predicate.ptr;
	if (sign_all(options, &how, &out, err) != NOTAR_OK)
		return -1;
	return output_flush(&out, err);
}
