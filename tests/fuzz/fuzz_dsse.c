/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
read_text(struct span text, struct dsse *out)
{
	const struct json_limits limits = { 1U << 20, 32 };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	return json_parse(text, limits, "dsse", &root, &top, NULL) == NOTAR_OK &&
	       dsse_read(&top, out, NULL) == NOTAR_OK;
}

/* What is read is written so that it reads the same: the signed bytes survive. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(dsse) dsse = { 0 };
	NOTAR_AUTO_OF(dsse) again = { 0 };
	NOTAR_AUTO_OF(buf) text = { 0 };

	if (!read_text(span_of(data, size), &dsse))
		return 0;
	dsse_write(buf_span(&dsse.payload_type), buf_span(&dsse.payload), buf_span(&dsse.signature),
		   &text);
	if (!read_text(buf_span(&text), &again) ||
	    !span_equal(buf_span(&dsse.payload), buf_span(&again.payload)) ||
	    !span_equal(buf_span(&dsse.payload_type), buf_span(&again.payload_type)) ||
	    !span_equal(buf_span(&dsse.signature), buf_span(&again.signature)))
		abort();
	return 0;
}
