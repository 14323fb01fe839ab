/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_pull.h"

#include "base/json_text.h"

#define ESCAPED_NAME_BYTES ((size_t)6 * PULL_NAME_BYTES) /* each letter as an escape */

static const uint8_t *
skip_spaces(const uint8_t *p)
{
	while (json_is_space(*p))
		p++;
	return p;
}

/* Behind the closing quote; p is at the opening one. A quote is the end unless an odd number of
 * backslashes stands before it. */
static const uint8_t *
skip_string(const uint8_t *p, const uint8_t *end)
{
	for (;;) {
		const uint8_t *quote = memchr(p + 1, '"', (size_t)(end - p - 1)), *at = quote;

		while (at[-1] == '\\')
			at--;
		if ((quote - at) % 2 == 0)
			return quote + 1;
		p = quote;
	}
}

/* What matters inside a container that is skipped. */
static const uint8_t turns[256] = {
	['"'] = 1, ['{'] = 2, ['['] = 2, ['}'] = 3, [']'] = 3,
};

static const uint8_t *
skip_container(const uint8_t *p, const uint8_t *end)
{
	unsigned depth = 0;

	do {
		while (turns[*p] == 0)
			p++;
		if (turns[*p] == 1) {
			p = skip_string(p, end);
			continue;
		}
		depth = turns[*p] == 2 ? depth + 1 : depth - 1;
		p++;
	} while (depth > 0);
	return p;
}

/* Behind a value. The text is known to be whole, so there is always an end to be found. */
static const uint8_t *
skip_value(const uint8_t *p, const uint8_t *end)
{
	if (*p == '"')
		return skip_string(p, end);
	if (*p == '{' || *p == '[')
		return skip_container(p, end);
	/* A number or a word ends where something else begins. */
	while (*p != ',' && *p != '}' && *p != ']' && !json_is_space(*p))
		p++;
	return p;
}

static struct span
from(const uint8_t *p, struct span text)
{
	return (struct span){ p, (size_t)(text.ptr + text.len - p) };
}

enum pull_kind
pull_kind(struct span value)
{
	if (value.len == 0)
		return PULL_ABSENT;
	switch (value.ptr[0]) {
	case '"':
		return PULL_STRING;
	case '{':
		return PULL_OBJECT;
	case '[':
		return PULL_ARRAY;
	case 'n':
		return PULL_NULL;
	case 't':
	case 'f':
		return PULL_BOOL;
	default:
		return PULL_NUMBER;
	}
}

/* To the next entry's first byte; NULL at the end. at is a container's opening bracket, or what
 * stands behind an entry. */
static const uint8_t *
next_entry(const uint8_t *p)
{
	if (*p == '{' || *p == '[' || *p == ',')
		p++;
	p = skip_spaces(p);
	return *p == '}' || *p == ']' ? NULL : p;
}

static void
step_behind(struct span *at, const uint8_t *value)
{
	*at = from(skip_spaces(skip_value(value, at->ptr + at->len)), *at);
}

bool
pull_next_member(struct span *at, struct span *name, struct span *value)
{
	const uint8_t *p = next_entry(at->ptr);

	if (p == NULL)
		return false;
	const uint8_t *behind = skip_string(p, at->ptr + at->len);

	*name = (struct span){ p + 1, (size_t)(behind - p) - 2 };
	p = skip_spaces(skip_spaces(behind) + 1);
	*value = from(p, *at);
	step_behind(at, p);
	return true;
}

bool
pull_next_item(struct span *at, struct span *value)
{
	const uint8_t *p = next_entry(at->ptr);

	if (p == NULL)
		return false;
	*value = from(p, *at);
	step_behind(at, p);
	return true;
}

bool
pull_name_is(struct span name, const char *text)
{
	uint8_t plain[ESCAPED_NAME_BYTES] = { 0 };

	if (memchr(name.ptr, '\\', name.len) == NULL)
		return span_is(name, text);
	/* Nobody writes our names with escapes, but who does means them all the same. */
	return name.len <= sizeof(plain) &&
	       span_is((struct span){ plain, json_unescape(name, plain) }, text);
}

void
pull_members(struct span object, const char *const *names, size_t count, struct span *values)
{
	struct span name, value;

	for (size_t i = 0; i < count; i++)
		values[i] = (struct span){ 0 };
	while (pull_next_member(&object, &name, &value))
		for (size_t i = 0; i < count; i++)
			if (pull_name_is(name, names[i])) {
				values[i] = value;
				break;
			}
}

struct span
pull_member(struct span object, const char *name)
{
	struct span value;

	pull_members(object, &name, 1, &value);
	return value;
}

static struct span
inside(struct span value)
{
	const uint8_t *behind = skip_string(value.ptr, value.ptr + value.len);

	return (struct span){ value.ptr + 1, (size_t)(behind - value.ptr) - 2 };
}

size_t
pull_string_room(struct span value)
{
	return inside(value).len;
}

size_t
pull_string(struct span value, uint8_t *out)
{
	return json_unescape(inside(value), out);
}

bool
pull_is_true(struct span value)
{
	return value.len > 0 && value.ptr[0] == 't';
}
