/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A row has one spelling: what decodes encodes to the very same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(buf) again = { 0 };
	struct fact fact;
	struct span row = span_of(data, size);

	if (fact_decode(row, &fact, NULL) != NOTAR_OK)
		return 0;
	fact_encode(&fact, &again);
	if (!span_equal(row, buf_span(&again)))
		abort();
	return 0;
}
