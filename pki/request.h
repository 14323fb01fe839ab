/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_REQUEST_H
#define PKI_REQUEST_H

#include "keys/key.h"

/*
 * Certificates on their way: a request to an authority (PKCS#10, RFC 2986), and a self-signed
 * certificate to try things out with. key is private and of one of the six kinds that Notary
 * Project signatures are made with; NOTAR_E_KEY otherwise. RSA signs by PKCS#1 v1.5, which every
 * authority reads, with the hash of the key's size.
 */

/*
 * Appends "CERTIFICATE REQUEST" PEM asking for what a code-signing leaf needs: keyUsage
 * digitalSignature (critical), extendedKeyUsage codeSigning.
 *
 * subject is "C=US,ST=WA,L=Seattle,O=Notary,CN=name": C, ST, L, O, OU, CN, each at most once, in
 * the order of the request; a backslash takes the meaning from , + " \ < > ; = # and space.
 * NOTAR_E_USAGE names what is wrong.
 */
NOTAR_MUST_USE enum notar_code
request_make(const struct key *key, const char *subject, struct buf *out, struct notar_error *err);

/* The same without a subject and extensions, for an authority that reads the key and nothing else:
 * Fulcio (specs/sigstore.md section 6.3). */
NOTAR_MUST_USE enum notar_code
request_make_bare(const struct key *key, struct buf *out, struct notar_error *err);

#define REQUEST_TEST_SECONDS 86400

/* Appends "CERTIFICATE" PEM as `notation cert generate-test` makes it: a self-signed leaf for
 * C=US, ST=WA, L=Seattle, O=Notary, CN=name, valid from now_s for REQUEST_TEST_SECONDS.
 * NOTAR_E_USAGE for a name that is empty, over 64 characters or not to be shown. */
NOTAR_MUST_USE enum notar_code
request_make_test(const struct key *key, const char *name, int64_t now_s, struct buf *out,
		  struct notar_error *err);

#endif
