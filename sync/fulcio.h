/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_FULCIO_H
#define SYNC_FULCIO_H

#include "pki/cert.h"

/*
 * A certificate for a key from Fulcio (specs/sigstore.md section 6.3). The token goes there and
 * nowhere else: by https or to loopback, and no redirect is followed. Blocks; tries again what may
 * be transient, 30 s at most.
 */
struct fulcio_options {
	const char *url;     /* the authority's base */
	const char *ca_file; /* for https; NULL: the system's */
	int64_t deadline_ms; /* 0: none but its own */
};

/* *chain gets what the authority gave, leaf first; the leaf is of this key, and the rest is not
 * looked at. A certificate whose SCT came detached is NOTAR_E_UNSUPPORTED: no bundle can hold it.
 * NOTAR_E_AUTH when the authority does not take the token. */
NOTAR_MUST_USE enum notar_code
fulcio_certificate(const struct fulcio_options *options, const struct secret *token,
		   const struct key *key, struct cert_list *chain, struct notar_error *err);

#endif
