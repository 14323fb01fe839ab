/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_FULCIO_FIXTURE_H
#define TESTS_LIB_FULCIO_FIXTURE_H

#include <openssl/x509.h>

#include "pki/trusted_root.h"

/* Fulcio's certificates: real ones with their root, and such as nobody would issue. */

/* tests/vectors/sigstore/NAME: a leaf, its authority, and the logs of that root. */
struct fulcio_vector {
	struct cert *leaf;
	struct root_authority ca;
	struct trusted_root root; /* ct_logs only */
};
void fulcio_vector_load(const char *name, struct fulcio_vector *out);
void fulcio_vector_release(struct fulcio_vector *vector);

/* An extension as its bytes are to be. OIDs by number; hexadecimal. oid NULL ends a list. */
struct raw_extension {
	const char *oid;
	bool is_critical;
	const char *hex;
};
X509 *raw_x509(const struct raw_extension *extensions);
void raw_x509_add(X509 *x509, const char *oid, bool is_critical, struct span value);
/* What was added since is in its bytes, under a signature that no longer holds. Frees x509. */
struct cert *raw_cert_of(X509 *x509);
struct cert *raw_cert(const struct raw_extension *extensions);

#endif
