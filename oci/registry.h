/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REGISTRY_H
#define OCI_REGISTRY_H

#include "oci/source.h"

/*
 * The registry client behind oci/source.h (distribution-spec 1.1; specs/oci-registry.md).
 * Whatever a registry says is a hint; only bytes whose digest was computed here are believed.
 */

/* Asks the registry whether it takes these credentials, as `notar login` does. NOTAR_E_AUTH
 * when it refuses them. options->deadline_ms is required. */
NOTAR_MUST_USE enum notar_code
registry_check_credentials(const char *host, const struct source_options *options,
			   struct notar_error *err);

#endif
