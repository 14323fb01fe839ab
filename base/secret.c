/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum notar_code
secret_alloc(size_t len, struct secret *out, struct notar_error *err)
{
	if (sodium_init() < 0)
		return notar_fail(err, NOTAR_E_INTERNAL, "libsodium did not start");
	if (len == SIZE_MAX)
		return notar_fail(err, NOTAR_E_NOMEM, "no guarded memory of that size");
	uint8_t *ptr = sodium_malloc(len + 1);

	if (ptr == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no guarded memory");
	sodium_memzero(ptr, len + 1);
	*out = (struct secret){ ptr, len };
	return NOTAR_OK;
}

enum notar_code
secret_copy(struct span bytes, struct secret *out, struct notar_error *err)
{
	NOTAR_TRY(secret_alloc(bytes.len, out, err));
	if (bytes.len > 0)
		memcpy(out->ptr, bytes.ptr, bytes.len);
	return NOTAR_OK;
}

enum notar_code
secret_absorb(uint8_t *bytes, size_t len, struct secret *out, struct notar_error *err)
{
	enum notar_code code = secret_copy(span_of(bytes, len), out, err);

	if (len > 0)
		sodium_memzero(bytes, len);
	return code;
}

void
secret_release(struct secret *secret)
{
	sodium_free(secret->ptr); /* wipes */
	*secret = (struct secret){ 0 };
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && (a->len == 0 || sodium_memcmp(a->ptr, b->ptr, a->len) == 0);
}

void
secret_harden_process(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
