/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_SEMVER_H
#define PKI_SEMVER_H

#include "base/span.h"

/* Versions as of Semantic Versioning 2.0.0, of plugins (specs/notary-project.md section 16.4). */

/* MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD], in at most SEMVER_MAX_BYTES bytes; nothing around it. */
#define SEMVER_MAX_BYTES 128
bool semver_is_valid(struct span version);

/* Below, at or above 0 as a comes before, with or after b. Build metadata does not count. Both must
 * be valid. */
int semver_compare(struct span a, struct span b);

#endif
