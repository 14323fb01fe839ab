/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_CREDENTIALS_H
#define OCI_CREDENTIALS_H

#include "base/secret.h"

/* What is stored for one registry; empty parts have a NULL ptr. */
struct credentials {
	struct secret username;
	struct secret password;
	struct secret identity_token; /* a refresh token for the token service */
	struct secret registry_token; /* is itself the Bearer token */
};
void credentials_release(struct credentials *c);
bool credentials_are_empty(const struct credentials *c);

/* Username and password as people and helpers give them: "<token>" for a name, or none at all,
 * makes the password an identity token. */
NOTAR_MUST_USE enum notar_code credentials_set(struct span username, struct span password,
					       struct credentials *out, struct notar_error *err);

/*
 * Looks up host ("registry.example:5000") in docker's config.json ($DOCKER_CONFIG, else
 * ~/.docker), then podman's auth.json ($REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers,
 * ~/.config/containers); credential helpers that they name are run and waited for, at most
 * LIMIT_HELPER_MS (specs/oci-registry.md section 4.4). repository may be NULL.
 * NOTAR_E_NOT_FOUND when nothing is stored; NOTAR_E_CONFIG for a file that cannot be read;
 * NOTAR_E_AUTH for a helper that fails.
 */
NOTAR_MUST_USE enum notar_code credentials_find(const char *host, const char *repository,
						struct credentials *out, struct notar_error *err);

/* `notar login` and `logout`: into docker's config.json (0600, what else it holds is kept), or
 * through the helper that it names for the host. erase: NOTAR_E_NOT_FOUND when there was
 * nothing. */
NOTAR_MUST_USE enum notar_code
credentials_store(const char *host, const struct secret *username, const struct secret *password,
		  struct notar_error *err);
NOTAR_MUST_USE enum notar_code credentials_erase(const char *host, struct notar_error *err);

#endif
