/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CHAIN_H
#define PKI_CHAIN_H

#include "pki/cert.h"

/*
 * The rules for chains (specs/notary-project.md section 8), walked by hand: X509_verify_cert has
 * other ones. Which roots are trusted, and revocation, are none of its business.
 */
enum chain_purpose { CHAIN_CODE_SIGNING, CHAIN_TIMESTAMPING };

/* Leaf first, root last and there. NOTAR_E_FORMAT naming the certificate and the rule that it
 * breaks, NOTAR_E_SIGNATURE for a link that does not hold. Times are not looked at. */
NOTAR_MUST_USE enum notar_code
chain_check(const struct cert_list *chain, enum chain_purpose purpose, struct notar_error *err);

/* Whether every certificate is valid at both ends of a span of time, inclusive.
 * NOTAR_E_KEY names the first that is not. */
NOTAR_MUST_USE enum notar_code chain_check_validity(const struct cert_list *chain, int64_t from_s,
						    int64_t to_s, struct notar_error *err);

#endif
