/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "keys/provider.h"
#include "signer/blob_notary.h"

#define BLOB_BYTES (1U << 30)

static enum notar_code
check_arguments(const struct options *options, struct notar_error *err)
{
	if (options->keys.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "--key: exactly one is needed");
	if (options->bundle == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--bundle: needed");
	if (options->operands.count != 1)
		return notar_fail(err, NOTAR_E_USAGE, "exactly one file is needed");
	return NOTAR_OK;
}

static bool
is_notary(const struct options *options)
{
	return options->format != NULL &&
	       (strcmp(options->format, "jws") == 0 || strcmp(options->format, "cose") == 0);
}

static enum notar_code
write_bundle(const struct options *options, const struct buf *bundle, struct notar_error *err)
{
	return file_write_atomic(options->bundle, buf_span(bundle), 0644,
				 options->force ? FILE_REPLACE : FILE_CREATE, err);
}

static enum notar_code
sign_blob(const struct options *options, struct notar_error *err)
{
	char prompt[] = "passphrase of the key";
	const struct passphrase_source source = { passphrase_secret, prompt };
	NOTAR_AUTO(signing_key) *key = NULL;
	NOTAR_AUTO_OF(buf) blob = { .cap = BLOB_BYTES };
	NOTAR_AUTO_OF(buf) signature = { 0 };
	NOTAR_AUTO_OF(buf) bundle = { 0 };

	NOTAR_TRY(check_arguments(options, err));
	NOTAR_TRY(file_read(options->operands.values[0], BLOB_BYTES, &blob, err));
	if (is_notary(options)) {
		NOTAR_TRY(blob_notary_sign(options, buf_span(&blob), &bundle, err));
		return write_bundle(options, &bundle, err);
	}
	if (options->format != NULL && strcmp(options->format, "bundle") != 0)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--format: files are signed as bundle, jws or "
				  "cose");
	NOTAR_TRY(signing_key_open(options->keys.values[0], &source, &key, err));
	NOTAR_TRY(signing_key_sign(key, buf_span(&blob), SIG_DER, &signature, err));
	struct notar_digest digest = digest_of(NOTAR_SHA256, buf_span(&blob));

	bundle_write_message(span_of(key_id(signing_key_public(key)), KEY_ID_BYTES), &digest,
			     buf_span(&signature), &bundle);
	NOTAR_TRY(buf_finish(&bundle, "bundle", err));
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

/* The operand is a digest: what it names need not be here. */
static enum notar_code
verify_digest(const struct bundle *bundle, const struct key *key, const struct notar_digest *digest,
	      struct notar_error *err)
{
	const struct notar_digest *said = &bundle->message_digest;

	if (said->alg == digest->alg && !notar_digest_equal(said, digest))
		return notar_fail(err, NOTAR_E_DIGEST, "the bundle is about another digest");
	return key_verify_digest(key, digest, buf_span(&bundle->message_signature), err);
}

static enum notar_code
verify_message(const struct options *options, const struct bundle *bundle, const struct key *key,
	       struct notar_error *err)
{
	const char *name = options->operands.values[0];
	NOTAR_AUTO_OF(buf) blob = { .cap = BLOB_BYTES };
	struct notar_digest digest;

	if (notar_digest_parse(name, strlen(name), &digest, err) == NOTAR_OK)
		return verify_digest(bundle, key, &digest, err);
	NOTAR_TRY(file_read(name, BLOB_BYTES, &blob, err));
	NOTAR_TRY(key_verify_sigstore(key, buf_span(&blob), buf_span(&bundle->message_signature),
				      err));
	/* The digest inside is only a hint, but one that lies is refused (section 2.2). */
	if (bundle->message_digest.alg != NOTAR_DIGEST_NONE)
		return digest_check(&bundle->message_digest, buf_span(&blob), "the file", err);
	return NOTAR_OK;
}

static enum notar_code
verify_blob(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) pem = { 0 };
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_ENVELOPE_BYTES };
	NOTAR_AUTO_OF(bundle) bundle = { 0 };
	NOTAR_AUTO(key) *key = NULL;

	NOTAR_TRY(check_arguments(options, err));
	NOTAR_TRY(file_read(options->keys.values[0], LIMIT_KEY_FILE_BYTES, &pem, err));
	NOTAR_TRY(key_load_public(buf_span(&pem), &key, err));
	NOTAR_TRY(file_read(options->bundle, LIMIT_ENVELOPE_BYTES, &text, err));
	NOTAR_TRY(bundle_parse(buf_span(&text), &bundle, err));
	if (bundle.is_dsse || bundle.material != BUNDLE_PUBLIC_KEY)
		return notar_fail(err, NOTAR_E_SIGNATURE, "%s: not a blob's signature by a key",
				  options->bundle);
	return verify_message(options, &bundle, key, err);
}

int
cmd_verify_blob(const struct options *options, struct notar_error *err)
{
	if (options->policy != NULL) {
		if (options->keys.count > 0 || options->bundle == NULL ||
		    options->operands.count != 1)
			return command_fail(err, NOTAR_E_USAGE,
					    "--policy takes --bundle and one file, and no --key");
		return blob_notary_verify(options, err);
	}
	if (verify_blob(options, err) != NOTAR_OK)
		return -1;
	if (!options->quiet)
		printf("allow %s\n", options->operands.values[0]);
	return 0;
}
