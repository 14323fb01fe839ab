/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/revocation_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An input is a certificate, its issuer's, and what a responder says. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(revocation_input) in = { 0 };
	NOTAR_AUTO_OF(buf) request = { 0 };
	static struct revocation_urls urls;
	struct revocation_answer answer = { .status = REVOCATION_NOT_REVOCABLE };

	if (!revocation_input_read(span_of(data, size), &in))
		return 0;
	revocation_urls(in.cert, &urls);
	if (urls.ocsp_count > REVOCATION_URLS || urls.crl_count > REVOCATION_URLS)
		abort();
	(void)!ocsp_request(in.cert, in.issuer, &request, NULL);
	if (ocsp_judge(in.first, in.cert, in.issuer, REVOCATION_INPUT_NOW, &answer, NULL) ==
	    NOTAR_OK) {
		/* Good news must have an end. */
		if (answer.status == REVOCATION_NOT_REVOCABLE ||
		    answer.next_update_s < REVOCATION_INPUT_NOW)
			abort();
	} else if (answer.status != REVOCATION_NOT_REVOCABLE) {
		abort();
	}
	return 0;
}
