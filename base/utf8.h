/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

/* Text that may come from a stranger, on its way to a person or a document. */

/*
 * Bytes of the first character of text (1 to 4), with its number in *code; 0 when text is
 * empty or does not start with well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
 */
size_t utf8_next(struct span text, uint32_t *code);

/* False for what a terminal or an editor obeys instead of showing: control characters (C0,
 * DEL, C1), line separators, and the marks that reorder text. */
bool utf8_is_shown(uint32_t code);

#endif
