/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/review.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A review that is taken has a uid to answer to, and a bounded number of images. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(review) review = { 0 };
	struct notar_error err = { 0 };

	if (review_parse(span_of(data, size), &review, &err) != NOTAR_OK) {
		if (review.texts.ptr != NULL || review.images != NULL || err.msg[0] == '\0')
			abort();
		return 0;
	}
	if (review.uid.len == 0 || review.count > LIMIT_REVIEW_IMAGES)
		abort();
	for (size_t i = 0; i < review.count; i++)
		if (review.images[i].list == NULL || review.images[i].reference.ptr == NULL)
			abort();
	return 0;
}
