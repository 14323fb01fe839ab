/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = { 1U << 20, 32 };

/* Every value is reached through its getter; recursion is bounded by the limit on depth. */
static void
visit(const struct json *at)
{
	struct span text;
	int64_t number;
	size_t count = 0;
	bool flag;

	if (json_as_string(at, &text, NULL) == NOTAR_OK && span_find(text, 0) < text.len)
		abort();
	(void)!json_as_int(at, -5, 5, &number, NULL);
	(void)!json_as_bool(at, &flag, NULL);
	if (json_as_array(at, 1000, &count, NULL) == NOTAR_OK) {
		for (size_t i = 0; i < count; i++) {
			struct json item = json_item(at, i);
			visit(&item);
		}
	}
	if (!json_holds_object(at))
		return;
	void *cursor = NULL;
	const char *name;
	struct json value, found;
	while (json_next_member(at, &cursor, &name, &value)) {
		if (json_optional(at, name, &found, NULL) != NOTAR_OK ||
		    (found.value != NULL && found.value != value.value))
			abort();
		visit(&value);
	}
}

/* What was read is written so that it reads again, and then is written the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_PTR(json_root, struct json_t) *root_again = NULL;
	NOTAR_AUTO_OF(buf) once = { 0 };
	NOTAR_AUTO_OF(buf) twice = { 0 };
	NOTAR_AUTO_OF(buf) quoted = { 0 };
	const struct json_limits roomy = { SIZE_MAX, limits.depth };
	struct notar_error err = { 0 };
	struct json top, again;

	json_begin_array(&quoted);
	json_put_span(&quoted, span_of(data, size));
	json_end_array(&quoted);
	if (memchr(quoted.ptr, '\n', quoted.len) != NULL)
		abort();
	if (json_parse(span_of(data, size), limits, "input", &root, &top, &err) != NOTAR_OK)
		return err.msg[0] == '\0' ? abort(), 0 : 0;
	visit(&top);
	json_put_value(&once, root);
	if (json_parse(buf_span(&once), roomy, "again", &root_again, &again, NULL) != NOTAR_OK)
		abort();
	json_put_value(&twice, root_again);
	if (!span_equal(buf_span(&once), buf_span(&twice)))
		abort();
	return 0;
}
