/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_MEDIA_TYPE_H
#define OCI_MEDIA_TYPE_H

#include "base/span.h"

/* Media types as transports and documents write them (specs/oci-registry.md section 2). */

/* The type without parameters and spaces: "a/b; charset=x" gives "a/b". */
struct span media_type_bare(struct span text);

/* Without regard to case. */
bool media_type_is(struct span text, const char *type);

/* The static spelling of one of the five manifest and index types, or NULL. */
const char *media_type_of_manifest(struct span text);

/* True for OCI indexes and Docker manifest lists. */
bool media_type_is_index(struct span text);

/* "type/subtype", within LIMIT_MEDIA_TYPE_CHARS. */
bool media_type_is_valid(struct span text);

#endif
