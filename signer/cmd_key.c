/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "keys/keyfile.h"
#include "signer/command.h"

static const struct {
	const char *name;
	enum key_kind kind;
	unsigned bits;
} kinds[] = {
	{ "ecdsa-p256", KEY_P256, 0 }, { "ecdsa-p384", KEY_P384, 0 }, { "ecdsa-p521", KEY_P521, 0 },
	{ "rsa-2048", KEY_RSA, 2048 }, { "rsa-3072", KEY_RSA, 3072 }, { "rsa-4096", KEY_RSA, 4096 },
	{ "ed25519", KEY_ED25519, 0 },
};

/* PREFIX.key and PREFIX.pub; --out names the first, or their common prefix. */
static enum notar_code
public_path(const char *private_path, struct buf *out, struct notar_error *err)
{
	size_t len = strlen(private_path);

	if (len > 4 && strcmp(private_path + len - 4, ".key") == 0)
		len -= 4;
	buf_append(out, private_path, len);
	buf_append_str(out, ".pub");
	return buf_cstr(out) != NULL ? NOTAR_OK : notar_fail(err, NOTAR_E_NOMEM, "no memory");
}

/* Both files or neither is overwritten: the public one is looked at before any is written. */
static enum notar_code
write_pair(const struct options *options, const struct key *key, struct notar_error *err)
{
	const char *path = options->out != NULL ? options->out : "notar.key";
	enum file_mode how = options->force ? FILE_REPLACE : FILE_CREATE;
	__attribute__((cleanup(secret_release))) struct secret passphrase = { 0 };
	__attribute__((cleanup(secret_release))) struct secret file = { 0 };
	NOTAR_AUTO_OF(buf) other = { 0 };
	NOTAR_AUTO_OF(buf) pem = { 0 };
	char prompt[] = "passphrase for the new key";

	NOTAR_TRY(public_path(path, &other, err));
	if (!options->force &&
	    (access(path, F_OK) == 0 || access((const char *)other.ptr, F_OK) == 0))
		return notar_fail(err, NOTAR_E_EXISTS, "%s or its .pub exists; --force overwrites",
				  path);
	NOTAR_TRY(passphrase_secret(prompt, &passphrase, err));
	NOTAR_TRY(keyfile_encode(key, KEYFILE_SIGSTORE, &passphrase, &file, err));
	key_public_pem(key, &pem);
	NOTAR_TRY(buf_finish(&pem, "public key", err));
	NOTAR_TRY(file_write_atomic(path, secret_borrow(&file), 0600, how, err));
	return file_write_atomic((const char *)other.ptr, buf_span(&pem), 0644, how, err);
}

static void
describe(const struct options *options, const struct key *key, struct buf *out)
{
	char id[KEY_ID_TEXT_BYTES];

	(void)key_id_text(key_id(key), id);
	if (options->json) {
		json_begin_object(out);
		json_pair_str(out, "id", id);
		json_pair_str(out, "type", key_describe(key));
		json_pair_bool(out, "private", key_is_private(key));
		json_end_object(out);
		buf_append_str(out, "\n");
	} else {
		buf_printf(out, "%s %s\n", id, key_describe(key));
	}
}

static enum notar_code
key_generate_command(const struct options *options, struct buf *out, struct notar_error *err)
{
	const char *type = options->type != NULL ? options->type : kinds[0].name;
	NOTAR_AUTO(key) *key = NULL;

	for (size_t i = 0; i < NOTAR_COUNT(kinds) && key == NULL; i++)
		if (strcmp(type, kinds[i].name) == 0)
			NOTAR_TRY(key_generate(kinds[i].kind, kinds[i].bits, &key, err));
	if (key == NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--type: not ecdsa-p256, ecdsa-p384, ecdsa-p521, rsa-2048, "
				  "rsa-3072, rsa-4096 or ed25519: %.40s",
				  type);
	NOTAR_TRY(write_pair(options, key, err));
	describe(options, key, out);
	return NOTAR_OK;
}

static enum notar_code
load_one(const struct options *options, size_t operand, struct key **out, struct notar_error *err)
{
	char prompt[] = "passphrase of the key";
	const struct passphrase_source source = { passphrase_secret, prompt };
	const char *path = options->keys.count == 1          ? options->keys.values[0] :
			   options->operands.count > operand ? options->operands.values[operand] :
							       NULL;
	if (path == NULL || options->keys.count > 1)
		return notar_fail(err, NOTAR_E_USAGE, "--key: exactly one is needed");
	return keyfile_load(path, &source, out, err);
}

static enum notar_code
run(const char *verb, const struct options *options, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO(key) *key = NULL;

	if (strcmp(verb, "generate") == 0)
		return key_generate_command(options, out, err);
	if (strcmp(verb, "list") == 0)
		return trust_list(options, out, err);
	bool import = strcmp(verb, "import") == 0, public = strcmp(verb, "public") == 0;

	if (!import && !public && strcmp(verb, "inspect") != 0)
		return notar_fail(err, NOTAR_E_USAGE,
				  "key: not generate, import, public, inspect or list: %.40s",
				  verb);
	NOTAR_TRY(load_one(options, 1, &key, err));
	if (import && !key_is_private(key))
		return notar_fail(err, NOTAR_E_KEY, "import needs a private key");
	if (import)
		NOTAR_TRY(write_pair(options, key, err));
	if (public)
		key_public_pem(key, out);
	else
		describe(options, key, out);
	return NOTAR_OK;
}

int
cmd_key(const struct options *options, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) out = { 0 };

	if (options->operands.count == 0)
		return command_fail(err, NOTAR_E_USAGE,
				    "key: generate, import, public, inspect or list");
	if (run(options->operands.values[0], options, &out, err) != NOTAR_OK)
		return -1;
	if (options->quiet)
		return 0;
	return output_flush(&out, err);
}
