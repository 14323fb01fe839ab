/* SPDX-License-Identifier: Apache-2.0 */
/* What reading one AdmissionReview costs: argv[1] is a file with it. Prints nanoseconds. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "verifier/review.h"

#define ROUNDS 20000

int
main(int argc, char **argv)
{
	NOTAR_AUTO_OF(buf) body = { 0 };
	struct notar_error err = { 0 };

	if (argc != 2 ||
	    file_read(argv[1], LIMIT_HTTP_ADMISSION_BODY_BYTES, &body, &err) != NOTAR_OK)
		return 2;
	int64_t start = 0;

	for (int i = -1000; i < ROUNDS; i++) {
		NOTAR_AUTO_OF(review) review = { 0 };

		if (i == 0)
			start = clock_monotonic_us();
		if (review_parse(buf_span(&body), &review, &err) != NOTAR_OK || review.count == 0) {
			fprintf(stderr, "review_parse: %s\n", err.msg);
			return 1;
		}
	}
	printf("%.1f\n", (double)(clock_monotonic_us() - start) * 1000 / ROUNDS);
	return 0;
}
