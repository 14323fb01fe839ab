/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REFERENCE_GRAMMAR_H
#define OCI_REFERENCE_GRAMMAR_H

#include "base/span.h"

/* The anchored grammar of references' parts (specs/oci-registry.md section 1.1). */

bool grammar_is_tag(struct span text);
bool grammar_is_path(struct span text); /* a repository's path, without length limit */
bool grammar_is_host(struct span text); /* host, IPv4 or [IPv6], with or without a port */
/* Whether a first component is a host and not a part of a short name. Docker takes an upper-case
 * letter for a host too; that is left to the caller to refuse: hosts are compared in lower case,
 * where the same name is a short one. */
bool grammar_names_host(struct span component);

#endif
