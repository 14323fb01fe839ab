/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_IDENTITY_SERVICE_H
#define SYNC_IDENTITY_SERVICE_H

#include "sync/identity_token.h"

/* The sources of sync/identity_token.h that are asked by HTTP. NOTAR_E_NOT_FOUND: this one is not
 * here, look further; anything else ends the search. */
typedef enum notar_code identity_source(const struct identity_token_options *options,
					struct secret *out, struct notar_error *err);

NOTAR_MUST_USE enum notar_code identity_from_github(const struct identity_token_options *options,
						    struct secret *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code identity_from_google(const struct identity_token_options *options,
						    struct secret *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code identity_from_buildkite(const struct identity_token_options *options,
						       struct secret *out, struct notar_error *err);

#endif
