/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SUBJECT_H
#define PKI_SUBJECT_H

#include "pki/asn1.h"

NOTAR_AUTO_FOREIGN(x509_name, X509_NAME, X509_NAME_free)

/* One attribute ("CN") behind those that are there; NOTAR_E_USAGE when its type is there already,
 * or the value is empty, too long for its type, not UTF-8 or nothing that can be shown. */
NOTAR_MUST_USE enum notar_code
subject_add(X509_NAME *name, const char *type, struct span value, struct notar_error *err);

/* From text as pki/request.h has it. The caller's to free. NOTAR_E_USAGE. */
NOTAR_MUST_USE enum notar_code
subject_parse(const char *text, X509_NAME **out, struct notar_error *err);

#endif
