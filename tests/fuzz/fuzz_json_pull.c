/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/json_pull.h"

/* The pull reader takes what json_parse takes, nothing else, and sees the same in it. */
#define DEPTH 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct json *tree, struct span value);

static void
compare_text(struct span expected, struct span value)
{
	uint8_t *out = malloc(pull_string_room(value) + 1);

	if (out == NULL || !span_equal(expected, (struct span){ out, pull_string(value, out) }))
		abort();
	free(out);
}

static void
compare_object(const struct json *tree, struct span value)
{
	struct span at = value, raw, member;
	struct json child;
	const char *name;
	void *cursor = NULL;
	size_t count = 0, members = 0;

	while (json_next_member(tree, &cursor, &name, &child)) {
		if (strlen(name) <= PULL_NAME_BYTES)
			compare(&child, pull_member(value, name));
		count++;
	}
	while (pull_next_member(&at, &raw, &member))
		members++;
	if (count != members)
		abort();
}

static void
compare_array(const struct json *tree, struct span value)
{
	struct span item;
	size_t count = 0, i = 0;
	struct notar_error err;

	if (json_as_array(tree, SIZE_MAX, &count, &err) != NOTAR_OK)
		abort();
	for (; pull_next_item(&value, &item); i++) {
		struct json child = json_item(tree, i < count ? i : 0);

		if (i >= count)
			abort();
		compare(&child, item);
	}
	if (i != count)
		abort();
}

static void
compare(const struct json *tree, struct span value)
{
	struct notar_error err;
	struct span text;
	bool flag;

	if (json_holds_object(tree) != (pull_kind(value) == PULL_OBJECT) ||
	    json_holds_array(tree) != (pull_kind(value) == PULL_ARRAY) ||
	    json_holds_string(tree) != (pull_kind(value) == PULL_STRING))
		abort();
	if (json_holds_object(tree))
		compare_object(tree, value);
	else if (json_holds_array(tree))
		compare_array(tree, value);
	else if (json_as_string(tree, &text, &err) == NOTAR_OK)
		compare_text(text, value);
	else if (json_as_bool(tree, &flag, &err) == NOTAR_OK && flag != pull_is_true(value))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json_limits limits = { 1 << 20, DEPTH };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct notar_error err = { 0 }, other = { 0 };
	struct span text = { data, size }, value;
	struct json tree;
	enum notar_code code = json_parse(text, limits, "fuzz", &root, &tree, &err);

	if ((pull_check(text, limits, "fuzz", &value, &other) == NOTAR_OK) != (code == NOTAR_OK))
		abort();
	if (code == NOTAR_OK)
		compare(&tree, value);
	return 0;
}
