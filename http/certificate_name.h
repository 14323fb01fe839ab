/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_CERTIFICATE_NAME_H
#define HTTP_CERTIFICATE_NAME_H

#include <stdbool.h>

struct x509_st;

/* Whether a verified client certificate says this of its owner: a subjectAltName of DNS, URI or
 * e-mail, compared byte for byte without wildcards, or, when it has none of those, its only
 * common name. */
bool certificate_has_name(const struct x509_st *certificate, const char *name);

#endif
