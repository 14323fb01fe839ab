/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reason.h"

/* Never renumber; a new reason takes the next free number. test_reason counts that none is
 * missing: 0 is on no disk. */
static const uint8_t numbers[NOTAR_REASON_COUNT] = {
	[NOTAR_REASON_NONE] = 1,
	[NOTAR_REASON_TRUSTED] = 2,
	[NOTAR_REASON_EXEMPT] = 3,
	[NOTAR_REASON_UNSIGNED] = 4,
	[NOTAR_REASON_UNTRUSTED_KEY] = 5,
	[NOTAR_REASON_REVOKED_KEY] = 6,
	[NOTAR_REASON_KEY_NOT_ACTIVE] = 7,
	[NOTAR_REASON_KEY_EXPIRED] = 8,
	[NOTAR_REASON_BAD_SIGNATURE] = 9,
	[NOTAR_REASON_DIGEST_MISMATCH] = 10,
	[NOTAR_REASON_CLAIM_MISMATCH] = 11,
	[NOTAR_REASON_EXPIRED] = 12,
	[NOTAR_REASON_IDENTITY_MISMATCH] = 13,
	[NOTAR_REASON_NO_TRANSPARENCY_PROOF] = 14,
	[NOTAR_REASON_WRONG_TYPE] = 15,
	[NOTAR_REASON_OTHER_SIGNER] = 16,
	[NOTAR_REASON_THRESHOLD_NOT_MET] = 17,
	[NOTAR_REASON_NO_RULE] = 18,
	[NOTAR_REASON_NO_POLICY] = 19,
	[NOTAR_REASON_MALFORMED] = 20,
	[NOTAR_REASON_LIMIT] = 21,
	[NOTAR_REASON_UNSUPPORTED] = 22,
	[NOTAR_REASON_NOT_FOUND] = 23,
	[NOTAR_REASON_REGISTRY_UNREACHABLE] = 24,
	[NOTAR_REASON_REGISTRY_DENIED] = 25,
	[NOTAR_REASON_THROTTLED] = 26,
	[NOTAR_REASON_DEADLINE] = 27,
	[NOTAR_REASON_STORE_FAILURE] = 28,
	[NOTAR_REASON_NOT_CACHED] = 29,
	[NOTAR_REASON_INTERNAL] = 30,
};

uint8_t
reason_to_disk(enum notar_reason reason)
{
	return (size_t)reason < NOTAR_REASON_COUNT ? numbers[reason] : 0;
}

enum notar_reason
reason_from_disk(uint8_t number)
{
	for (size_t i = 0; number != 0 && i < NOTAR_REASON_COUNT; i++)
		if (numbers[i] == number)
			return (enum notar_reason)i;
	return NOTAR_REASON_COUNT;
}
