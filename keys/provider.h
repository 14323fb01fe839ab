/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PROVIDER_H
#define KEYS_PROVIDER_H

#include "keys/keyfile.h"

/*
 * Something that can sign anything: a key in a file today; a PKCS#11 token by the same two calls
 * later (design section 4: K is a file or a URI). A notation plugin signs envelopes of the Notary
 * Project alone, and shows its public half only with a signature: pki/plugin_key.h.
 */
struct signing_key;
void signing_key_free(struct signing_key *signing);
NOTAR_AUTO_DEFINE(signing_key)

/*
 * name is a path, or a URI whose scheme picks the provider. A scheme that this build lacks is
 * NOTAR_E_UNSUPPORTED, naming it; a file is only tried when there is no "scheme:" in front
 * ("./pkcs11:x" is a file). A public key alone is NOTAR_E_KEY, a plugin NOTAR_E_USAGE.
 */
NOTAR_MUST_USE enum notar_code
signing_key_open(const char *name, const struct passphrase_source *passphrase,
		 struct signing_key **out, struct notar_error *err);

/* The public half, borrowed. */
const struct key *signing_key_public(const struct signing_key *signing);

/* As key_sign. May block for a device or the network. */
NOTAR_MUST_USE enum notar_code
signing_key_sign(const struct signing_key *signing, struct span message, enum sig_form form,
		 struct buf *out, struct notar_error *err);

#endif
