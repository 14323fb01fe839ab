/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/limits.h"
#include "oci/docker_config.h"

static void
put_entry(struct buf *out, const char *key, struct span auth)
{
	json_name(out, key);
	json_begin_object(out);
	json_pair_span(out, "auth", auth);
	json_end_object(out);
}

/* The members of "auths", ours left out; *found says that it was there. */
static enum notar_code
put_other_entries(struct buf *out, const struct json *auths, const char *host, bool *found,
		  struct notar_error *err)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	*found = false;
	if (auths->value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_object(auths, err));
	while (json_next_member(auths, &cursor, &name, &value)) {
		if (docker_config_is_key_of(name, host)) {
			*found = true;
			continue;
		}
		json_name(out, name);
		json_put_value(out, value.value);
	}
	return NOTAR_OK;
}

static void
put_other_members(struct buf *out, const struct json *top)
{
	void *cursor = NULL;
	const char *name;
	struct json value;

	while (top->value != NULL && json_next_member(top, &cursor, &name, &value)) {
		if (strcmp(name, "auths") == 0)
			continue;
		json_name(out, name);
		json_put_value(out, value.value);
	}
}

enum notar_code
docker_config_edit(struct span document, const char *host, struct span auth, struct buf *out,
		   bool *changed, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	const struct json_limits limits = { LIMIT_DOCKER_CONFIG_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	const char *key = docker_config_key(host);
	struct json top = { 0 }, auths = { 0 };

	if (document.len > 0) {
		NOTAR_TRY(json_parse(document, limits, "credentials file", &root, &top, err));
		NOTAR_TRY(json_optional(&top, "auths", &auths, err));
	}
	json_begin_object(out);
	put_other_members(out, &top);
	json_name(out, "auths");
	json_begin_object(out);
	NOTAR_TRY(put_other_entries(out, &auths, host, changed, err));
	if (auth.len > 0)
		put_entry(out, key, auth);
	json_end_object(out);
	json_end_object(out);
	return buf_finish(out, "credentials file", err);
}
