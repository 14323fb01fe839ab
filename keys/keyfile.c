/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/keyfile.h"

#include "base/codec.h"
#include "base/file.h"
#include "base/limits.h"
#include "keys/guarded.h"
#include "keys/key_internal.h"
#include "keys/key_pem.h"
#include "keys/keyfile_internal.h"

static const struct label {
	const char *text;
	enum keyfile_form form;
} labels[] = {
	{ "ENCRYPTED SIGSTORE PRIVATE KEY", KEYFILE_SIGSTORE },
	{ "ENCRYPTED COSIGN PRIVATE KEY", KEYFILE_SIGSTORE },
	{ "PRIVATE KEY", KEYFILE_PKCS8 },
	{ "ENCRYPTED PRIVATE KEY", KEYFILE_PKCS8_ENCRYPTED },
	{ "EC PRIVATE KEY", KEYFILE_SEC1 },
	{ "RSA PRIVATE KEY", KEYFILE_PKCS1 },
};

#define EC_PARAMETERS_BEGIN "-----BEGIN EC PARAMETERS-----"
#define EC_PARAMETERS_END "-----END EC PARAMETERS-----"

static const struct label *
find_label(struct span text)
{
	for (size_t i = 0; i < NOTAR_COUNT(labels); i++) {
		if (span_is(text, labels[i].text))
			return &labels[i];
	}
	return NULL;
}

/* "openssl ecparam -genkey" puts the curve's name in a block of its own before the key, which
 * names the curve again. */
static struct span
skip_ec_parameters(struct span text)
{
	text = pem_skip_space(text);
	if (!span_starts_with(text, EC_PARAMETERS_BEGIN))
		return text;
	const uint8_t *end =
		memmem(text.ptr, text.len, EC_PARAMETERS_END, strlen(EC_PARAMETERS_END));
	if (end == NULL)
		return text;
	return pem_skip_space(
		span_from(text, (size_t)(end - text.ptr) + strlen(EC_PARAMETERS_END)));
}

bool
keyfile_is_private(struct span text)
{
	return find_label(pem_label(skip_ec_parameters(text))) != NULL;
}

enum notar_code
keyfile_wrong_passphrase(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_KEY, "wrong passphrase, or the file is damaged");
}

enum notar_code
keyfile_passphrase(const struct passphrase_source *source, struct secret *out,
		   struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) word = { 0 };

	if (source == NULL || source->get == NULL)
		return notar_fail(err, NOTAR_E_KEY,
				  "the key is encrypted and no passphrase was "
				  "given");
	NOTAR_TRY(source->get(source->context, &word, err));
	if (word.len > LIMIT_PASSPHRASE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a passphrase of more than %d bytes",
				  LIMIT_PASSPHRASE_BYTES);
	*out = word;
	word = (struct secret){ 0 };
	return NOTAR_OK;
}

static enum notar_code
load_sec1(struct span der, struct key **out, struct notar_error *err)
{
	struct private_numbers numbers;

	NOTAR_TRY(sec1_parse(der, &numbers, err));
	return key_of_private(&numbers, out, err);
}

static enum notar_code
load_pkcs1(struct span der, struct key **out, struct notar_error *err)
{
	struct private_numbers numbers;

	NOTAR_TRY(pkcs1_parse(der, &numbers, err));
	return key_of_private(&numbers, out, err);
}

static enum notar_code
load_body(enum keyfile_form form, struct span body, const struct passphrase_source *passphrase,
	  struct key **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) pkcs8 = { 0 };

	switch (form) {
	case KEYFILE_SEC1:
		return load_sec1(body, out, err);
	case KEYFILE_PKCS1:
		return load_pkcs1(body, out, err);
	case KEYFILE_PKCS8:
		NOTAR_TRY(secret_copy(body, &pkcs8, err));
		break;
	case KEYFILE_SIGSTORE:
		NOTAR_TRY(sigstore_box_open(body, passphrase, &pkcs8, err));
		break;
	case KEYFILE_PKCS8_ENCRYPTED:
		NOTAR_TRY(pbes2_open(body, passphrase, &pkcs8, err));
		break;
	}
	return key_load_pkcs8(&pkcs8, out, err);
}

/* The block and its form; body ends in guarded memory. */
static enum notar_code
read_block(struct span text, struct guarded *body, enum keyfile_form *form, struct notar_error *err)
{
	struct span label = { 0 };
	const struct label *known = find_label(pem_label(text));

	if (known != NULL && memmem(text.ptr, text.len, "Proc-Type:", 10) != NULL)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "the key is encrypted in the old PEM form (Proc-Type), which is "
				  "not read: convert it with \"openssl pkcs8 -topk8\"");
	NOTAR_TRY(guarded_alloc(text.len + 4, body, err)); /* more than the decoder asks for */
	NOTAR_TRY(pem_decode_only(text, "a private key", &label, &body->buf, err));
	if (known == NULL)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "the PEM block is \"%.*s\", which is no private key",
				  (int)label.len, (const char *)label.ptr);
	*form = known->form;
	return NOTAR_OK;
}

enum notar_code
keyfile_decode(const struct secret *file, const struct passphrase_source *passphrase,
	       struct key **out, enum keyfile_form *form, struct notar_error *err)
{
	NOTAR_AUTO_OF(guarded) body = { 0 };
	NOTAR_AUTO(key) *key = NULL;
	enum keyfile_form found = KEYFILE_PKCS8;

	if (file->len > LIMIT_KEY_FILE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a key file of %zu bytes", file->len);
	NOTAR_TRY(read_block(skip_ec_parameters(secret_borrow(file)), &body, &found, err));
	NOTAR_TRY(load_body(found, buf_span(&body.buf), passphrase, &key, err));
	*out = NOTAR_TAKE(key);
	if (form != NULL)
		*form = found;
	return NOTAR_OK;
}

/* The PEM text, built in guarded memory: the plain form is the key itself. */
static enum notar_code
wrap(const char *label, struct span body, struct secret *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(guarded) text = { 0 };

	/* 4 characters for 3 bytes, a line end for each 48, and both boundaries. */
	NOTAR_TRY(guarded_alloc(body.len / 3 * 4 + body.len / 48 + 256, &text, err));
	pem_append(&text.buf, label, body);
	return guarded_copy(&text, "key file", out, err);
}

static enum notar_code
encode_encrypted(const struct secret *pkcs8, enum keyfile_form form,
		 const struct secret *passphrase, struct secret *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) sealed = { .cap = LIMIT_KEY_FILE_BYTES };

	if (passphrase == NULL || passphrase->len > LIMIT_PASSPHRASE_BYTES)
		return notar_fail(err, NOTAR_E_USAGE,
				  "this form of key file needs a passphrase of "
				  "at most %d bytes",
				  LIMIT_PASSPHRASE_BYTES);
	if (form == KEYFILE_SIGSTORE) {
		NOTAR_TRY(sigstore_box_seal(pkcs8, passphrase, &sealed, err));
		return wrap("ENCRYPTED SIGSTORE PRIVATE KEY", buf_span(&sealed), out, err);
	}
	if (passphrase->len == 0)
		return notar_fail(err, NOTAR_E_USAGE,
				  "encrypted PKCS#8 needs a passphrase that "
				  "is not empty");
	NOTAR_TRY(pbes2_seal(pkcs8, passphrase, &sealed, err));
	return wrap("ENCRYPTED PRIVATE KEY", buf_span(&sealed), out, err);
}

enum notar_code
keyfile_encode(const struct key *key, enum keyfile_form form, const struct secret *passphrase,
	       struct secret *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) pkcs8 = { 0 };

	NOTAR_TRY(key_pkcs8(key, &pkcs8, err));
	switch (form) {
	case KEYFILE_PKCS8:
		return wrap("PRIVATE KEY", secret_borrow(&pkcs8), out, err);
	case KEYFILE_SIGSTORE:
	case KEYFILE_PKCS8_ENCRYPTED:
		return encode_encrypted(&pkcs8, form, passphrase, out, err);
	case KEYFILE_SEC1:
	case KEYFILE_PKCS1:
		break;
	}
	return notar_fail(err, NOTAR_E_USAGE, "keys are written in cosign's form or as PKCS#8");
}

enum notar_code
keyfile_load(const char *path, const struct passphrase_source *passphrase, struct key **out,
	     struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) file = { 0 };
	enum notar_code code;

	NOTAR_TRY(file_read_secret(path, LIMIT_KEY_FILE_BYTES, &file, err));
	if (keyfile_is_private(secret_borrow(&file)))
		code = keyfile_decode(&file, passphrase, out, NULL, err);
	else
		code = key_load_public(secret_borrow(&file), out, err);
	if (code == NOTAR_OK || err == NULL)
		return code;
	return notar_context(err, "%s", path);
}
