/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

/* The shorthands of base/json.h: a member and its type in one call. */

enum notar_code
json_member_string(const struct json *object, const char *name, struct span *out,
		   struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_member(object, name, &at, err));
	return json_as_string(&at, out, err);
}

enum notar_code
json_optional_string(const struct json *object, const char *name, struct span *out,
		     struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_optional(object, name, &at, err));
	if (at.value != NULL)
		return json_as_string(&at, out, err);
	*out = (struct span){ 0 };
	return NOTAR_OK;
}

enum notar_code
json_member_int(const struct json *object, const char *name, int64_t min, int64_t max, int64_t *out,
		struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_member(object, name, &at, err));
	return json_as_int(&at, min, max, out, err);
}

enum notar_code
json_optional_int(const struct json *object, const char *name, int64_t min, int64_t max,
		  int64_t fallback, int64_t *out, struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_optional(object, name, &at, err));
	if (at.value != NULL)
		return json_as_int(&at, min, max, out, err);
	*out = fallback;
	return NOTAR_OK;
}

enum notar_code
json_optional_bool(const struct json *object, const char *name, bool fallback, bool *out,
		   struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_optional(object, name, &at, err));
	if (at.value != NULL)
		return json_as_bool(&at, out, err);
	*out = fallback;
	return NOTAR_OK;
}
