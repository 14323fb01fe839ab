/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_H
#define PKI_CERT_H

#include <stdatomic.h>

#include <openssl/x509.h>

#include "base/buf.h"
#include "base/fact.h"
#include "keys/key.h"

/*
 * pki/: X.509 certificates and what vouches for them: chains, timestamps, revocation. Pure.
 *
 * One certificate, parsed once and then only read, so threads may share it. The bytes received
 * are kept: identity is the SHA-256 of those, and names are compared as the bytes they are
 * (specs/notary-project.md section 8.5), never as OpenSSL re-encodes or case-folds them.
 */
struct cert {
	X509 *x509;
	struct buf der;
	uint8_t thumbprint[FACT_ID_BYTES]; /* SHA-256 of der */
	struct span subject, issuer;       /* DER of the Names, inside der */
	struct span serial;                /* contents of the INTEGER, inside der */
	struct span spki;                  /* SubjectPublicKeyInfo, inside der */
	int64_t not_before_s, not_after_s; /* both inclusive */
	bool is_self_signed;               /* subject == issuer, and its own key verifies it */
	struct key *key;                   /* NULL: of a kind that notar does not know */
	atomic_uint references;
	struct cert_link { /* the last issuer that was found to be it; under the cache's lock */
		bool is_known;
		uint8_t issuer[FACT_ID_BYTES];
	} link;
};
/* Drops a reference. */
void cert_free(struct cert *cert);
NOTAR_AUTO_DEFINE(cert)

/* Another reference to the same certificate. Returns cert. */
struct cert *cert_share(struct cert *cert);

/* Exactly one certificate with nothing behind it; at most LIMIT_CERTIFICATE_BYTES.
 * NOTAR_E_FORMAT. */
NOTAR_MUST_USE enum notar_code
cert_parse(struct span der, struct cert **out, struct notar_error *err);

/* Its public key; NOTAR_E_KEY for kinds that notar does not know. Borrowed. */
NOTAR_MUST_USE enum notar_code
cert_key(const struct cert *cert, const struct key **out, struct notar_error *err);

/* Whether issuer's key made cert's signature, with a hash better than SHA-1, and issuer's subject
 * is cert's issuer. NOTAR_E_SIGNATURE says which of these is not so. */
NOTAR_MUST_USE enum notar_code
cert_is_issued_by(struct cert *cert, const struct cert *issuer, struct notar_error *err);

/* The same for a certificate that is not likely to come back: the answer is not kept. */
NOTAR_MUST_USE enum notar_code
cert_check_issuer(const struct cert *cert, const struct cert *issuer, struct notar_error *err);

/* basicConstraints with CA=TRUE. */
bool cert_is_ca(const struct cert *cert);

/* "CN=x,O=y", for messages; cut to fit. Returns out. */
#define CERT_NAME_TEXT_BYTES 160
const char *cert_name_text(const struct cert *cert, char out[CERT_NAME_TEXT_BYTES]);

/* Certificates in order, leaf first where it is a chain. Owned. Zeroed: empty. */
struct cert_list {
	struct cert **certs;
	size_t count;
};
void cert_list_release(struct cert_list *list);

/* Appends a parsed certificate; at most LIMIT_CHAIN_CERTIFICATES of them for an envelope's chain,
 * LIMIT_TRUST_STORE_CERTIFICATES for a store's: max says. */
NOTAR_MUST_USE enum notar_code
cert_list_add(struct cert_list *list, struct span der, size_t max, struct notar_error *err);

/* A file: PEM blocks, all of which must be certificates, else DER certificates one behind the
 * other (specs/notary-project.md section 11). Empty is NOTAR_E_FORMAT. Appends. */
NOTAR_MUST_USE enum notar_code
cert_list_add_file(struct cert_list *list, struct span bytes, size_t max, struct notar_error *err);

#endif
