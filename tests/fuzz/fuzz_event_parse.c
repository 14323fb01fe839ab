/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "verifier/event_parse.h"

/* A first line is the ce-type header, when it begins with '#'; the rest is the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = { data, size }, type = { 0 };
	struct event_list list = { 0 };
	struct notar_error err = { 0 };

	if (size > 0 && data[0] == '#') {
		size_t end = span_find(body, '\n');

		type = (struct span){ data + 1, end - 1 };
		body = span_from(body, end + 1);
	}
	if (event_parse(body, type, &list, &err) == NOTAR_OK) {
		for (size_t i = 0; i < list.count; i++)
			if (list.events[i].repository.len == 0 ||
			    (list.events[i].tag.ptr == NULL &&
			     list.events[i].digest.alg == NOTAR_DIGEST_NONE))
				__builtin_trap();
		event_list_release(&list);
	}
	return 0;
}
