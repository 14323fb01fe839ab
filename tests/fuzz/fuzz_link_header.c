/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "oci/link_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The target is a part of the header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span next = link_next(span_of(data, size));

	if (next.ptr != NULL && (next.ptr < data || next.ptr + next.len > data + size))
		abort();
	return 0;
}
