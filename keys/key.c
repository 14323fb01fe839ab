/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key.h"

#include <sodium.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "keys/der.h"
#include "keys/key_internal.h"
#include "keys/key_pem.h"

void
key_free(struct key *key)
{
	if (key == NULL)
		return;
	secret_release(&key->pkcs8);
	EVP_PKEY_CTX_free(key->verifier);
	buf_release(&key->spki);
	free(key);
}

enum key_kind
key_kind_of(const struct key *key)
{
	return key->alg->kind;
}

unsigned
key_rsa_bits(const struct key *key)
{
	return key->rsa_bits;
}

bool
key_is_private(const struct key *key)
{
	return key->pkcs8.len > 0;
}

const char *
key_describe(const struct key *key)
{
	return key->description;
}

struct span
key_spki(const struct key *key)
{
	return buf_span(&key->spki);
}

const uint8_t *
key_id(const struct key *key)
{
	return key->id;
}

const char *
key_id_text(const uint8_t id[KEY_ID_BYTES], char out[KEY_ID_TEXT_BYTES])
{
	return hex_encode(span_of(id, KEY_ID_BYTES), out);
}

enum notar_code
key_id_parse(struct span hex, uint8_t out[KEY_ID_BYTES], struct notar_error *err)
{
	uint8_t id[KEY_ID_BYTES];

	NOTAR_TRY(hex_decode(hex, id, sizeof(id), "key id", err));
	memcpy(out, id, sizeof(id));
	return NOTAR_OK;
}

void
key_public_pem(const struct key *key, struct buf *out)
{
	pem_append(out, "PUBLIC KEY", key_spki(key));
}

enum notar_code
key_pkcs8(const struct key *key, struct secret *out, struct notar_error *err)
{
	if (!key_is_private(key))
		return notar_fail(err, NOTAR_E_KEY, "this key is only the public half");
	return secret_copy(secret_borrow(&key->pkcs8), out, err);
}

/* libsodium takes a small-order point for a key: anyone's signature would fit it. */
static enum notar_code
prepare_ed25519(struct key *key, struct span point, struct notar_error *err)
{
	if (point.len != sizeof(key->ed25519) || crypto_core_ed25519_is_valid_point(point.ptr) != 1)
		return notar_fail(err, NOTAR_E_KEY, "a public key that is no point of Ed25519");
	memcpy(key->ed25519, point.ptr, sizeof(key->ed25519));
	return NOTAR_OK;
}

static enum notar_code
prepare_evp(struct key *key, const struct public_numbers *numbers, struct notar_error *err)
{
	NOTAR_AUTO_PTR(evp_pkey, EVP_PKEY) *pkey = NULL;

	NOTAR_TRY(evp_public(numbers, &pkey, err));
	key->verifier = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (key->verifier == NULL || EVP_PKEY_verify_init(key->verifier) != 1 ||
	    !evp_set_scheme(key->verifier, key->alg, ossl_hash(key->alg->hash)))
		return ossl_fail(err, NOTAR_E_INTERNAL, "OpenSSL cannot prepare a verification");
	return NOTAR_OK;
}

static void
describe(struct key *key, const struct public_numbers *numbers)
{
	if (key->alg->kind == KEY_RSA)
		(void)snprintf(key->description, sizeof(key->description), "%s %zu", key->alg->name,
			       rsa_bits(numbers->n));
	else
		(void)snprintf(key->description, sizeof(key->description), "%s", key->alg->name);
}

enum notar_code
key_of_public(const struct public_numbers *numbers, struct key **out, struct notar_error *err)
{
	NOTAR_AUTO(key) *key = calloc(1, sizeof(*key));

	if (key == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a key");
	key->alg = numbers->alg;
	key->rsa_bits = key->alg->kind == KEY_RSA ? (unsigned)rsa_bits(numbers->n) : 0;
	describe(key, numbers);
	spki_append(&key->spki, numbers);
	NOTAR_TRY(buf_finish(&key->spki, "public key", err));
	sha256_of(key_spki(key), key->id);
	if (key->alg->kind == KEY_ED25519)
		NOTAR_TRY(prepare_ed25519(key, numbers->point, err));
	else
		NOTAR_TRY(prepare_evp(key, numbers, err));
	*out = NOTAR_TAKE(key);
	return NOTAR_OK;
}

static enum notar_code
load_spki(struct span der, struct key **out, struct notar_error *err)
{
	struct public_numbers numbers;

	NOTAR_TRY(spki_parse(der, &numbers, err));
	return key_of_public(&numbers, out, err);
}

enum notar_code
key_load_public(struct span in, struct key **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) body = { .cap = LIMIT_KEY_FILE_BYTES };
	struct span label = { 0 };

	if (in.len > LIMIT_KEY_FILE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a public key of %zu bytes", in.len);
	if (in.len > 0 && in.ptr[0] == DER_SEQUENCE)
		return load_spki(in, out, err);
	NOTAR_TRY(pem_decode_only(in, "a public key", &label, &body, err));
	if (!span_is(label, "PUBLIC KEY"))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "the PEM block is \"%.*s\", not \"PUBLIC KEY\"", (int)label.len,
				  (const char *)label.ptr);
	return load_spki(buf_span(&body), out, err);
}
