/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <sodium.h>

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"
#include "keys/keyfile_internal.h"

/* specs/sigstore.md section 3.1 */
#define SALT_BYTES 32
#define KDF_R 8
#define KDF_P 1
#define KDF_N_WRITTEN 65536

struct box {
	uint64_t n;
	uint8_t salt[SALT_BYTES];
	uint8_t nonce[crypto_secretbox_NONCEBYTES];
	struct buf ciphertext;
};

static void
box_release(struct box *box)
{
	buf_release(&box->ciphertext);
}

static enum notar_code
expect_name(const struct json *object, const char *want, struct notar_error *err)
{
	struct span name = { 0 };

	NOTAR_TRY(json_member_string(object, "name", &name, err));
	if (!span_is(name, want))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.name is not \"%s\"", object->path, want);
	return NOTAR_OK;
}

static enum notar_code
fixed_bytes(const struct json *object, const char *name, uint8_t *out, size_t len,
	    struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { .cap = LIMIT_KEY_FILE_BYTES };
	struct span text = { 0 };

	NOTAR_TRY(json_member_string(object, name, &text, err));
	NOTAR_TRY(base64_decode(text, &bytes, name, err));
	if (bytes.len != len)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.%s has %zu bytes, not %zu", object->path,
				  name, bytes.len, len);
	memcpy(out, bytes.ptr, len);
	return NOTAR_OK;
}

/* Three sets exist; any other costs memory or strength of the writer's choosing. */
static enum notar_code
parse_params(const struct json *kdf, struct box *box, struct notar_error *err)
{
	static const char *const names[] = { "N", "r", "p" };
	struct json params;
	int64_t n = 0;
	int64_t r = 0;
	int64_t p = 0;

	NOTAR_TRY(json_member(kdf, "params", &params, err));
	NOTAR_TRY(json_only(&params, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_int(&params, "N", 0, INT64_MAX, &n, err));
	NOTAR_TRY(json_member_int(&params, "r", 0, INT64_MAX, &r, err));
	NOTAR_TRY(json_member_int(&params, "p", 0, INT64_MAX, &p, err));
	if ((n != 32768 && n != 65536 && n != 131072) || r != KDF_R || p != KDF_P)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: scrypt with N=%" PRId64 " r=%" PRId64 " p=%" PRId64
				  " is none of the known sets (N 32768, 65536 or 131072, r 8, p 1)",
				  params.path, n, r, p);
	box->n = (uint64_t)n;
	return NOTAR_OK;
}

static enum notar_code
parse_kdf(const struct json *top, struct box *box, struct notar_error *err)
{
	static const char *const names[] = { "name", "params", "salt" };
	struct json kdf;

	NOTAR_TRY(json_member(top, "kdf", &kdf, err));
	NOTAR_TRY(json_only(&kdf, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(expect_name(&kdf, "scrypt", err));
	NOTAR_TRY(parse_params(&kdf, box, err));
	return fixed_bytes(&kdf, "salt", box->salt, sizeof(box->salt), err);
}

static enum notar_code
parse_cipher(const struct json *top, struct box *box, struct notar_error *err)
{
	static const char *const names[] = { "name", "nonce" };
	struct json cipher;

	NOTAR_TRY(json_member(top, "cipher", &cipher, err));
	NOTAR_TRY(json_only(&cipher, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(expect_name(&cipher, "nacl/secretbox", err));
	return fixed_bytes(&cipher, "nonce", box->nonce, sizeof(box->nonce), err);
}

static enum notar_code
parse_box(struct span body, struct box *box, struct notar_error *err)
{
	static const char *const names[] = { "kdf", "cipher", "ciphertext" };
	const struct json_limits limits = { LIMIT_KEY_FILE_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct span text = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(body, limits, "key file", &root, &top, err));
	NOTAR_TRY(json_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(parse_kdf(&top, box, err));
	NOTAR_TRY(parse_cipher(&top, box, err));
	NOTAR_TRY(json_member_string(&top, "ciphertext", &text, err));
	NOTAR_TRY(base64_decode(text, &box->ciphertext, "ciphertext", err));
	if (box->ciphertext.len <= crypto_secretbox_MACBYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "key file: the ciphertext is too short");
	return NOTAR_OK;
}

static enum notar_code
derive(const struct secret *passphrase, const struct box *box, struct secret *out,
       struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) derived = { 0 };

	NOTAR_TRY(secret_alloc(crypto_secretbox_KEYBYTES, &derived, err));
	if (crypto_pwhash_scryptsalsa208sha256_ll(passphrase->ptr, passphrase->len, box->salt,
						  sizeof(box->salt), box->n, KDF_R, KDF_P,
						  derived.ptr, derived.len) != 0)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for scrypt (%" PRIu64 " MiB)",
				  128 * box->n * KDF_R >> 20);
	*out = derived;
	derived = (struct secret){ 0 };
	return NOTAR_OK;
}

enum notar_code
sigstore_box_open(struct span body, const struct passphrase_source *passphrase, struct secret *out,
		  struct notar_error *err)
{
	NOTAR_AUTO_OF(box) box = { .ciphertext.cap = LIMIT_KEY_FILE_BYTES };
	NOTAR_AUTO_OF(secret) word = { 0 };
	NOTAR_AUTO_OF(secret) derived = { 0 };
	NOTAR_AUTO_OF(secret) plain = { 0 };

	NOTAR_TRY(parse_box(body, &box, err));
	NOTAR_TRY(keyfile_passphrase(passphrase, &word, err));
	NOTAR_TRY(derive(&word, &box, &derived, err));
	NOTAR_TRY(secret_alloc(box.ciphertext.len - crypto_secretbox_MACBYTES, &plain, err));
	if (crypto_secretbox_open_easy(plain.ptr, box.ciphertext.ptr, box.ciphertext.len, box.nonce,
				       derived.ptr) != 0)
		return keyfile_wrong_passphrase(err);
	*out = plain;
	plain = (struct secret){ 0 };
	return NOTAR_OK;
}

/* Members in the order cosign writes them. */
static void
write_box(struct buf *out, const struct box *box)
{
	json_begin_object(out);
	json_name(out, "kdf");
	json_begin_object(out);
	json_pair_str(out, "name", "scrypt");
	json_name(out, "params");
	json_begin_object(out);
	json_pair_int(out, "N", (int64_t)box->n);
	json_pair_int(out, "r", KDF_R);
	json_pair_int(out, "p", KDF_P);
	json_end_object(out);
	json_name(out, "salt");
	json_put_base64(out, span_of(box->salt, sizeof(box->salt)));
	json_end_object(out);
	json_name(out, "cipher");
	json_begin_object(out);
	json_pair_str(out, "name", "nacl/secretbox");
	json_name(out, "nonce");
	json_put_base64(out, span_of(box->nonce, sizeof(box->nonce)));
	json_end_object(out);
	json_name(out, "ciphertext");
	json_put_base64(out, buf_span(&box->ciphertext));
	json_end_object(out);
}

enum notar_code
sigstore_box_seal(const struct secret *pkcs8, const struct secret *passphrase, struct buf *out,
		  struct notar_error *err)
{
	NOTAR_AUTO_OF(box) box = { .n = KDF_N_WRITTEN, .ciphertext.cap = LIMIT_KEY_FILE_BYTES };
	NOTAR_AUTO_OF(secret) derived = { 0 };
	NOTAR_AUTO_OF(secret) sealed = { 0 };

	randombytes_buf(box.salt, sizeof(box.salt));
	randombytes_buf(box.nonce, sizeof(box.nonce));
	NOTAR_TRY(derive(passphrase, &box, &derived, err));
	NOTAR_TRY(secret_alloc(pkcs8->len + crypto_secretbox_MACBYTES, &sealed, err));
	(void)crypto_secretbox_easy(sealed.ptr, pkcs8->ptr, pkcs8->len, box.nonce, derived.ptr);
	buf_append_span(&box.ciphertext, secret_borrow(&sealed));
	NOTAR_TRY(buf_finish(&box.ciphertext, "key file", err));
	write_box(out, &box);
	return buf_finish(out, "key file", err);
}
