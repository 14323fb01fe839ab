/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What loads must have one spelling, and load again from it as the same key. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO(key) *key = NULL;
	NOTAR_AUTO(key) *again = NULL;
	NOTAR_AUTO_OF(buf) pem = { 0 };
	struct span in = span_of(data, size);

	if (key_load_public(in, &key, NULL) != NOTAR_OK)
		return 0;
	if (size > 0 && data[0] == 0x30 && !span_equal(key_spki(key), in))
		abort();
	key_public_pem(key, &pem);
	if (key_load_public(buf_span(&pem), &again, NULL) != NOTAR_OK ||
	    memcmp(key_id(key), key_id(again), KEY_ID_BYTES) != 0)
		abort();
	/* No input is a signature over itself by the key it holds. */
	if (key_verify_sigstore(key, in, in, NULL) == NOTAR_OK)
		abort();
	return 0;
}
