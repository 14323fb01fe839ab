/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PLUGIN_ANSWER_H
#define PKI_PLUGIN_ANSWER_H

#include "pki/cert.h"
#include "pki/suite.h"

/*
 * What plugins say of themselves, and what those answer that sign (specs/notary-project.md sections
 * 16.2 and 16.3); verifiers' answers are pki/plugin_verdict.h's. Pure. Members that are not known
 * are passed over; all others are required. NOTAR_E_FORMAT names what is wrong.
 */

#define PLUGIN_CONTRACT "1.0"
#define PLUGIN_IDENTITY_CHECK "SIGNATURE_VERIFIER.TRUSTED_IDENTITY"
#define PLUGIN_REVOCATION_CHECK "SIGNATURE_VERIFIER.REVOCATION_CHECK"

enum plugin_capability {
	PLUGIN_CAN_SIGN_RAW = 1,
	PLUGIN_CAN_CHECK_IDENTITY = 2,
	PLUGIN_CAN_CHECK_REVOCATION = 4,
};

/* What a plugin says of itself. */
struct plugin_about {
	char version[129];     /* as it is: not looked at */
	unsigned capabilities; /* of enum plugin_capability; others are passed over */
};

/* get-plugin-metadata: that it is the plugin of this name and speaks contract 1.0;
 * NOTAR_E_UNSUPPORTED when it does not. */
NOTAR_MUST_USE enum notar_code plugin_read_about(struct span answer, struct span plugin,
						 struct plugin_about *out, struct notar_error *err);

/* get-plugin-metadata: that it is the plugin of this name, speaks contract 1.0 and makes raw
 * signatures; NOTAR_E_UNSUPPORTED for what it lacks. */
NOTAR_MUST_USE enum notar_code
plugin_read_metadata(struct span answer, struct span plugin, struct notar_error *err);

/* describe-key: the algorithm, one of a table. */
NOTAR_MUST_USE enum notar_code plugin_read_key(struct span answer, struct span key_id,
					       const struct suite **out, struct notar_error *err);

/* generate-signature: made with this key and algorithm. Appends the signature, which has its
 * algorithm's length, and the certificates, leaf first, 1 to LIMIT_CHAIN_CERTIFICATES. Whether any
 * of that holds is not looked at. */
NOTAR_MUST_USE enum notar_code
plugin_read_signature(struct span answer, struct span key_id, const struct suite *suite,
		      struct buf *signature, struct cert_list *chain, struct notar_error *err);

/* What a plugin that failed says on its standard error, {"errorCode","errorMessage"}, or else its
 * exit status and first line, in at most 200 bytes. Always a failure; the code follows errorCode,
 * NOTAR_E_IO when there is none. */
NOTAR_MUST_USE enum notar_code plugin_fail(struct span errors, int status, struct notar_error *err);

#endif
