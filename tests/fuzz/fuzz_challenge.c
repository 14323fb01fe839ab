/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "oci/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is picked is Bearer or Basic, and its values hold no control bytes but a
 * quoted string's tab. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(challenges) list = { 0 };
	struct notar_error err = { 0 };

	(void)!challenges_add(span_of(data, size), &list, &err);
	const struct challenge *picked = challenges_pick(&list);

	if (list.count > CHALLENGES_MOST || (picked != NULL && picked->scheme == CHALLENGE_OTHER))
		abort();
	for (const char *c = picked == NULL || picked->realm == NULL ? "" : picked->realm;
	     *c != '\0'; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			abort();
	return 0;
}
