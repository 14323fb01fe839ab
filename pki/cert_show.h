/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_CERT_SHOW_H
#define PKI_CERT_SHOW_H

#include "pki/cert.h"

/*
 * What a person wants to see of a certificate: its names as trust policies take them, serial,
 * validity, thumbprint, key and what it may be used for. Appends, lines ending in \n each.
 */
void cert_show(const struct cert *cert, struct buf *out);

/* The same as one JSON object. */
void cert_show_json(const struct cert *cert, struct buf *out);

#endif
