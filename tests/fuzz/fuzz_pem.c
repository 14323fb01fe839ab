/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each block of the text is written again, and must then read as the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size);

	for (;;) {
		NOTAR_AUTO_OF(buf) body = { 0 };
		NOTAR_AUTO_OF(buf) text = { 0 };
		NOTAR_AUTO_OF(buf) body_again = { 0 };
		struct span label, label_again, before = rest;
		if (pem_decode(rest, &label, &body, &rest, NULL) != NOTAR_OK)
			return 0;
		if (rest.len >= before.len || body.len == 0)
			abort();
		NOTAR_AUTO_CHARS *name = span_dup(label);
		if (name == NULL)
			abort();
		pem_append(&text, name, buf_span(&body));
		if (pem_decode(buf_span(&text), &label_again, &body_again, NULL, NULL) != NOTAR_OK)
			abort();
		if (!span_equal(label, label_again) ||
		    !span_equal(buf_span(&body), buf_span(&body_again)))
			abort();
	}
}
