/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "trust/policy_keyless.h"

void
policy_roots_release(struct policy_roots *roots)
{
	for (size_t i = 0; i < roots->count; i++) {
		trusted_root_free(roots->items[i].root);
		free(roots->items[i].name);
	}
	free(roots->items);
	*roots = (struct policy_roots){ 0 };
}

static enum notar_code
read_root(const char *name, const struct json *at, struct policy_root *out, struct notar_error *err)
{
	if (name[0] == '\0')
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a trusted root's name", at->path);
	if (json_holds_string(at))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: a path, which is read only where the policy is a file",
				  at->path);
	out->name = strdup(name);
	if (out->name == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	return trusted_root_read(at, &out->root, err);
}

static enum notar_code
read_all(const struct json *at, struct policy_roots *out, struct notar_error *err)
{
	void *cursor = NULL;
	const char *name;
	struct json value;
	size_t count = 0;

	NOTAR_TRY(json_as_object(at, err));
	while (json_next_member(at, &cursor, &name, &value))
		count++;
	if (count > LIMIT_ROOT_ENTRIES)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: over %d", at->path, LIMIT_ROOT_ENTRIES);
	out->items = calloc(count + 1, sizeof(*out->items));
	if (out->items == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
	for (cursor = NULL; json_next_member(at, &cursor, &name, &value);)
		NOTAR_TRY(read_root(name, &value, &out->items[out->count++], err));
	return NOTAR_OK;
}

enum notar_code
policy_roots_read(const struct json *at, struct policy_roots *out, struct notar_error *err)
{
	struct policy_roots roots = { 0 };
	enum notar_code code = read_all(at, &roots, err);

	if (code == NOTAR_OK)
		*out = roots;
	else
		policy_roots_release(&roots);
	return code;
}
