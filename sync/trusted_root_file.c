/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/trusted_root_file.h"

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"

static enum notar_code
embed_file(const char *folder, const char *name, struct buf *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_TRUSTED_ROOT_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) path = { 0 }, bytes = { 0 };
	struct json top;

	if (name[0] != '/')
		buf_printf(&path, "%s/", folder);
	buf_append_str(&path, name);
	if (buf_cstr(&path) == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a path");
	NOTAR_TRY(file_read(buf_cstr(&path), LIMIT_TRUSTED_ROOT_BYTES, &bytes, err));
	NOTAR_TRY(json_parse(buf_span(&bytes), limits, buf_cstr(&path), &root, &top, err));
	if (!json_holds_object(&top))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no JSON object", buf_cstr(&path));
	json_put_value(out, root);
	return NOTAR_OK;
}

static enum notar_code
embed_roots(const char *folder, const struct json *roots, struct buf *out, struct notar_error *err)
{
	void *cursor = NULL;
	struct json value;
	const char *name, *path;

	json_begin_object(out);
	while (json_next_member(roots, &cursor, &name, &value)) {
		json_name(out, name);
		if (!json_holds_string(&value)) {
			json_put_value(out, value.value);
			continue;
		}
		NOTAR_TRY(json_as_cstr(&value, &path, err));
		if (embed_file(folder, path, out, err) != NOTAR_OK)
			return notar_context(err, "%s", value.path);
	}
	json_end_object(out);
	return NOTAR_OK;
}

static bool
has_paths(const struct json *roots)
{
	void *cursor = NULL;
	struct json value;
	const char *name;

	if (roots->value == NULL || !json_holds_object(roots))
		return false;
	while (json_next_member(roots, &cursor, &name, &value))
		if (json_holds_string(&value))
			return true;
	return false;
}

static enum notar_code
rewrite(const char *folder, const struct json *top, struct buf *out, struct notar_error *err)
{
	void *cursor = NULL;
	struct json value;
	const char *name;

	json_begin_object(out);
	while (json_next_member(top, &cursor, &name, &value)) {
		json_name(out, name);
		if (strcmp(name, "trustedRoots") == 0)
			NOTAR_TRY(embed_roots(folder, &value, out, err));
		else
			json_put_value(out, value.value);
	}
	json_end_object(out);
	return NOTAR_OK;
}

enum notar_code
trusted_root_files_embed(const char *folder, struct span document, struct buf *out,
			 struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_POLICY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) text = { .cap = LIMIT_POLICY_BYTES };
	struct json top, roots;

	NOTAR_TRY(json_parse(document, limits, "policy", &root, &top, err));
	NOTAR_TRY(json_optional(&top, "trustedRoots", &roots, err));
	if (has_paths(&roots))
		NOTAR_TRY(rewrite(folder, &top, &text, err));
	else
		buf_append_span(&text, document);
	NOTAR_TRY(buf_finish(&text, "policy", err));
	*out = text;
	text = (struct buf){ 0 };
	return NOTAR_OK;
}
