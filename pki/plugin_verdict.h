/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PLUGIN_VERDICT_H
#define PKI_PLUGIN_VERDICT_H

#include "base/fact.h"
#include "pki/cert.h"
#include "pki/plugin_answer.h"

/*
 * verify-signature of notation's plugins: what they are asked, and what their answers say
 * (specs/notary-project.md section 16.4). Pure: whoever runs one is verifier/plugins.h, and what an
 * answer is worth is trust/evaluate_plugin.h's to say.
 */

#define PLUGIN_MESSAGE_BYTES 120

/* Zeroed: nothing is known, so nothing holds. */
struct plugin_answer {
	bool known;  /* it answered; else none of the following */
	bool failed; /* not known, and it has just been tried: message says what went wrong */
	bool identity_asked, identity_ok;
	bool revocation_asked, revocation_ok;
	bool all_processed;                 /* every critical attribute was understood */
	char message[PLUGIN_MESSAGE_BYTES]; /* its own words for a no; may be shown */
};

/* A stranger's text into a message: one line, without what a terminal obeys, cut to fit. */
void plugin_message_set(char message[PLUGIN_MESSAGE_BYTES], struct span text);

/* That the plugin may verify: its version is a semantic one, and not before the least one that the
 * envelope wants (empty: any). NOTAR_E_FORMAT, NOTAR_E_UNSUPPORTED. */
NOTAR_MUST_USE enum notar_code plugin_check_about(const struct plugin_about *about,
						  struct span min_version, struct notar_error *err);

/* The request's member "signature", of a fact with a plugin and its certificates, leaf first. Times
 * that an envelope does not have are left out. */
void
plugin_write_signature(const struct fact *fact, const struct cert_list *chain, struct buf *out);

/* The whole request. signature: as above; identities: a JSON array; checks: of enum
 * plugin_capability. */
void plugin_write_request(struct span signature, struct span identities, unsigned checks,
			  struct buf *out);

/*
 * The answer. checks are those asked for, each of which must have a result; attributes (as of a
 * fact) are those that must all be among the processed ones for all_processed. Results that nobody
 * asked for are passed over. NOTAR_E_FORMAT, NOTAR_E_LIMIT; *out is written only on success.
 */
NOTAR_MUST_USE enum notar_code
plugin_read_verdict(struct span answer, unsigned checks, struct span attributes,
		    struct plugin_answer *out, struct notar_error *err);

#endif
