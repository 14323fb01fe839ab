/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/notation_scope.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_lower(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c);
}

static bool
is_alphanumeric(uint8_t c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* [a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])? */
static bool
is_label(struct span label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!is_alphanumeric(label.ptr[i]) && label.ptr[i] != '-')
			return false;
	return label.len > 0 && label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

/* Labels with dots between them, then perhaps a port. */
static bool
is_domain(struct span domain)
{
	size_t colon = span_find(domain, ':');
	struct span port = span_from(domain, colon);
	struct span rest = span_of(domain.ptr, colon);

	for (size_t i = 1; i < port.len; i++)
		if (!is_digit(port.ptr[i]))
			return false;
	if (port.len == 1)
		return false;
	for (;;) {
		size_t dot = span_find(rest, '.');

		if (!is_label(span_of(rest.ptr, dot)))
			return false;
		if (dot == rest.len)
			return true;
		rest = span_from(rest, dot + 1);
	}
}

/* What may stand between two runs of letters: one dot, one or two underscores, any hyphens. */
static bool
is_separator(struct span text)
{
	for (size_t i = 1; i < text.len; i++)
		if (text.ptr[i] != text.ptr[0])
			return false;
	switch (text.ptr[0]) {
	case '.':
		return text.len == 1;
	case '_':
		return text.len <= 2;
	default:
		return text.ptr[0] == '-';
	}
}

static bool
is_component(struct span text)
{
	if (text.len == 0 || !is_lower(text.ptr[0]) || !is_lower(text.ptr[text.len - 1]))
		return false;
	for (size_t i = 0; i < text.len;) {
		size_t end = i;

		while (end < text.len && !is_lower(text.ptr[end]))
			end++;
		if (end > i && !is_separator(span_of(text.ptr + i, end - i)))
			return false;
		i = end > i ? end : i + 1;
	}
	return true;
}

bool
notation_scope_is_valid(struct span scope)
{
	size_t slash = span_find(scope, '/');
	struct span rest = span_from(scope, slash + 1);

	if (slash == scope.len || !is_domain(span_of(scope.ptr, slash)))
		return false;
	for (;;) {
		size_t end = span_find(rest, '/');

		if (!is_component(span_of(rest.ptr, end)))
			return false;
		if (end == rest.len)
			return true;
		rest = span_from(rest, end + 1);
	}
}

bool
notation_store_name_is_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];

		if (!is_alphanumeric(c) && c != '_' && c != '.' && c != '-')
			return false;
	}
	return name.len > 0 && !span_is(name, ".") && !span_is(name, "..");
}
