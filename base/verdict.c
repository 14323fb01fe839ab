/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/verdict.h"

#include <string.h>

static const struct {
	const char *name;
	enum notar_verdict verdict;
	const char *meaning;
} reasons[NOTAR_REASON_COUNT] = {
#define X(member, name, verdict, meaning)                                                          \
	[NOTAR_REASON_##member] = { name, NOTAR_##verdict, meaning },
	NOTAR_REASONS(X)
#undef X
};

const char *
notar_verdict_name(enum notar_verdict verdict)
{
	switch (verdict) {
	case NOTAR_ALLOW:
		return "allow";
	case NOTAR_UNDETERMINED:
		return "undetermined";
	case NOTAR_DENY:
		break;
	}
	return "deny";
}

int
notar_verdict_exit(enum notar_verdict verdict)
{
	switch (verdict) {
	case NOTAR_ALLOW:
		return 0;
	case NOTAR_UNDETERMINED:
		return 3;
	case NOTAR_DENY:
		break;
	}
	return 1;
}

static size_t
row(enum notar_reason reason)
{
	size_t i = (size_t)reason;

	return i < NOTAR_REASON_COUNT ? i : (size_t)NOTAR_REASON_INTERNAL;
}

const char *
notar_reason_name(enum notar_reason reason)
{
	return reasons[row(reason)].name;
}

const char *
notar_reason_meaning(enum notar_reason reason)
{
	return reasons[row(reason)].meaning;
}

enum notar_verdict
notar_reason_verdict(enum notar_reason reason)
{
	return reasons[row(reason)].verdict;
}

enum notar_reason
notar_reason_from_name(const char *name)
{
	for (size_t i = 0; name != NULL && i < NOTAR_REASON_COUNT; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return (enum notar_reason)i;
	return NOTAR_REASON_COUNT;
}

enum notar_reason
notar_reason_of_code(enum notar_code code)
{
	switch (code) {
	case NOTAR_E_FORMAT:
		return NOTAR_REASON_MALFORMED;
	case NOTAR_E_LIMIT:
		return NOTAR_REASON_LIMIT;
	case NOTAR_E_DIGEST:
		return NOTAR_REASON_DIGEST_MISMATCH;
	case NOTAR_E_SIGNATURE:
		return NOTAR_REASON_BAD_SIGNATURE;
	case NOTAR_E_NOT_FOUND:
		return NOTAR_REASON_NOT_FOUND;
	case NOTAR_E_AUTH:
		return NOTAR_REASON_REGISTRY_DENIED;
	case NOTAR_E_NET:
		return NOTAR_REASON_REGISTRY_UNREACHABLE;
	case NOTAR_E_THROTTLED:
		return NOTAR_REASON_THROTTLED;
	case NOTAR_E_TIMEOUT:
		return NOTAR_REASON_DEADLINE;
	case NOTAR_E_UNSUPPORTED:
		return NOTAR_REASON_UNSUPPORTED;
	case NOTAR_E_STORE:
		return NOTAR_REASON_STORE_FAILURE;
	case NOTAR_OK:
	case NOTAR_E_USAGE:
	case NOTAR_E_CONFIG:
	case NOTAR_E_KEY:
	case NOTAR_E_EXISTS:
	case NOTAR_E_IO:
	case NOTAR_E_NOMEM:
	case NOTAR_E_INTERNAL:
		break;
	}
	return NOTAR_REASON_INTERNAL;
}
