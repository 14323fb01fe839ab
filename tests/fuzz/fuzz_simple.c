/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "envelope/simple.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A payload holds for one digest at most. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct notar_digest hello = digest_of(NOTAR_SHA256, span_str("hello"));
	const struct notar_digest world = digest_of(NOTAR_SHA256, span_str("world"));
	NOTAR_AUTO_OF(simple_payload) one = { 0 };
	NOTAR_AUTO_OF(simple_payload) two = { 0 };
	struct notar_error err = { 0 };
	bool first = simple_payload_read(span_of(data, size), &hello, &one, &err) == NOTAR_OK;
	bool second = simple_payload_read(span_of(data, size), &world, &two, &err) == NOTAR_OK;

	if (first && second)
		abort();
	return 0;
}
