/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_NOTARY_HEADER_H
#define ENVELOPE_NOTARY_HEADER_H

#include "base/limits.h"
#include "envelope/notary.h"

/*
 * The signed attributes of a Notary Project envelope, as either reader collects them, and the
 * rules between them (specs/notary-project.md sections 5.1, 6.1 and 7). Pure.
 */
#define NOTARY_SCHEME NOTARY_PREFIX ".signingScheme"
#define NOTARY_SIGNING_TIME NOTARY_PREFIX ".signingTime"
#define NOTARY_AUTHENTIC_TIME NOTARY_PREFIX ".authenticSigningTime"
#define NOTARY_EXPIRY NOTARY_PREFIX ".expiry"
#define NOTARY_TIMESTAMP NOTARY_PREFIX ".timestampSignature"
#define NOTARY_AGENT NOTARY_PREFIX ".signingAgent"
#define NOTARY_PLUGIN NOTARY_PREFIX ".verificationPlugin"
#define NOTARY_PLUGIN_MIN NOTARY_PREFIX ".verificationPluginMinVersion"

#define NOTARY_ATTRIBUTES_MAX LIMIT_CBOR_ENTRIES

/* Spans borrow from what is read. */
struct notary_header {
	struct span content_type, scheme;
	bool has_signed, has_authentic, has_expiry;
	int64_t signed_s, authentic_s, expires_s;
	struct span critical[NOTARY_ATTRIBUTES_MAX];
	size_t critical_count;
};

/* Appends an attribute that is none of the known ones; value is JSON. */
NOTAR_MUST_USE enum notar_code notary_add_extra(struct notary_envelope *envelope, struct span name,
						struct span value, struct notar_error *err);

/* Checks header and envelope against each other and fills in scheme and times. */
NOTAR_MUST_USE enum notar_code
notary_header_finish(const struct notary_header *header, struct notary_envelope *envelope,
		     struct notar_error *err);

#endif
