/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <sodium.h>

#include "base/limits.h"
#include "keys/der.h"
#include "keys/keyfile_internal.h"
#include "keys/ossl.h"

/*
 * Parameters come from the file, so their cost is bounded before anything is derived:
 * 10 million PBKDF2 iterations are about 3 seconds, scrypt stays within the memory of
 * cosign's largest set and eight times its time.
 */
#define ITERATIONS_MAX 10000000U
#define SCRYPT_BYTES_MAX (128U << 20)
#define SCRYPT_WORK_MAX ((uint64_t)1 << 30) /* 128 * N * r * p */
#define SALT_BYTES_MIN 8U
#define SALT_BYTES_MAX 64U
#define IV_BYTES 16
#define DERIVED_BYTES_MAX 32

/* What is written; keyfile_internal.h says why. */
#define WRITTEN_N 16384
#define WRITTEN_R 8
#define WRITTEN_P 4
#define WRITTEN_SALT_BYTES 16

/* Object identifiers with their headers. */
static const uint8_t oid_pbes2[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d,
};
static const uint8_t oid_pbkdf2[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c,
};
static const uint8_t oid_scrypt[] = {
	0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b,
};
static const uint8_t prf_sha256[] = {
	0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09, 0x05, 0x00,
};
static const uint8_t prf_sha512[] = {
	0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b, 0x05, 0x00,
};
static const uint8_t oid_aes128[] = {
	0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02,
};
static const uint8_t oid_aes256[] = {
	0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a,
};

struct pbes2 {
	bool is_scrypt;
	struct span salt;
	uint64_t iterations; /* PBKDF2 */
	enum ossl_hash prf;
	uint64_t n; /* scrypt */
	uint64_t r;
	uint64_t p;
	size_t key_bytes;
	uint64_t key_bytes_told; /* 0: the file leaves it to the cipher */
	struct span iv;
	struct span ciphertext;
};

static bool
oid_is(struct span have, const uint8_t *want, size_t len)
{
	return span_equal(have, span_of(want, len));
}
#define OID_IS(have, want) oid_is((have), (want), sizeof(want))

/* The next OBJECT IDENTIFIER, header included. */
static struct span
take_oid(struct reader *r)
{
	struct span at = r->rest;

	(void)der_take(r, DER_OID);
	if (r->failed)
		return (struct span){ 0 };
	return span_of(at.ptr, at.len - r->rest.len);
}

static enum notar_code
unsupported(const char *what, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_KEY,
			  "encrypted private key: %s; convert it with \"openssl pkcs8 -topk8 "
			  "-v2 aes-256-cbc -v2prf hmacWithSHA256\"",
			  what);
}

static enum notar_code
parse_pbkdf2(struct reader *r, struct pbes2 *out, struct notar_error *err)
{
	out->salt = der_take(r, DER_OCTET_STRING);
	out->iterations = der_take_number(r, UINT64_MAX);
	if (der_next_is(r, DER_INTEGER))
		out->key_bytes_told = der_take_number(r, DERIVED_BYTES_MAX);
	bool has_prf = der_next_is(r, DER_SEQUENCE);
	struct span prf = has_prf ? der_take(r, DER_SEQUENCE) : (struct span){ 0 };
	NOTAR_TRY(der_finish(r, "PBKDF2 parameters", err));
	if (OID_IS(prf, prf_sha256))
		out->prf = OSSL_SHA256;
	else if (OID_IS(prf, prf_sha512))
		out->prf = OSSL_SHA512;
	else
		return unsupported(has_prf ? "PBKDF2 with an unknown hash" : "PBKDF2 with SHA-1",
				   err);
	if (out->iterations == 0 || out->iterations > ITERATIONS_MAX)
		return notar_fail(err, NOTAR_E_LIMIT,
				  "encrypted private key: %" PRIu64
				  " PBKDF2 iterations, not 1 to %u",
				  out->iterations, ITERATIONS_MAX);
	return NOTAR_OK;
}

static bool
scrypt_fits(const struct pbes2 *params)
{
	/* Each bound keeps the next product within 64 bits. */
	if (params->n < 2 || (params->n & (params->n - 1)) != 0 || params->n > SCRYPT_BYTES_MAX)
		return false;
	if (params->r < 1 || params->r > 64 || params->p < 1 || params->p > 64)
		return false;
	return 128 * params->n * params->r <= SCRYPT_BYTES_MAX &&
	       128 * params->n * params->r * params->p <= SCRYPT_WORK_MAX;
}

static enum notar_code
parse_scrypt(struct reader *r, struct pbes2 *out, struct notar_error *err)
{
	out->is_scrypt = true;
	out->salt = der_take(r, DER_OCTET_STRING);
	out->n = der_take_number(r, UINT64_MAX);
	out->r = der_take_number(r, UINT64_MAX);
	out->p = der_take_number(r, UINT64_MAX);
	if (der_next_is(r, DER_INTEGER))
		out->key_bytes_told = der_take_number(r, DERIVED_BYTES_MAX);
	NOTAR_TRY(der_finish(r, "scrypt parameters", err));
	if (!scrypt_fits(out))
		return notar_fail(err, NOTAR_E_LIMIT,
				  "encrypted private key: scrypt with N=%" PRIu64 " r=%" PRIu64
				  " p=%" PRIu64 " needs too much memory or time",
				  out->n, out->r, out->p);
	return NOTAR_OK;
}

static enum notar_code
parse_kdf(struct span algorithm, struct pbes2 *out, struct notar_error *err)
{
	struct reader r = { .rest = algorithm };
	struct span oid = take_oid(&r);
	struct reader params = der_enter(&r, DER_SEQUENCE);

	NOTAR_TRY(der_finish(&r, "key derivation", err));
	if (OID_IS(oid, oid_scrypt))
		NOTAR_TRY(parse_scrypt(&params, out, err));
	else if (OID_IS(oid, oid_pbkdf2))
		NOTAR_TRY(parse_pbkdf2(&params, out, err));
	else
		return unsupported("an unknown key derivation", err);
	if (out->salt.len < SALT_BYTES_MIN || out->salt.len > SALT_BYTES_MAX)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "encrypted private key: a salt of %zu bytes, not of %u to %u",
				  out->salt.len, SALT_BYTES_MIN, SALT_BYTES_MAX);
	return NOTAR_OK;
}

static enum notar_code
parse_cipher(struct span algorithm, struct pbes2 *out, struct notar_error *err)
{
	struct reader r = { .rest = algorithm };
	struct span oid = take_oid(&r);

	if (OID_IS(oid, oid_aes256))
		out->key_bytes = 32;
	else if (OID_IS(oid, oid_aes128))
		out->key_bytes = 16;
	else
		return unsupported("a cipher that is neither AES-256-CBC nor AES-128-CBC", err);
	out->iv = der_take(&r, DER_OCTET_STRING);
	NOTAR_TRY(der_finish(&r, "cipher parameters", err));
	if (out->iv.len != IV_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "encrypted private key: an IV of %zu bytes, not of %d",
				  out->iv.len, IV_BYTES);
	return NOTAR_OK;
}

static enum notar_code
parse_params(struct span algorithm, struct pbes2 *out, struct notar_error *err)
{
	struct reader r = { .rest = algorithm };

	if (!OID_IS(take_oid(&r), oid_pbes2))
		return unsupported("its encryption is not PBES2", err);
	struct reader params = der_enter(&r, DER_SEQUENCE);
	struct span kdf = der_take(&params, DER_SEQUENCE);
	struct span cipher = der_take(&params, DER_SEQUENCE);
	NOTAR_TRY(der_finish(&params, "PBES2 parameters", err));
	NOTAR_TRY(der_finish(&r, "PBES2 parameters", err));
	NOTAR_TRY(parse_kdf(kdf, out, err));
	NOTAR_TRY(parse_cipher(cipher, out, err));
	if (out->key_bytes_told != 0 && out->key_bytes_told != out->key_bytes)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "encrypted private key: the derived length is not the cipher's");
	return NOTAR_OK;
}

static enum notar_code
parse(struct span der, struct pbes2 *out, struct notar_error *err)
{
	struct reader r = { .rest = der };
	struct reader info = der_enter(&r, DER_SEQUENCE);
	struct span algorithm = der_take(&info, DER_SEQUENCE);

	out->ciphertext = der_take(&info, DER_OCTET_STRING);
	NOTAR_TRY(der_finish(&info, "encrypted private key", err));
	NOTAR_TRY(der_finish(&r, "encrypted private key", err));
	NOTAR_TRY(parse_params(algorithm, out, err));
	if (out->ciphertext.len == 0 || out->ciphertext.len % IV_BYTES != 0 ||
	    out->ciphertext.len > LIMIT_KEY_FILE_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "encrypted private key: a ciphertext of %zu bytes",
				  out->ciphertext.len);
	return NOTAR_OK;
}

static enum notar_code
derive(const struct secret *passphrase, const struct pbes2 *params, struct secret *key,
       struct notar_error *err)
{
	if (params->is_scrypt) {
		if (crypto_pwhash_scryptsalsa208sha256_ll(
			    passphrase->ptr, passphrase->len, params->salt.ptr, params->salt.len,
			    params->n, (uint32_t)params->r, (uint32_t)params->p, key->ptr,
			    key->len) != 0)
			return notar_fail(err, NOTAR_E_NOMEM, "no memory for scrypt");
		return NOTAR_OK;
	}
	const char *word = (const char *)passphrase->ptr;
	if (PKCS5_PBKDF2_HMAC(word, (int)passphrase->len, params->salt.ptr, (int)params->salt.len,
			      (int)params->iterations, ossl_hash(params->prf), (int)key->len,
			      key->ptr) != 1)
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot derive a key");
	return NOTAR_OK;
}

/* One pass of AES-CBC with padding. false: the padding is wrong, or OpenSSL failed. */
static bool
crypt_cbc(const struct pbes2 *params, const struct secret *key, bool encrypt, struct span in,
	  uint8_t *out, size_t *len)
{
	const EVP_CIPHER *cipher = params->key_bytes == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
	NOTAR_AUTO_PTR(evp_cipher_ctx, EVP_CIPHER_CTX) *ctx = EVP_CIPHER_CTX_new();
	int most = 0;
	int last = 0;

	if (ctx == NULL ||
	    EVP_CipherInit_ex(ctx, cipher, NULL, key->ptr, params->iv.ptr, encrypt) != 1 ||
	    EVP_CipherUpdate(ctx, out, &most, in.ptr, (int)in.len) != 1 ||
	    EVP_CipherFinal_ex(ctx, out + most, &last) != 1) {
		ossl_forget_errors();
		return false;
	}
	*len = (size_t)most + (size_t)last;
	return true;
}

enum notar_code
pbes2_open(struct span der, const struct passphrase_source *passphrase, struct secret *out,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) word = { 0 };
	NOTAR_AUTO_OF(secret) key = { 0 };
	NOTAR_AUTO_OF(secret) plain = { 0 };
	struct pbes2 params = { 0 };
	size_t len = 0;

	ossl_start();
	NOTAR_TRY(parse(der, &params, err));
	NOTAR_TRY(keyfile_passphrase(passphrase, &word, err));
	NOTAR_TRY(secret_alloc(params.key_bytes, &key, err));
	NOTAR_TRY(derive(&word, &params, &key, err));
	NOTAR_TRY(secret_alloc(params.ciphertext.len + IV_BYTES, &plain, err));
	if (!crypt_cbc(&params, &key, false, params.ciphertext, plain.ptr, &len))
		return keyfile_wrong_passphrase(err);
	/* The padding is right by chance once in 256: the key inside must begin like one. */
	struct reader r = { .rest = span_of(plain.ptr, len) };
	(void)der_take(&r, DER_SEQUENCE);
	if (der_finish(&r, "private key", NULL) != NOTAR_OK)
		return keyfile_wrong_passphrase(err);
	return secret_copy(span_of(plain.ptr, len), out, err);
}

static void
put_params(struct buf *out, const struct pbes2 *params)
{
	static const uint8_t n[] = { WRITTEN_N >> 8, WRITTEN_N & 0xff };
	static const uint8_t r[] = { WRITTEN_R };
	static const uint8_t p[] = { WRITTEN_P };
	size_t numbers = der_size(params->salt.len) + der_unsigned_size(span_of(n, sizeof(n))) +
			 der_unsigned_size(span_of(r, sizeof(r))) +
			 der_unsigned_size(span_of(p, sizeof(p)));
	size_t kdf = sizeof(oid_scrypt) + der_size(numbers);
	size_t cipher = sizeof(oid_aes256) + der_size(params->iv.len);
	size_t both = der_size(kdf) + der_size(cipher);

	der_put_header(out, DER_SEQUENCE, sizeof(oid_pbes2) + der_size(both));
	buf_append(out, oid_pbes2, sizeof(oid_pbes2));
	der_put_header(out, DER_SEQUENCE, both);
	der_put_header(out, DER_SEQUENCE, kdf);
	buf_append(out, oid_scrypt, sizeof(oid_scrypt));
	der_put_header(out, DER_SEQUENCE, numbers);
	der_put(out, DER_OCTET_STRING, params->salt);
	der_put_unsigned(out, span_of(n, sizeof(n)));
	der_put_unsigned(out, span_of(r, sizeof(r)));
	der_put_unsigned(out, span_of(p, sizeof(p)));
	der_put_header(out, DER_SEQUENCE, cipher);
	buf_append(out, oid_aes256, sizeof(oid_aes256));
	der_put(out, DER_OCTET_STRING, params->iv);
}

enum notar_code
pbes2_seal(const struct secret *pkcs8, const struct secret *passphrase, struct buf *out,
	   struct notar_error *err)
{
	uint8_t salt[WRITTEN_SALT_BYTES];
	uint8_t iv[IV_BYTES];
	const struct pbes2 params = {
		.is_scrypt = true,
		.n = WRITTEN_N,
		.r = WRITTEN_R,
		.p = WRITTEN_P,
		.key_bytes = 32,
		.salt = { salt, sizeof(salt) },
		.iv = { iv, sizeof(iv) },
	};
	NOTAR_AUTO_OF(secret) key = { 0 };
	NOTAR_AUTO_OF(secret) sealed = { 0 };
	NOTAR_AUTO_OF(buf) head = { 0 };
	size_t len = 0;

	ossl_start();
	randombytes_buf(salt, sizeof(salt));
	randombytes_buf(iv, sizeof(iv));
	NOTAR_TRY(secret_alloc(params.key_bytes, &key, err));
	NOTAR_TRY(derive(passphrase, &params, &key, err));
	NOTAR_TRY(secret_alloc(pkcs8->len + IV_BYTES, &sealed, err));
	if (!crypt_cbc(&params, &key, true, secret_borrow(pkcs8), sealed.ptr, &len))
		return notar_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot encrypt");
	put_params(&head, &params);
	NOTAR_TRY(buf_finish(&head, "key file", err));
	der_put_header(out, DER_SEQUENCE, head.len + der_size(len));
	buf_append_span(out, buf_span(&head));
	der_put(out, DER_OCTET_STRING, span_of(sealed.ptr, len));
	return buf_finish(out, "key file", err);
}
