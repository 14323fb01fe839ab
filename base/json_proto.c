/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_proto.h"

#define NAME_CHARS 64

/* "logIndex" as "log_index"; a name that is too long stays empty and is in no document. */
static void
snake_case(const char *name, char out[NAME_CHARS])
{
	size_t at = 0;

	for (; *name != '\0' && at + 2 < NAME_CHARS; name++) {
		bool is_upper = *name >= 'A' && *name <= 'Z';

		if (is_upper)
			out[at++] = '_';
		out[at++] = is_upper ? (char)(*name - 'A' + 'a') : *name;
	}
	out[*name == '\0' ? at : 0] = '\0';
}

enum notar_code
json_proto_optional(const struct json *object, const char *name, struct json *out,
		    struct notar_error *err)
{
	char snake[NAME_CHARS];

	NOTAR_TRY(json_optional(object, name, out, err));
	snake_case(name, snake);
	if (strcmp(snake, name) == 0 || !json_has(object, snake))
		return NOTAR_OK;
	if (json_has(object, name))
		return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: in two spellings", object->path,
				  name);
	return json_optional(object, snake, out, err);
}

enum notar_code
json_proto_member(const struct json *object, const char *name, struct json *out,
		  struct notar_error *err)
{
	NOTAR_TRY(json_proto_optional(object, name, out, err));
	return out->value != NULL ? NOTAR_OK : json_member(object, name, out, err);
}

static bool
is_among(const char *name, const char *const *names, size_t count)
{
	char snake[NAME_CHARS];

	for (size_t i = 0; i < count; i++) {
		snake_case(names[i], snake);
		if (strcmp(name, names[i]) == 0 || strcmp(name, snake) == 0)
			return true;
	}
	return false;
}

enum notar_code
json_proto_only(const struct json *object, const char *const *names, size_t count,
		struct notar_error *err)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	NOTAR_TRY(json_as_object(object, err));
	while (json_next_member(object, &cursor, &name, &value))
		if (!is_among(name, names, count))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: unknown member \"%s\"",
					  object->path, name);
	return NOTAR_OK;
}
