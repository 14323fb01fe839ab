/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_AUTH_INTERNAL_H
#define OCI_AUTH_INTERNAL_H

#include "oci/auth.h"
#include "oci/challenge.h"
#include "oci/credentials.h"

/* Private to oci/auth*.c. */

enum auth_sent { AUTH_NOTHING, AUTH_BASIC, AUTH_BEARER };

struct auth {
	char *host;
	struct url registry;
	char *scope; /* what we need; empty without a repository */
	struct credentials credentials;
	enum notar_code lookup; /* why there are none */
	struct notar_error lookup_err;
	bool was_asked;
	enum auth_sent sent; /* what value is */
	struct secret value;
	char *asked;        /* the scopes of the last token */
	int64_t expires_ms; /* of the last token */
};

struct auth_round {
	int64_t deadline_ms;
	enum net_reach peer;
	unsigned *requests;
};

NOTAR_MUST_USE enum notar_code
auth_set_value(struct auth *auth, enum auth_sent kind, struct span text, struct notar_error *err);

/* Appends base64(user:password). */
NOTAR_MUST_USE enum notar_code
auth_basic_value(const struct auth *auth, struct buf *out, struct notar_error *err);

/* Asks the token service that the challenge names and keeps what it gives. */
NOTAR_MUST_USE enum notar_code
auth_fetch_token(struct auth *auth, struct http_client *http, const struct challenge *c,
		 const struct auth_round *round, struct notar_error *err);

#endif
