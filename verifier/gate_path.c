/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/gate_path.h"

#include <string.h>

#include "base/own.h"

#define PATH_BYTES 1024
#define API "/v2"

static void
refuse(struct gate_request *out, const char *problem)
{
	*out = (struct gate_request){ .wish = GATE_REFUSE, .problem = problem };
}

static int
hex_value(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* One character, unescaped; -1 for an escape that is none, or that hides what separates. */
static int
next_character(struct span *uri)
{
	uint8_t c = uri->ptr[0];

	*uri = span_from(*uri, 1);
	if (c != '%')
		return c;
	if (uri->len < 2)
		return -1;
	int high = hex_value(uri->ptr[0]), low = hex_value(uri->ptr[1]);

	if (high < 0 || low < 0)
		return -1;
	*uri = span_from(*uri, 2);
	int plain = high * 16 + low;

	return plain == '/' || plain == '%' || plain == '?' || plain == '#' ? -1 : plain;
}

/* The path, unescaped once, without the query. False: not a path of one meaning. */
static bool
unescape(struct span uri, char out[PATH_BYTES])
{
	size_t len = 0;

	uri.len = span_find(uri, '?');
	if (uri.len == 0 || uri.ptr[0] != '/')
		return false;
	while (uri.len > 0) {
		int c = next_character(&uri);

		if (c <= 0x20 || c >= 0x7f || c == '\\' || c == '#' || c == ';' ||
		    len + 1 == PATH_BYTES)
			return false;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return true;
}

static bool
has_odd_segment(const char *path)
{
	for (const char *at = path; *at != '\0';) {
		size_t len = strcspn(at + 1, "/");
		const char *segment = at + 1;

		at = segment + len;
		if (len == 0 && *at == '/')
			return true;
		if ((len == 1 && segment[0] == '.') ||
		    (len == 2 && segment[0] == '.' && segment[1] == '.'))
			return true;
	}
	return false;
}

static bool
is_one_of(struct span method, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (span_is(method, words[i]))
			return true;
	return false;
}

/* "/v2/<name>/manifests/<reference>", split at the last "/manifests/". */
static void
read_manifest(char *path, struct gate_request *out)
{
	static const char word[] = "manifests";
	char *reference = strrchr(path, '/');

	*reference++ = '\0';
	char *middle = strrchr(path, '/');

	if (middle == NULL || strcasecmp(middle + 1, word) != 0)
		return;
	const char *name = path + sizeof(API);

	if (strcmp(middle + 1, word) != 0 || middle < name || reference[0] == '\0' ||
	    strlen(reference) >= GATE_REFERENCE_BYTES ||
	    (size_t)(middle - name) >= GATE_NAME_BYTES) {
		refuse(out, "not the path of a manifest");
		return;
	}
	*middle = '\0';
	out->wish = GATE_MANIFEST;
	memcpy(out->name, name, strlen(name) + 1);
	memcpy(out->reference, reference, strlen(reference) + 1);
}

void
gate_path_read(struct span method, struct span uri, struct gate_request *out)
{
	static const char *const writes[] = { "PUT", "POST", "PATCH", "DELETE", "OPTIONS" };
	static const char *const reads[] = { "GET", "HEAD" };
	char path[PATH_BYTES] = "";

	*out = (struct gate_request){ .wish = GATE_PASS };
	if (!unescape(uri, path) || has_odd_segment(path)) {
		refuse(out, "a path that could be read in two ways");
		return;
	}
	if (strncasecmp(path, API "/", sizeof(API)) != 0)
		return; /* not the registry's API */
	if (strncmp(path, API "/", sizeof(API)) != 0) {
		refuse(out, "a path that could be read in two ways");
		return;
	}
	read_manifest(path, out);
	if (out->wish != GATE_MANIFEST || is_one_of(method, reads, NOTAR_COUNT(reads)))
		return;
	if (is_one_of(method, writes, NOTAR_COUNT(writes)))
		*out = (struct gate_request){ .wish = GATE_PASS };
	else
		refuse(out, "an unknown method");
}
