/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/ecdsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A DER signature that is accepted is the only spelling of its numbers. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { 32, 48, 66 };
	struct span in = span_of(data, size);

	for (size_t i = 0; i < NOTAR_COUNT(sizes); i++) {
		NOTAR_AUTO_OF(buf) der = { 0 };
		uint8_t raw[ECDSA_RAW_MAX];

		if (ecdsa_raw_from_der(in, sizes[i], raw, NULL) != NOTAR_OK)
			continue;
		if (ecdsa_der_from_raw(span_of(raw, 2 * sizes[i]), sizes[i], &der, NULL) !=
			    NOTAR_OK ||
		    !span_equal(buf_span(&der), in))
			abort();
	}
	return 0;
}
