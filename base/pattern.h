/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include "base/own.h"
#include "base/span.h"
#include "notar/error.h"

/*
 * Regular expressions of operators over texts of strangers (PCRE2). A pattern matches a text as a
 * whole, as if it stood between ^(?: and )$; one that matches the empty text is refused. Matching
 * is bounded in steps and memory: what would take more does not match, nor does a text over
 * LIMIT_PATTERN_TEXT_BYTES. Texts are bytes: "." is one byte, and no newline. Immutable; threads
 * share it.
 */
struct pattern;
void pattern_free(struct pattern *pattern);
NOTAR_AUTO_DEFINE(pattern)

/* NOTAR_E_FORMAT with what is wrong and where. */
NOTAR_MUST_USE enum notar_code
pattern_compile(struct span text, struct pattern **out, struct notar_error *err);

bool pattern_matches(const struct pattern *pattern, struct span text);

#endif
