/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "envelope/statement.h"
#include "keys/provider.h"
#include "signer/blob_notary.h"
#include "signer/keyless_files.h"
#include "signer/keyless_maker.h"

#define BLOB_BYTES (1U << 30)

static enum notar_code
check_arguments(const struct options *options, struct notar_error *err)
{
	if (options->bundle == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--bundle: needed");
	if (options->operands.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "exactly one file is needed");
	return NOTAR_OK;
}

static bool
is_format(const struct options *options, const char *name)
{
	return options->format != NULL && strcmp(options->format, name) == 0;
}

static bool
is_notary(const struct options *options)
{
	return is_format(options, "jws") || is_format(options, "cose");
}

static enum notar_code
write_bundle(const struct options *options, const struct buf *bundle, struct notar_error *err)
{
	return file_write_atomic(options->bundle, buf_span(bundle), 0644,
				 options->force ? FILE_REPLACE : FILE_CREATE, err);
}

static enum notar_code
sign_keyless(const struct options *options, struct span blob, struct buf *bundle,
	     struct notar_error *err)
{
	NOTAR_AUTO_OF(keyless_files) files = { 0 };
	NOTAR_AUTO(keyless_maker) *maker = NULL;
	struct notar_keyless how = { 0 };
	struct notar_digest digest = digest_of(NOTAR_SHA256, blob);
	bool is_statement = is_format(options, "statement");

	if (!is_statement && options->format != NULL && !is_format(options, "bundle"))
		return notar_fail(err, NOTAR_E_USAGE, "keyless signatures are written as bundles");
	if (is_statement)
		NOTAR_TRY(statement_first_digest(blob, &digest, err));
	NOTAR_TRY(keyless_files_read(options, &files, &how, err));
	NOTAR_TRY(keyless_maker_new(&how, &maker, err));
	return keyless_maker_sign(maker, is_statement ? KEYLESS_STATEMENT : KEYLESS_BLOB, blob,
				  &digest, bundle, err);
}

static enum notar_code
sign_statement(const struct signing_key *key, struct span payload, struct buf *bundle,
	       struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) pae = { 0 };
	NOTAR_AUTO_OF(buf) signature = { 0 };
	struct notar_digest digest;

	NOTAR_TRY(statement_first_digest(payload, &digest, err));
	dsse_pae(span_str(DSSE_TYPE_INTOTO), payload, &pae);
	NOTAR_TRY(buf_finish(&pae, "signed bytes", err));
	NOTAR_TRY(signing_key_sign(key, buf_span(&pae), SIG_DER, &signature, err));
	bundle_write_dsse(span_of(key_id(signing_key_public(key)), KEY_ID_BYTES), payload,
			  buf_span(&signature), bundle);
	return buf_finish(bundle, "bundle", err);
}

static enum notar_code
sign_with_key(const struct options *options, struct span blob, struct buf *bundle,
	      struct notar_error *err)
{
	char prompt[] = "passphrase of the key";
	const struct passphrase_source source = { passphrase_secret, prompt };
	NOTAR_AUTO(signing_key) *key = NULL;
	NOTAR_AUTO_OF(buf) signature = { 0 };
	struct notar_digest digest = digest_of(NOTAR_SHA256, blob);
	bool is_statement = is_format(options, "statement");

	if (options->format != NULL && !is_statement && !is_format(options, "bundle"))
		return notar_fail(err, NOTAR_E_USAGE,
				  "--format: files are signed as bundle, statement, jws or cose");
	NOTAR_TRY(signing_key_open(options->keys.values[0], &source, &key, err));
	if (is_statement)
		return sign_statement(key, blob, bundle, err);
	NOTAR_TRY(signing_key_sign(key, blob, SIG_DER, &signature, err));
	bundle_write_message(span_of(key_id(signing_key_public(key)), KEY_ID_BYTES), &digest,
			     buf_span(&signature), bundle);
	return buf_finish(bundle, "bundle", err);
}

static enum notar_code
sign_blob(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) blob = { .cap = BLOB_BYTES };
	NOTAR_AUTO_OF(buf) bundle = { 0 };

	bool is_keyless;

	NOTAR_TRY(check_arguments(options, err));
	NOTAR_TRY(keyless_is_asked(options, &is_keyless, err));
	if (!is_keyless && options->keys.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "--key: exactly one is needed");
	NOTAR_TRY(file_read(options->operands.values[0], BLOB_BYTES, &blob, err));
	if (is_keyless) {
		NOTAR_TRY(sign_keyless(options, buf_span(&blob), &bundle, err));
		return write_bundle(options, &bundle, err);
	}
	if (is_notary(options)) {
		NOTAR_TRY(blob_notary_sign(options, buf_span(&blob), &bundle, err));
		return write_bundle(options, &bundle, err);
	}
	NOTAR_TRY(sign_with_key(options, buf_span(&blob), &bundle, err));
	return write_bundle(options, &bundle, err);
}

int
cmd_sign_blob(const struct options *options, struct notar_error *err)
{
	if (sign_blob(options, err) != NOTAR_OK)
		return -1;
	if (!options->quiet)
		fprintf(stderr, "signed: %s\n", options->operands.values[0]);
	return 0;
}
