/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_EVALUATE_X509_H
#define TRUST_EVALUATE_X509_H

#include "base/fact.h"
#include "notar/verdict.h"
#include "pki/revocation.h"
#include "trust/evaluate_plugin.h"
#include "trust/policy_x509.h"

/*
 * One signature by certificates against one signer that is known by certificates
 * (specs/notary-project.md sections 14.3 to 14.8), as of now. Pure: certificates are compared by
 * thumbprint, and what is known of their revocation, or from a plugin, is looked up.
 */

/* Leaves *out zeroed (unknown) for what it does not know or what has run out. NULL callback:
 * nothing is known. */
struct revocation_book {
	enum notar_code (*look_up)(void *context, const uint8_t thumbprint[FACT_ID_BYTES],
				   struct revocation_answer *out);
	void *context;
};

struct x509_outcome {
	enum notar_reason reason; /* TRUSTED: it counts */
	enum notar_reason logged; /* first check that failed and that the policy only logs */
	bool wants_revocation;    /* an answer about revocation is missing, and would matter */
	/* The envelope's plugin may be run for this signer, is not known to have answered, and
	 * would matter. Never without an anchor in the chain, nor against the policy. */
	bool wants_plugin;
	char message[PLUGIN_NOTE_BYTES]; /* about the plugin: why it does not count; or empty */
};

void evaluate_x509_by(const struct policy_x509 *signer, const struct fact *fact,
		      const struct revocation_book *revocations, const struct plugin_book *plugins,
		      int64_t now_s, struct x509_outcome *out);

/* The same where nothing is known of plugins. */
static inline void
evaluate_x509(const struct policy_x509 *signer, const struct fact *fact,
	      const struct revocation_book *book, int64_t now_s, struct x509_outcome *out)
{
	static const struct plugin_book nothing = { 0 };

	evaluate_x509_by(signer, fact, book, &nothing, now_s, out);
}

#endif
