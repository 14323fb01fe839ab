/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_AUTH_H
#define OCI_AUTH_H

#include "net/http_client.h"

/*
 * Who we are to one repository (specs/oci-registry.md section 4). Credentials are looked up by
 * the registry's exact host and port, and sent only to it or to the token service that it
 * names: over https, or over http where the registry itself is on loopback and the service is
 * on the same host (CVE-2026-59891).
 */
struct auth;

struct auth_options {
	const char *host;       /* as the reference names it: credentials are stored under it */
	const char *repository; /* NULL: no scope is asked for */
	const char *base;       /* a URL of the registry: where its challenges come from */
	bool writing;           /* pull,push instead of pull */
	const char *username;   /* NULL with a password: the password is a refresh token */
	const char *password;   /* NULL: what is stored (oci/credentials.h) */
};

/* Looks up credentials: may run a credential helper. Its failure is kept for the moment when
 * the registry insists. */
NOTAR_MUST_USE enum notar_code
auth_new(const struct auth_options *options, struct auth **out, struct notar_error *err);
void auth_free(struct auth *auth); /* wipes */
NOTAR_AUTO_DEFINE(auth)

/* The value of the Authorization header to send now; NULL for none. Borrowed, a secret. */
const char *auth_value(const struct auth *auth);

/* True as long as there are credentials and the registry has not said how it wants them. */
bool auth_is_waiting(const struct auth *auth);

/*
 * Answers a 401. NOTAR_OK: auth_value is a new one, worth one more try. NOTAR_E_AUTH: there is
 * no answer that has not been refused. Blocks for a request to the token service;
 * *requests counts it.
 */
NOTAR_MUST_USE enum notar_code
auth_answer(struct auth *auth, struct http_client *http, const struct http_response *challenge,
	    int64_t deadline_ms, unsigned *requests, struct notar_error *err);

#endif
