/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/media_type.h"

#include <strings.h>

#include "base/limits.h"
#include "oci/manifest.h"

struct span
media_type_bare(struct span text)
{
	text.len = span_find(text, ';');
	while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
		text = span_from(text, 1);
	while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

bool
media_type_is(struct span text, const char *type)
{
	return text.len == strlen(type) &&
	       (text.len == 0 || strncasecmp((const char *)text.ptr, type, text.len) == 0);
}

const char *
media_type_of_manifest(struct span text)
{
	static const char *const known[] = { OCI_TYPE_MANIFEST, OCI_TYPE_INDEX,
					     OCI_TYPE_DOCKER_MANIFEST, OCI_TYPE_DOCKER_LIST,
					     OCI_TYPE_ARTIFACT };

	for (size_t i = 0; i < NOTAR_COUNT(known); i++) {
		if (media_type_is(text, known[i]))
			return known[i];
	}
	return NULL;
}

bool
media_type_is_index(struct span text)
{
	return media_type_is(text, OCI_TYPE_INDEX) || media_type_is(text, OCI_TYPE_DOCKER_LIST);
}

static bool
is_type_char(uint8_t c)
{
	return c > 0x20 && c < 0x7f && strchr("()<>@,;:\\\"[]?=", c) == NULL;
}

bool
media_type_is_valid(struct span text)
{
	size_t slash = span_find(text, '/');

	if (text.len > LIMIT_MEDIA_TYPE_CHARS || slash == 0 || slash + 1 >= text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_type_char(text.ptr[i]) || (text.ptr[i] == '/' && i != slash))
			return false;
	}
	return true;
}
