/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_NOTATION_SCOPE_H
#define TRUST_NOTATION_SCOPE_H

#include "base/span.h"

/* The grammars of names in Notary Project trust policies (specs/notary-project.md sections 11 and
 * 12). */

/* "host[:port]/repo/path": nothing is expanded, no scheme, tag, digest or star. */
bool notation_scope_is_valid(struct span scope);

/* A trust store's name, which becomes a folder's: letters, digits, '_', '.', '-'; never "." nor
 * "..". */
bool notation_store_name_is_valid(struct span name);

#endif
