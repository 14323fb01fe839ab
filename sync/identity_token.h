/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_IDENTITY_TOKEN_H
#define SYNC_IDENTITY_TOKEN_H

#include "base/secret.h"

/*
 * Where the identity of a keyless signature comes from (specs/sigstore.md section 6.4). The first
 * source that is there is asked, and its failure is the call's: no weaker one is tried behind it.
 *
 *   given                  the token itself, or the path of a file with it
 *   SIGSTORE_ID_TOKEN      GitLab's id_tokens land here
 *   /var/run/sigstore/cosign/oidc-token
 *   GitHub Actions         ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN
 *   Google's metadata      when it answers within a second; GCE_METADATA_HOST is its host:port
 *   Buildkite              BUILDKITE_AGENT_ACCESS_TOKEN, BUILDKITE_JOB_ID, _AGENT_ENDPOINT
 *   SPIFFE                 only found, and refused with what to do instead
 */
struct identity_token_options {
	const char *given;   /* NULL: what the environment has */
	const char *file;    /* NULL: the well-known one above */
	const char *ca_file; /* for https; NULL: the system's */
	int64_t deadline_ms; /* 0: none but each request's own */
};

#define IDENTITY_TOKEN_AUDIENCE "sigstore"

struct identity_token {
	struct secret text;
	const char *source; /* for messages; static */
};
void identity_token_release(struct identity_token *token);

/* Blocks. NOTAR_E_NOT_FOUND when there is no source, NOTAR_E_UNSUPPORTED for SPIFFE. The token is
 * not looked at: envelope/identity_claims.h. */
NOTAR_MUST_USE enum notar_code
identity_token_get(const struct identity_token_options *options, struct identity_token *out,
		   struct notar_error *err);

#endif
