/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "envelope/candidate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Without keys nothing holds, whatever a row says. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct notar_digest hello = digest_of(NOTAR_SHA256, span_str("hello"));
	const struct keyring nobody = { 0 };
	struct evidence_item item = { 0 };

	candidate_judge(span_of(data, size), &hello, &nobody, &item);
	if (item.reason == NOTAR_REASON_TRUSTED || item.reason == NOTAR_REASON_NONE ||
	    item.fact.len > 0)
		abort();
	return 0;
}
