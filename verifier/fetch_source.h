/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_FETCH_SOURCE_H
#define VERIFIER_FETCH_SOURCE_H

#include "oci/source.h"
#include "verifier/config.h"

/* Where the configuration says that this repository is to be looked for: its registry, another
 * host that has the same repositories, or a layout that was carried in. */
NOTAR_MUST_USE enum notar_code
fetch_source_open(const struct reference *ref, const struct config *config, struct source **out,
		  struct notar_error *err);

#endif
