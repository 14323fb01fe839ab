/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <jansson.h>

#define FLAGS JSON_REJECT_DUPLICATES

void
json_root_free(struct json_t *root)
{
	json_decref(root);
}

/* Brackets outside of strings, counted in one pass. What else may be wrong is jansson's to
 * say; this only makes sure that its recursion is bounded. */
static unsigned
deepest(struct span text)
{
	const uint8_t *end = text.ptr + text.len;
	unsigned depth = 0, most = 0;

	for (const uint8_t *p = text.ptr; p < end; p++) {
		switch (*p) {
		case '"':
			for (p++; p < end && *p != '"'; p++)
				p += *p == '\\';
			break;
		case '{':
		case '[':
			depth++;
			most = depth > most ? depth : most;
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			break;
		}
	}
	return most;
}

static enum notar_code
fail_parse(json_error_t *why, const char *what, struct notar_error *err)
{
	if (json_error_code(why) == json_error_out_of_memory)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for %s", what);
	return notar_fail(err, NOTAR_E_FORMAT, "%s: not strict JSON: line %d, column %d: %s", what,
			  why->line, why->column, why->text);
}

/* Appends as much of the text as fits; a path is for people, so a cut one will do. */
static size_t
path_add(char path[JSON_PATH_BYTES], size_t len, const char *text)
{
	while (*text != '\0' && len < JSON_PATH_BYTES - 1)
		path[len++] = *text++;
	path[len] = '\0';
	return len;
}

enum notar_code
json_parse(struct span text, struct json_limits limits, const char *what, struct json_t **root,
	   struct json *top, struct notar_error *err)
{
	json_error_t why = { 0 };

	if (text.len > limits.bytes)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: over %zu bytes", what, limits.bytes);
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", what);
	/* jansson loses a NUL that stands behind a number. */
	if (memchr(text.ptr, '\0', text.len) != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not strict JSON: a NUL", what);
	if (deepest(text) > limits.depth)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: nested deeper than %u", what,
				  limits.depth);
	json_t *parsed = json_loadb((const char *)text.ptr, text.len, FLAGS, &why);
	if (parsed == NULL)
		return fail_parse(&why, what, err);
	*root = parsed;
	top->value = parsed;
	(void)path_add(top->path, 0, what);
	return NOTAR_OK;
}

/* The path of a member. out may be parent. */
static void
path_member(const struct json *parent, const char *name, struct json *out)
{
	size_t len = strlen(parent->path);

	if (out != parent)
		memcpy(out->path, parent->path, len + 1);
	len = path_add(out->path, len, ".");
	(void)path_add(out->path, len, name);
}

static enum notar_code
fail_kind(const struct json *at, const char *kind, struct notar_error *err)
{
	if (at->value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: missing", at->path);
	return notar_fail(err, NOTAR_E_FORMAT, "%s: not %s", at->path, kind);
}

enum notar_code
json_optional(const struct json *object, const char *name, struct json *out,
	      struct notar_error *err)
{
	if (!json_is_object(object->value))
		return fail_kind(object, "an object", err);
	json_t *value = json_object_get(object->value, name);
	path_member(object, name, out);
	out->value = json_is_null(value) ? NULL : value;
	return NOTAR_OK;
}

enum notar_code
json_member(const struct json *object, const char *name, struct json *out, struct notar_error *err)
{
	struct json found;

	NOTAR_TRY(json_optional(object, name, &found, err));
	if (found.value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: missing", found.path);
	*out = found;
	return NOTAR_OK;
}

bool
json_has(const struct json *object, const char *name)
{
	return json_object_get(object->value, name) != NULL;
}

static bool
is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

enum notar_code
json_only(const struct json *object, const char *const *names, size_t count,
	  struct notar_error *err)
{
	NOTAR_TRY(json_as_object(object, err));
	for (void *i = json_object_iter(object->value); i != NULL;
	     i = json_object_iter_next(object->value, i)) {
		const char *name = json_object_iter_key(i);
		if (!is_among(name, names, count))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: unknown member \"%s\"",
					  object->path, name);
	}
	return NOTAR_OK;
}

enum notar_code
json_as_string(const struct json *at, struct span *out, struct notar_error *err)
{
	if (!json_is_string(at->value))
		return fail_kind(at, "a string", err);
	*out = span_of(json_string_value(at->value), json_string_length(at->value));
	return NOTAR_OK;
}

enum notar_code
json_as_cstr(const struct json *at, const char **out, struct notar_error *err)
{
	if (!json_is_string(at->value))
		return fail_kind(at, "a string", err);
	*out = json_string_value(at->value);
	return NOTAR_OK;
}

enum notar_code
json_as_int(const struct json *at, int64_t min, int64_t max, int64_t *out, struct notar_error *err)
{
	if (!json_is_integer(at->value))
		return fail_kind(at, "an integer", err);
	json_int_t value = json_integer_value(at->value);
	if (value < min || value > max)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not between %lld and %lld", at->path,
				  (long long)min, (long long)max);
	*out = value;
	return NOTAR_OK;
}

enum notar_code
json_as_bool(const struct json *at, bool *out, struct notar_error *err)
{
	if (!json_is_boolean(at->value))
		return fail_kind(at, "true or false", err);
	*out = json_is_true(at->value);
	return NOTAR_OK;
}

enum notar_code
json_as_array(const struct json *at, size_t max, size_t *count, struct notar_error *err)
{
	if (!json_is_array(at->value))
		return fail_kind(at, "an array", err);
	size_t found = json_array_size(at->value);
	if (found > max)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: %zu items, over %zu", at->path, found,
				  max);
	*count = found;
	return NOTAR_OK;
}

enum notar_code
json_as_object(const struct json *at, struct notar_error *err)
{
	return json_is_object(at->value) ? NOTAR_OK : fail_kind(at, "an object", err);
}

struct json
json_item(const struct json *array, size_t i)
{
	struct json item = { .value = json_array_get(array->value, i) };
	char number[24];
	char *digit = number + sizeof(number) - 1;

	*digit = '\0';
	do {
		*--digit = (char)('0' + i % 10);
		i /= 10;
	} while (i > 0);
	size_t len = path_add(item.path, 0, array->path);
	len = path_add(item.path, len, "[");
	len = path_add(item.path, len, digit);
	(void)path_add(item.path, len, "]");
	return item;
}

bool
json_next_member(const struct json *object, void **cursor, const char **name, struct json *value)
{
	void *at = *cursor == NULL ? json_object_iter(object->value) :
				     json_object_iter_next(object->value, *cursor);

	*cursor = at;
	if (at == NULL)
		return false;
	*name = json_object_iter_key(at);
	value->value = json_object_iter_value(at);
	path_member(object, *name, value);
	return true;
}

bool
json_holds_string(const struct json *at)
{
	return json_is_string(at->value);
}

bool
json_holds_array(const struct json *at)
{
	return json_is_array(at->value);
}

bool
json_holds_object(const struct json *at)
{
	return json_is_object(at->value);
}

static int
append_dumped(const char *bytes, size_t len, void *out)
{
	buf_append(out, bytes, len);
	return 0;
}

void
json_put_value(struct buf *b, const struct json_t *value)
{
	/* Written through json_put_raw, which knows about commas. */
	NOTAR_AUTO_OF(buf) text = { .cap = b->cap };

	if (json_dump_callback(value, append_dumped, &text, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		b->failed = b->failed == NOTAR_OK ? NOTAR_E_NOMEM : b->failed;
	else if (text.failed != NOTAR_OK)
		b->failed = b->failed == NOTAR_OK ? text.failed : b->failed;
	else
		json_put_raw(b, buf_span(&text));
}
