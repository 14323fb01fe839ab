/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/link_header.h"

#include <strings.h>

static void
skip(struct span *rest, const char *set)
{
	while (rest->len > 0 && rest->ptr[0] != 0 && strchr(set, rest->ptr[0]) != NULL)
		*rest = span_from(*rest, 1);
}

static size_t
until(struct span text, const char *set)
{
	size_t n = 0;

	while (n < text.len && (text.ptr[n] == 0 || strchr(set, text.ptr[n]) == NULL))
		n++;
	return n;
}

/* A token or a quoted string, the quotes left away; escapes are no part of a relation. */
static struct span
take_value(struct span *rest)
{
	skip(rest, " \t");
	bool quoted = rest->len > 0 && rest->ptr[0] == '"';
	if (quoted)
		*rest = span_from(*rest, 1);
	size_t n = until(*rest, quoted ? "\"" : ";, \t");
	struct span value = span_of(rest->ptr, n);
	*rest = span_from(*rest, quoted ? n + 1 : n);
	return value;
}

/* rel may hold several words. */
static bool
has_word(struct span words, const char *word)
{
	while (words.len > 0) {
		size_t n = until(words, " \t");
		if (n == strlen(word) && strncasecmp((const char *)words.ptr, word, n) == 0)
			return true;
		words = span_from(words, n + 1);
	}
	return false;
}

/* The parameters behind a target, up to the comma before the next link. */
static bool
take_params(struct span *rest)
{
	bool is_next = false;

	skip(rest, " \t");
	while (rest->len > 0 && rest->ptr[0] == ';') {
		skip(rest, "; \t");
		size_t n = until(*rest, "=;, \t");
		struct span name = span_of(rest->ptr, n);
		*rest = span_from(*rest, n);
		skip(rest, " \t");
		if (rest->len > 0 && rest->ptr[0] == '=') {
			*rest = span_from(*rest, 1);
			struct span value = take_value(rest);
			if (name.len == 3 && strncasecmp((const char *)name.ptr, "rel", 3) == 0)
				is_next = is_next || has_word(value, "next");
		}
		skip(rest, " \t");
	}
	return is_next;
}

struct span
link_next(struct span header)
{
	struct span rest = header;

	for (;;) {
		skip(&rest, " \t,");
		if (rest.len == 0 || rest.ptr[0] != '<')
			return (struct span){ 0 };
		rest = span_from(rest, 1);
		size_t n = span_find(rest, '>');
		if (n == rest.len)
			return (struct span){ 0 };
		struct span target = span_of(rest.ptr, n);
		rest = span_from(rest, n + 1);
		if (take_params(&rest))
			return target;
	}
}
