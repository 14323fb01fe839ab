/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference_grammar.h"

#include <arpa/inet.h>

#include "base/limits.h"

#define LABEL_CHARS 63
#define PORT_MAX 65535

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower_alnum(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z');
}

static bool
is_alnum(uint8_t c)
{
	return is_lower_alnum(c) || is_upper(c);
}

bool
grammar_is_tag(struct span text)
{
	if (text.len == 0 || text.len > LIMIT_TAG_CHARS)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];
		bool inside = i > 0 && (c == '.' || c == '-');
		if (!is_alnum(c) && c != '_' && !inside)
			return false;
	}
	return true;
}

/* Length of the separator at the start of text: "." "_" "__" or any number of "-". */
static size_t
separator_len(struct span text)
{
	size_t len = 0;

	if (text.len == 0)
		return 0;
	if (text.ptr[0] == '-') {
		while (len < text.len && text.ptr[len] == '-')
			len++;
		return len;
	}
	if (text.ptr[0] == '_')
		return text.len > 1 && text.ptr[1] == '_' ? 2 : 1;
	return text.ptr[0] == '.' ? 1 : 0;
}

static size_t
word_len(struct span text)
{
	size_t len = 0;

	while (len < text.len && is_lower_alnum(text.ptr[len]))
		len++;
	return len;
}

static bool
is_component(struct span text)
{
	for (;;) {
		size_t word = word_len(text);
		if (word == 0)
			return false;
		text = span_from(text, word);
		if (text.len == 0)
			return true;
		size_t separator = separator_len(text);
		if (separator == 0)
			return false;
		text = span_from(text, separator);
	}
}

bool
grammar_is_path(struct span text)
{
	for (;;) {
		size_t slash = span_find(text, '/');
		if (!is_component(span_of(text.ptr, slash)))
			return false;
		if (slash == text.len)
			return true;
		text = span_from(text, slash + 1);
	}
}

static bool
is_label(struct span text)
{
	if (text.len == 0 || text.len > LABEL_CHARS || text.ptr[0] == '-' ||
	    text.ptr[text.len - 1] == '-')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_alnum(text.ptr[i]) && text.ptr[i] != '-')
			return false;
	}
	return true;
}

static bool
is_name(struct span text)
{
	for (;;) {
		size_t dot = span_find(text, '.');
		if (!is_label(span_of(text.ptr, dot)))
			return false;
		if (dot == text.len)
			return true;
		text = span_from(text, dot + 1);
	}
}

static bool
is_port(struct span text)
{
	unsigned value = 0;

	if (text.len == 0 || text.len > 5 || text.ptr[0] == '0')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.ptr[i]))
			return false;
		value = value * 10 + (unsigned)(text.ptr[i] - '0');
	}
	return value <= PORT_MAX;
}

static bool
is_ipv6(struct span text)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return inet_pton(AF_INET6, copy, &address) == 1;
}

bool
grammar_is_host(struct span text)
{
	size_t end;

	if (text.len > 0 && text.ptr[0] == '[') {
		size_t close = span_find(text, ']');
		if (close == text.len || !is_ipv6(span_of(text.ptr + 1, close - 1)))
			return false;
		end = close + 1;
	} else {
		end = span_find(text, ':');
		if (!is_name(span_of(text.ptr, end)))
			return false;
	}
	if (end == text.len)
		return true;
	return text.ptr[end] == ':' && is_port(span_from(text, end + 1));
}

bool
grammar_names_host(struct span component)
{
	for (size_t i = 0; i < component.len; i++) {
		uint8_t c = component.ptr[i];
		if (c == '.' || c == ':' || is_upper(c))
			return true;
	}
	return span_is(component, "localhost");
}
