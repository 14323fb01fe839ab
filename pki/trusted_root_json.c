/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/codec.h"
#include "pki/trusted_root_internal.h"

enum notar_code
root_text(const struct json *object, const char *name, struct buf *out, struct notar_error *err)
{
	struct json at;
	struct span text = { 0 };

	NOTAR_TRY(json_proto_optional(object, name, &at, err));
	if (at.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_string(&at, &text, err));
	buf_append_span(out, text);
	return buf_finish(out, name, err);
}

enum notar_code
root_bytes(const struct json *object, const char *name, struct buf *out, struct notar_error *err)
{
	struct json at;
	struct span text = { 0 };

	NOTAR_TRY(json_proto_member(object, name, &at, err));
	NOTAR_TRY(json_as_string(&at, &text, err));
	NOTAR_TRY(base64_decode_lenient(text, out, at.path, err));
	if (out->len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", at.path);
	return NOTAR_OK;
}

static enum notar_code
read_end(const struct json *range, const char *name, int64_t *out_ms, bool *is_there,
	 struct notar_error *err)
{
	struct json at;
	struct span text = { 0 };

	NOTAR_TRY(json_optional(range, name, &at, err));
	*is_there = at.value != NULL;
	if (at.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_string(&at, &text, err));
	if (clock_parse_rfc3339_ms(text, out_ms, err) != NOTAR_OK)
		return notar_context(err, "%s", at.path);
	return NOTAR_OK;
}

enum notar_code
root_validity(const struct json *object, struct validity *out, bool *has_start,
	      struct notar_error *err)
{
	struct json range;
	bool has_end;

	*out = (struct validity){ INT64_MIN, INT64_MAX };
	*has_start = false;
	NOTAR_TRY(json_proto_optional(object, "validFor", &range, err));
	if (range.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(read_end(&range, "start", &out->from_ms, has_start, err));
	return read_end(&range, "end", &out->to_ms, &has_end, err);
}
