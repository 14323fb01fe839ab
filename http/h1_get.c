/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "http/h1.h"

static bool
equals_ignoring_case(struct span a, const char *b)
{
	return a.len == strlen(b) &&
	       (a.len == 0 || strncasecmp((const char *)a.ptr, b, a.len) == 0);
}

/* Empty and present differ by the pointer. */
static struct span
present(struct span value)
{
	return value.ptr != NULL ? value : span_str("");
}

size_t
h1_header_count(const struct h1_request *request, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += equals_ignoring_case(request->headers[i].name, name) ? 1 : 0;
	return count;
}

struct span
h1_header(const struct h1_request *request, const char *name)
{
	const struct h1_header *found = NULL;

	for (size_t i = 0; i < request->header_count; i++) {
		if (!equals_ignoring_case(request->headers[i].name, name))
			continue;
		if (found != NULL)
			return (struct span){ 0 };
		found = &request->headers[i];
	}
	if (found == NULL)
		return (struct span){ 0 };
	return present(found->value);
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

bool
h1_has_word(struct span value, const char *word)
{
	while (value.len > 0) {
		size_t end = span_find(value, ',');
		struct span item = { value.ptr, end };

		while (item.len > 0 && is_blank(item.ptr[0]))
			item = span_from(item, 1);
		while (item.len > 0 && is_blank(item.ptr[item.len - 1]))
			item.len--;
		if (equals_ignoring_case(item, word))
			return true;
		value = span_from(value, end + 1);
	}
	return false;
}

struct span
h1_query_value(struct span query, const char *name)
{
	struct span found = { 0 };
	size_t times = 0;

	while (query.len > 0) {
		size_t end = span_find(query, '&');
		struct span pair = { query.ptr, end };
		size_t equals = span_find(pair, '=');

		if (pair.len > 0 && span_is((struct span){ pair.ptr, equals }, name)) {
			found = present(span_from(pair, equals + 1));
			times++;
		}
		query = span_from(query, end + 1);
	}
	return times == 1 ? found : (struct span){ 0 };
}

static int
hex_value(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

bool
h1_unescape(struct span value, char *out, size_t room)
{
	size_t len = 0;

	while (value.len > 0) {
		int c = value.ptr[0];
		size_t taken = 1;

		if (c == '%') {
			int high = value.len < 3 ? -1 : hex_value(value.ptr[1]);
			int low = value.len < 3 ? -1 : hex_value(value.ptr[2]);

			c = high < 0 || low < 0 ? -1 : high * 16 + low;
			taken = 3;
		}
		if (c < 0x20 || c == 0x7f || len + 1 >= room)
			return false;
		out[len++] = (char)c;
		value = span_from(value, taken);
	}
	out[len] = '\0';
	return true;
}
