/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends each encrypted input where the costly work would begin. */
static enum notar_code
refuse(void *context, struct secret *out, struct notar_error *err)
{
	(void)context;
	(void)out;
	return notar_fail(err, NOTAR_E_AUTH, "no passphrase");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct passphrase_source source = { refuse, NULL };
	NOTAR_AUTO_OF(secret) file = { 0 };
	NOTAR_AUTO_OF(secret) written = { 0 };
	NOTAR_AUTO(key) *key = NULL;
	NOTAR_AUTO(key) *again = NULL;

	if (secret_copy(span_of(data, size), &file, NULL) != NOTAR_OK ||
	    keyfile_decode(&file, &source, &key, NULL, NULL) != NOTAR_OK)
		return 0;
	/* A plain key: it must be one that signs, and whose own spelling is read back. */
	if (!key_is_private(key) || !keyfile_is_private(secret_borrow(&file)) ||
	    keyfile_encode(key, KEYFILE_PKCS8, NULL, &written, NULL) != NOTAR_OK ||
	    keyfile_decode(&written, &source, &again, NULL, NULL) != NOTAR_OK ||
	    memcmp(key_id(key), key_id(again), KEY_ID_BYTES) != 0)
		abort();
	return 0;
}
