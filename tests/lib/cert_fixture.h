/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_CERT_FIXTURE_H
#define TESTS_LIB_CERT_FIXTURE_H

#include "pki/cert.h"

/*
 * Certificates made by OpenSSL inside a test, as wrong as the test wants them. Values of extensions
 * are in the words of openssl.cnf ("critical,CA:TRUE", "DER:0500"); NULL leaves one out.
 */
#define CERT_FIXTURE_FROM_S INT64_C(1700000000)
#define CERT_FIXTURE_TO_S INT64_C(1900000000)

struct cert_recipe {
	const char *name; /* CN of the subject */
	const char *constraints, *usage, *purposes;
	const char *other, *other_value; /* an extension more, by name or OID */
	const char *twice;               /* "keyUsage"…: that extension a second time */
	const char *key;       /* "rsa2048" of OPENSSL_KEYS, "RSA:1024", "EC:P-224"; NULL: P-256 */
	const char *hash;      /* "SHA1"…; NULL: SHA-256 */
	const char *issuer;    /* CN in place of the issuer's own */
	bool is_pss;           /* signed with RSASSA-PSS, by an issuer with an RSA key */
	bool by_stranger;      /* signed with a key that is nobody's */
	bool printable_issuer; /* the issuer's CN as a PrintableString, no UTF8String */
	bool is_version_1;     /* and so without extensions */
	int64_t from_s, to_s;  /* 0: the two above */
};

/* Leaf first; each issued by the next and the last by itself. Fails the test on any error.
 * Appends to out. */
void fixture_chain(const struct cert_recipe *recipes, size_t count, struct cert_list *out);

#endif
