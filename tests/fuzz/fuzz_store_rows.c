/* SPDX-License-Identifier: Apache-2.0 */
#include "store/change_log.h"
#include "store/listings.h"
#include "store/trusted_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A row has one spelling: what decodes encodes to the very same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct listing listing;
	const uint8_t id[TRUSTED_KEY_ID_BYTES] = { 0 };
	struct span row = span_of(data, size);
	NOTAR_AUTO_OF(buf) again = { 0 };
	NOTAR_AUTO_OF(buf) key_again = { 0 };
	struct trusted_key key;
	struct notar_digest subject;
	struct change change;
	struct notar_error err = { 0 };

	if (listing_decode(row, &listing, &err) == NOTAR_OK) {
		listing_encode(&listing, &again);
		if (!span_equal(row, buf_span(&again)))
			abort();
	}
	if (trusted_key_decode(span_of(id, sizeof(id)), row, &key, &err) == NOTAR_OK) {
		trusted_key_encode(&key, &key_again);
		if (!span_equal(row, buf_span(&key_again)))
			abort();
	}
	(void)!change_decode(span_of(id, 8), row, &change, &err);
	(void)!listing_key_subject(row, &subject, &err);
	return 0;
}
