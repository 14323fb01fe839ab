/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/alg.h"

#include <openssl/objects.h>

#include "keys/der.h"

/* id-ecPublicKey, with its header */
#define EC_OID 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01
#define EC_OID_BYTES 9

static const uint8_t p256[] = {
	EC_OID, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
};
static const uint8_t p384[] = { EC_OID, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const uint8_t p521[] = { EC_OID, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const uint8_t rsa[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
};
static const uint8_t ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };

static const struct alg algs[] = {
	{ KEY_P256,
	  "ECDSA P-256",
	  "EC",
	  "P-256",
	  NID_X9_62_prime256v1,
	  OSSL_SHA256,
	  32,
	  { p256, sizeof(p256) } },
	{ KEY_P384,
	  "ECDSA P-384",
	  "EC",
	  "P-384",
	  NID_secp384r1,
	  OSSL_SHA384,
	  48,
	  { p384, sizeof(p384) } },
	{ KEY_P521,
	  "ECDSA P-521",
	  "EC",
	  "P-521",
	  NID_secp521r1,
	  OSSL_SHA512,
	  66,
	  { p521, sizeof(p521) } },
	{ KEY_RSA, "RSA", "RSA", NULL, 0, OSSL_SHA256, 0, { rsa, sizeof(rsa) } },
	{ KEY_ED25519, "Ed25519", NULL, NULL, 0, OSSL_SHA512, 32, { ed25519, sizeof(ed25519) } },
};

const struct alg *
alg_of_kind(enum key_kind kind)
{
	for (size_t i = 0; i < NOTAR_COUNT(algs); i++) {
		if (algs[i].kind == kind)
			return &algs[i];
	}
	return NULL;
}

/* OpenSSL's name or the dotted number, for a message. oid has its header. */
static void
oid_name(struct span oid, char *out, size_t size)
{
	const uint8_t *at = oid.ptr;
	NOTAR_AUTO_PTR(asn1_object, ASN1_OBJECT) *object =
		d2i_ASN1_OBJECT(NULL, &at, (long)oid.len);
	if (object == NULL || OBJ_obj2txt(out, (int)size, object, 0) <= 0)
		(void)snprintf(out, size, "without a name");
	ossl_forget_errors();
}

static enum notar_code
refuse_curve(struct span oid, struct notar_error *err)
{
	char name[80];

	oid_name(oid, name, sizeof(name));
	return notar_fail(err, NOTAR_E_KEY,
			  "an EC key on the curve %s: only P-256, P-384 and P-521 are supported",
			  name);
}

static enum notar_code
refuse_algorithm(struct span algorithm, struct notar_error *err)
{
	struct reader r = { .rest = algorithm };
	char name[80];

	(void)der_take(&r, DER_OID);
	if (r.failed)
		return notar_fail(err, NOTAR_E_FORMAT, "the key's algorithm is malformed");
	struct span oid = span_of(algorithm.ptr, algorithm.len - r.rest.len);
	bool is_ec = span_equal(oid, span_of(p256, EC_OID_BYTES));
	if (is_ec && der_next_is(&r, DER_OID))
		return refuse_curve(r.rest, err);
	if (is_ec)
		return notar_fail(err, NOTAR_E_KEY,
				  "an EC key with explicit curve parameters: only the named "
				  "curves P-256, P-384 and P-521 are supported");
	oid_name(oid, name, sizeof(name));
	return notar_fail(err, NOTAR_E_KEY,
			  "a key of algorithm %s: only ECDSA, RSA and Ed25519 are supported", name);
}

enum notar_code
alg_find(struct span algorithm, const struct alg **out, struct notar_error *err)
{
	for (size_t i = 0; i < NOTAR_COUNT(algs); i++) {
		if (span_equal(algorithm, algs[i].algorithm)) {
			*out = &algs[i];
			return NOTAR_OK;
		}
	}
	return refuse_algorithm(algorithm, err);
}

enum notar_code
alg_find_curve(struct span oid, const struct alg **out, struct notar_error *err)
{
	for (size_t i = 0; i < NOTAR_COUNT(algs); i++) {
		if (algs[i].group != NULL &&
		    span_equal(oid, span_from(algs[i].algorithm, EC_OID_BYTES))) {
			*out = &algs[i];
			return NOTAR_OK;
		}
	}
	return refuse_curve(oid, err);
}
