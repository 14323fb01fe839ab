/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/rekor_entry.h"

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an answer turns into is one JSON object; a failure leaves nothing behind. */
static void
check(enum notar_code code, const struct buf *entry)
{
	const struct json_limits limits = { 64U << 20, 64 };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	if (code != NOTAR_OK && entry->len != 0)
		abort();
	if (code == NOTAR_OK &&
	    (json_parse(buf_span(entry), limits, "entry", &root, &top, NULL) != NOTAR_OK ||
	     json_as_object(&top, NULL) != NOTAR_OK))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(buf) first = { 0 };
	NOTAR_AUTO_OF(buf) second = { 0 };

	check(rekor_entry_read_v1(span_of(data, size), &first, NULL), &first);
	check(rekor_entry_read_v2(span_of(data, size), &second, NULL), &second);
	return 0;
}
