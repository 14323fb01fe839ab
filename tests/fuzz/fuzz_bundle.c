/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses has exactly one content; what does not leaves nothing behind and says why. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(bundle) bundle = { 0 };
	struct notar_error err = { 0 };

	if (bundle_parse(span_of(data, size), &bundle, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || bundle.hint.ptr != NULL ||
		    bundle.dsse.payload.ptr != NULL)
			abort();
		return 0;
	}
	if (bundle.is_dsse == (bundle.message_signature.len > 0))
		abort();
	return 0;
}
