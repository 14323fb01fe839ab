/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SUITE_H
#define PKI_SUITE_H

#include "keys/key.h"
#include "keys/ossl.h"

/*
 * The algorithms of the Notary Project: one a kind of key (specs/notary-project.md section 4).
 * The certificate's key decides; a header has only to agree.
 */
struct suite {
	enum key_kind kind;
	unsigned rsa_bits;       /* 0 unless RSA */
	const char *jws;         /* "PS256" */
	int64_t cose;            /* -37 */
	const char *key_spec;    /* plugins: "RSA-2048" */
	const char *hash_name;   /* plugins: "SHA-256" */
	const char *plugin_name; /* plugins: "RSASSA-PSS-SHA-256" */
	enum ossl_hash hash;
	size_t signature_bytes;
};

/* NOTAR_E_KEY naming what else the key is. */
NOTAR_MUST_USE enum notar_code
suite_of_key(const struct key *key, const struct suite **out, struct notar_error *err);

/* NULL when there is none. */
const struct suite *suite_of_jws(struct span name);
const struct suite *suite_of_cose(int64_t number);
const struct suite *suite_of_key_spec(struct span name);

#endif
