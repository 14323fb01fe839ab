/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_EVALUATE_PLUGIN_H
#define TRUST_EVALUATE_PLUGIN_H

#include "base/fact.h"
#include "pki/plugin_verdict.h"
#include "trust/policy_x509.h"

/*
 * What verification plugins have said, as the evaluation looks it up
 * (specs/notary-project.md section 16.4). Pure: running one is verifier/plugins.h's.
 *
 * An answer belongs to everything that the plugin was asked with: the signature, the certificates
 * beside it, the plugin's name, the signer's identities and whether revocation was among the
 * questions. Another policy asks another question, so an old answer is not found.
 */
#define PLUGIN_KEY_BYTES FACT_ID_BYTES
#define PLUGIN_NOTE_BYTES 200 /* a message of its, with its name */

/* Leaves *out zeroed (unknown) for what it does not know or what has run out. NULL callback:
 * nothing is known, and nobody is asked. */
struct plugin_book {
	enum notar_code (*look_up)(void *context, const uint8_t key[PLUGIN_KEY_BYTES],
				   struct plugin_answer *out);
	void *context;
};

/* Whether the policy lets this plugin be run for the signer. */
bool policy_x509_names_plugin(const struct policy_x509 *signer, struct span plugin);

/* Which checks a plugin may be asked for: enum plugin_capability. */
unsigned plugin_checks_of(const struct policy_x509 *signer);

/* SHA-256 over sig_id, chain, plugin, least version, identities and checks, each behind its length
 * (8 bytes, big-endian) so that parts cannot slide. */
void plugin_key_of(const struct policy_x509 *signer, const struct fact *fact,
		   uint8_t key[PLUGIN_KEY_BYTES]);

#endif
