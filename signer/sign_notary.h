/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_SIGN_NOTARY_H
#define SIGNER_SIGN_NOTARY_H

#include "envelope/statement.h"
#include "notar/sign.h"
#include "oci/source.h"
#include "signer/keyless_maker.h"
#include "signer/seal.h"

/* One image to sign, for signer/sign*.c alone. Borrows all but the fetched manifest. */
struct sign_job {
	const struct signing_key *key;       /* or */
	const struct plugin_key *plugin;     /* which signs Notary Project formats only; or */
	const struct keyless_maker *keyless; /* which makes bundles only */
	const struct notar_sign_options *options;
	struct source *source;
	struct reference ref;
	struct content image;
	struct annotation annotations[LIMIT_ANNOTATIONS];
	char identity[REFERENCE_TEXT_BYTES];
	size_t children; /* signed so far */
	/* Notary Project formats: how to seal, and what that borrows. */
	struct seal_options seal;
	struct cert_list chain, roots;
};

bool sign_is_notary(const struct sign_job *job);

/* Reads chain and root out of the options. NOTAR_E_USAGE for what does not go together. */
NOTAR_MUST_USE enum notar_code
sign_notary_prepare(struct sign_job *job, int64_t deadline_ms, struct notar_error *err);

/* Whether a signature that is there already makes this one needless. */
bool sign_notary_is_same(const struct sign_job *job, const struct fact *fact);

/* Seals the image's descriptor and pushes it as a referrer. */
NOTAR_MUST_USE enum notar_code
sign_notary(struct sign_job *job, struct notar_signed *out, struct notar_error *err);

/* mediaType, size and digest of an open object. */
void sign_put_descriptor(struct buf *b, const char *type, const struct notar_digest *digest,
			 size_t size);

#endif
