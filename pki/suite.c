/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/suite.h"

static const struct suite suites[] = {
	{ KEY_RSA, 2048, "PS256", -37, "RSA-2048", "SHA-256", "RSASSA-PSS-SHA-256", OSSL_SHA256,
	  256 },
	{ KEY_RSA, 3072, "PS384", -38, "RSA-3072", "SHA-384", "RSASSA-PSS-SHA-384", OSSL_SHA384,
	  384 },
	{ KEY_RSA, 4096, "PS512", -39, "RSA-4096", "SHA-512", "RSASSA-PSS-SHA-512", OSSL_SHA512,
	  512 },
	{ KEY_P256, 0, "ES256", -7, "EC-256", "SHA-256", "ECDSA-SHA-256", OSSL_SHA256, 64 },
	{ KEY_P384, 0, "ES384", -35, "EC-384", "SHA-384", "ECDSA-SHA-384", OSSL_SHA384, 96 },
	{ KEY_P521, 0, "ES512", -36, "EC-521", "SHA-512", "ECDSA-SHA-512", OSSL_SHA512, 132 },
};

enum notar_code
suite_of_key(const struct key *key, const struct suite **out, struct notar_error *err)
{
	for (size_t i = 0; i < NOTAR_COUNT(suites); i++)
		if (suites[i].kind == key_kind_of(key) && suites[i].rsa_bits == key_rsa_bits(key)) {
			*out = &suites[i];
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_KEY,
			  "a key of kind %s: Notary Project signatures are made with RSA 2048, "
			  "3072, 4096, ECDSA P-256, P-384 or P-521",
			  key_describe(key));
}

const struct suite *
suite_of_jws(struct span name)
{
	for (size_t i = 0; i < NOTAR_COUNT(suites); i++)
		if (span_is(name, suites[i].jws))
			return &suites[i];
	return NULL;
}

const struct suite *
suite_of_cose(int64_t number)
{
	for (size_t i = 0; i < NOTAR_COUNT(suites); i++)
		if (suites[i].cose == number)
			return &suites[i];
	return NULL;
}

const struct suite *
suite_of_key_spec(struct span name)
{
	for (size_t i = 0; i < NOTAR_COUNT(suites); i++)
		if (span_is(name, suites[i].key_spec))
			return &suites[i];
	return NULL;
}
