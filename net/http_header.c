/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "net/http_client.h"

static struct span
trim(struct span text)
{
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = span_from(text, 1);
	while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL)
		text.len--;
	return text;
}

static bool
is_named(struct span line, const char *name, struct span *value)
{
	size_t colon = span_find(line, ':');

	if (colon == line.len || colon != strlen(name) ||
	    strncasecmp((const char *)line.ptr, name, colon) != 0)
		return false;
	*value = trim(span_from(line, colon + 1));
	if (value->ptr == NULL)
		*value = span_str("");
	return true;
}

struct span
http_header_find(const struct http_response *response, const char *name, size_t nth)
{
	struct span rest = buf_span(&response->headers);

	while (rest.len > 0) {
		size_t end = span_find(rest, '\n');
		struct span value;
		if (is_named(span_of(rest.ptr, end), name, &value) && nth-- == 0)
			return value;
		rest = span_from(rest, end + 1);
	}
	return (struct span){ 0 };
}
