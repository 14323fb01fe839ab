/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_CREDENTIAL_HELPER_H
#define OCI_CREDENTIAL_HELPER_H

#include "oci/credentials.h"

/*
 * Programs named docker-credential-<helper>, found in PATH and run without a shell
 * (specs/oci-registry.md section 4.5). Each call blocks until the program has ended, at most
 * LIMIT_HELPER_MS; then it and what it started is killed. server is the host or docker.io's
 * key. NOTAR_E_AUTH when the program fails or talks nonsense.
 */

/* NOTAR_E_NOT_FOUND when the helper says that it has none. */
NOTAR_MUST_USE enum notar_code
credential_helper_get(const char *helper, const char *server, struct credentials *out,
		      struct notar_error *err);

NOTAR_MUST_USE enum notar_code
credential_helper_store(const char *helper, const char *server, const struct secret *username,
			const struct secret *password, struct notar_error *err);

NOTAR_MUST_USE enum notar_code
credential_helper_erase(const char *helper, const char *server, struct notar_error *err);

#endif
