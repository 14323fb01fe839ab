/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_IDENTITY_CLAIMS_H
#define ENVELOPE_IDENTITY_CLAIMS_H

#include "base/buf.h"

/*
 * What an OpenID identity token (a JWT) says of itself, for showing who signs and for not asking
 * with what has expired (specs/sigstore.md section 6.4). Nothing is verified: that is the
 * certificate authority's business, so no decision of trust may rest on this. Pure.
 */
struct identity_claims {
	struct buf issuer, subject;
	struct buf email; /* empty when there is none */
	int64_t expires_s;
};
void identity_claims_release(struct identity_claims *claims);

/*
 * token is three parts of strict base64url with two dots between them, at most LIMIT_TOKEN_CHARS;
 * iss, sub, exp are required, exp lies ahead of now_s. audience must be among aud; NULL: any.
 * NOTAR_E_FORMAT, NOTAR_E_LIMIT; NOTAR_E_AUTH when it has expired or is meant for somebody else.
 * No message holds any of the token but its audience.
 */
NOTAR_MUST_USE enum notar_code
identity_claims_read(struct span token, const char *audience, int64_t now_s,
		     struct identity_claims *out, struct notar_error *err);

/* The e-mail, else the subject. Borrowed. */
struct span identity_claims_name(const struct identity_claims *claims);

#endif
