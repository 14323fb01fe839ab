/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/revocation_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input is a certificate, its issuer's, a list and, behind it, a delta. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(revocation_input) in = { 0 };
	static struct revocation_urls urls;
	struct revocation_answer answer = { 0 };

	if (!revocation_input_read(span_of(data, size), &in))
		return 0;
	(void)!crl_freshest(in.first, &urls, NULL);
	if (crl_judge(in.first, in.second, in.cert, in.issuer, REVOCATION_INPUT_NOW, &answer,
		      NULL) == NOTAR_OK) {
		if (answer.status == REVOCATION_UNKNOWN ||
		    answer.next_update_s < REVOCATION_INPUT_NOW)
			abort();
	} else if (answer.status != REVOCATION_UNKNOWN) {
		abort();
	}
	return 0;
}
