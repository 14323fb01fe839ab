/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_DOCKER_CONFIG_H
#define OCI_DOCKER_CONFIG_H

#include "base/buf.h"
#include "oci/credentials.h"

/* docker's config.json and podman's auth.json as documents; no files here. */

#define DOCKER_CONFIG_HELPER_CHARS 64

/* The helper ("pass" of docker-credential-pass) for host, or "" when the document names none. */
NOTAR_MUST_USE enum notar_code
docker_config_helper(struct span document, const char *host,
		     char out[DOCKER_CONFIG_HELPER_CHARS + 1], struct notar_error *err);

/*
 * The entry of "auths" for host, the one with the longest path prefix of repository (may be
 * NULL) first. Keys match host and port exactly. NOTAR_E_NOT_FOUND when there is none with
 * anything in it, NOTAR_E_FORMAT for a document or entry that is not what it should be.
 */
NOTAR_MUST_USE enum notar_code
docker_config_find(struct span document, const char *host, const char *repository,
		   struct credentials *out, struct notar_error *err);

/* The document with host's entries of "auths", in every spelling, replaced by auth (base64), or
 * without them when auth is empty; everything else is kept. document may be empty. *changed:
 * something was there. */
NOTAR_MUST_USE enum notar_code
docker_config_edit(struct span document, const char *host, struct span auth, struct buf *out,
		   bool *changed, struct notar_error *err);

/* Whether a key of "auths" means this whole host, however it is spelt ("https://H/v1/"). */
bool docker_config_is_key_of(const char *key, const char *host);

/* Under which name a host is stored: itself, or docker.io's own key. */
const char *docker_config_key(const char *host);

#endif
