/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_REVOCATION_INPUT_H
#define TESTS_FUZZ_REVOCATION_INPUT_H

#include "pki/revocation.h"

/* What fuzz_ocsp and fuzz_crl take: a certificate, its issuer's and a document, each behind its
 * length (2 bytes), and what is left. tests/vectors/revocation/make writes the corpora. */
#define REVOCATION_INPUT_NOW INT64_C(1800000000)

struct revocation_input {
	struct cert *cert, *issuer;
	struct span first, second; /* borrowed */
};

static inline void
revocation_input_release(struct revocation_input *in)
{
	cert_free(in->cert);
	cert_free(in->issuer);
}

static inline bool
revocation_input_read(struct span bytes, struct revocation_input *in)
{
	struct reader r = { .rest = bytes };
	struct span cert = reader_take(&r, (size_t)reader_be(&r, 2));
	struct span issuer = reader_take(&r, (size_t)reader_be(&r, 2));

	in->first = reader_take(&r, (size_t)reader_be(&r, 2));
	in->second = r.rest;
	return !r.failed && cert_parse(cert, &in->cert, NULL) == NOTAR_OK &&
	       cert_parse(issuer, &in->issuer, NULL) == NOTAR_OK;
}

#endif
