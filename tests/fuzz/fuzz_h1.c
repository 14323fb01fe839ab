/* SPDX-License-Identifier: Apache-2.0 */
#include "http/h1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum h1_progress
read_all(struct span in, struct buf *decoded, struct h1_request *r)
{
	enum h1_progress progress = h1_read_head(in, r);

	return progress == H1_HEAD ? h1_read_body(in, 1U << 16, decoded, r) : progress;
}

/* A request that is whole was not whole a byte earlier, and never reaches beyond its input. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(buf) decoded = { 0 };
	NOTAR_AUTO_OF(buf) before = { 0 };
	struct h1_request r = { 0 }, earlier = { 0 };
	enum h1_progress progress = read_all(span_of(data, size), &decoded, &r);

	if (progress == H1_WRONG && (r.status < 400 || r.problem == NULL))
		abort();
	if (progress != H1_READY)
		return 0;
	if (r.total_bytes > size || r.head_bytes > r.total_bytes || r.body.len > 1U << 16)
		abort();
	if (read_all(span_of(data, r.total_bytes - 1), &before, &earlier) == H1_READY)
		abort();
	return 0;
}
