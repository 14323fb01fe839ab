/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/identity_claims.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_S 1790000000

/* A token that is read has what a signature needs, and can stand in a header. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(identity_claims) claims = { 0 };

	if (identity_claims_read(span_of(data, size), "sigstore", NOW_S, &claims, NULL) != NOTAR_OK)
		return 0;
	if (claims.issuer.len == 0 || identity_claims_name(&claims).len == 0 ||
	    claims.expires_s <= NOW_S)
		abort();
	for (size_t i = 0; i < size; i++)
		if (data[i] <= ' ' || data[i] > '~')
			abort();
	return 0;
}
