/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_KEYLESS_H
#define SIGNER_KEYLESS_H

#include "envelope/identity_claims.h"
#include "envelope/signing_config.h"
#include "notar/error.h"
#include "sync/identity_token.h"

/*
 * A keyless signature (specs/sigstore.md section 6.1): a token says who signs, a key made for this
 * one signature signs, and services vouch for both, so that a bundle is all that stays. The
 * private key lives in guarded memory until this returns.
 */
enum keyless_content {
	KEYLESS_STATEMENT = 1, /* payload is an in-toto statement, signed in a DSSE envelope */
	KEYLESS_BLOB,          /* payload is the blob itself */
};

struct keyless_options {
	/* Who is asked: signing_config_choose, or URLs filled in by hand. Refused before anything
	 * is asked when it could never be verified (signing_choice_check). */
	struct signing_choice services;
	/* Where the token is from; its ca_file and deadline_ms are those below. */
	const char *token;      /* the text, or a file's path; NULL: what the environment has */
	const char *token_file; /* NULL: the well-known one */
	const char *audience;   /* NULL: IDENTITY_TOKEN_AUDIENCE */
	const char *ca_file;    /* for https; NULL: the system's */
	int64_t deadline_ms;    /* of all of it, monotonic; 0: each request's own */
};

/* For showing only: what the token said, and where it came from (static). */
struct keyless_signer {
	struct identity_claims claims;
	const char *source;
};
void keyless_signer_release(struct keyless_signer *signer);

/*
 * Appends the JSON of one bundle 0.3. signer may be NULL. Blocks on every service. The bundle has
 * not been verified: whoever calls does that with the trusted root before it goes anywhere.
 * NOTAR_E_NOT_FOUND without a token, NOTAR_E_AUTH for one that is refused or has expired,
 * NOTAR_E_CONFIG, and what the services' calls give.
 */
NOTAR_MUST_USE enum notar_code
keyless_sign(const struct keyless_options *options, enum keyless_content content,
	     struct span payload, struct buf *bundle, struct keyless_signer *signer,
	     struct notar_error *err);

#endif
