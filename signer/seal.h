/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_SEAL_H
#define SIGNER_SEAL_H

#include "envelope/notary.h"
#include "keys/provider.h"
#include "pki/plugin_key.h"

/*
 * From a payload to a finished Notary Project envelope (specs/notary-project.md section 9):
 * certificates checked, signed, timestamped, and verified again before anybody gets it.
 */
struct seal_options {
	enum fact_format format; /* FACT_JWS or FACT_COSE */
	/* One of the two; a plugin brings its chain with each signature. */
	const struct signing_key *key;
	const struct plugin_key *plugin;
	const struct cert_list *chain; /* of key: leaf first, with root */
	int64_t expiry_s;              /* from now; 0: never */
	const char *timestamp_url;     /* NULL: no timestamp */
	const struct cert *timestamp_root;
	const char *ca_file;
	int64_t deadline_ms;
};

/* What it will sign with. NOTAR_E_KEY when key is of no suite. */
NOTAR_MUST_USE enum notar_code
seal_suite(const struct seal_options *options, const struct suite **out, struct notar_error *err);

/* Appends the envelope, and to thumbprints SHA-256 of each certificate of the chain that is in
 * it. signed_s is the time it states. */
NOTAR_MUST_USE enum notar_code
seal(const struct seal_options *options, struct span payload, int64_t signed_s,
     struct buf *envelope, struct buf *thumbprints, struct notar_error *err);

#endif
