/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_VERDICT_H
#define NOTAR_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notar/digest.h"
#include "notar/error.h"

/*
 * The answer to "may this image run?" and the reasons for it.
 *
 * Zeroed memory denies. Names are stable: they appear in JSON, messages, metrics and
 * exit codes, and the table in notar(1) is checked against NOTAR_REASONS below.
 */

#ifdef __cplusplus
extern "C" {
#endif

enum notar_verdict {
	NOTAR_DENY = 0,     /* an answer: not trusted */
	NOTAR_UNDETERMINED, /* no answer could be found; treat as deny unless policy says other */
	NOTAR_ALLOW,
};

/*
 * X(enum member, name, class, meaning). The class is the verdict a reason leads to when it
 * is what decided: a failure to look (U) never reads as "unsigned".
 */
#define NOTAR_REASONS(X)                                                                           \
	X(NONE, "none", DENY, "nothing was judged")                                                \
	X(TRUSTED, "trusted", ALLOW, "the rule's signatures are there and hold")                   \
	X(EXEMPT, "exempt", ALLOW, "the rule requires no signature")                               \
	X(UNSIGNED, "unsigned", DENY, "every source answered and none lists a signature")          \
	X(UNTRUSTED_KEY, "untrusted_key", DENY, "no trusted key made this signature")              \
	X(REVOKED_KEY, "revoked_key", DENY, "the key that made it is revoked or compromised")      \
	X(KEY_NOT_ACTIVE, "key_not_active", DENY, "the key is staged or retired")                  \
	X(KEY_EXPIRED, "key_expired", DENY, "outside the key's or a certificate's validity")       \
	X(REVOKED_CERTIFICATE, "revoked_certificate", DENY, "its authority revoked a certificate") \
	X(NO_TRUSTED_TIME, "no_trusted_time", DENY, "no trusted timestamp, and one is required")   \
	X(BAD_SIGNATURE, "bad_signature", DENY, "the mathematics said no")                         \
	X(DIGEST_MISMATCH, "digest_mismatch", DENY, "it signs another digest, or bytes differ")    \
	X(CLAIM_MISMATCH, "claim_mismatch", DENY, "annotations or identity claimed differ")        \
	X(EXPIRED, "expired", DENY, "the signature's own expiry has passed")                       \
	X(IDENTITY_MISMATCH, "identity_mismatch", DENY, "made by another identity")                \
	X(NO_TRANSPARENCY_PROOF, "no_transparency_proof", DENY, "a log proof is required")         \
	X(WRONG_TYPE, "wrong_type", DENY, "an attestation of another type than asked for")         \
	X(OTHER_SIGNER, "other_signer", DENY, "trusted, but not by the signer this rule asks for") \
	X(THRESHOLD_NOT_MET, "threshold_not_met", DENY, "fewer distinct signers than required")    \
	X(NO_RULE, "no_rule", DENY, "no policy rule covers this repository")                       \
	X(NO_POLICY, "no_policy", DENY, "there is no policy")                                      \
	X(MALFORMED, "malformed", DENY, "it breaks the format it claims to have")                  \
	X(LIMIT, "limit", DENY, "over a bound; see the limits in the manual")                      \
	X(UNSUPPORTED, "unsupported", DENY, "a format or algorithm that is not judged")            \
	X(NOT_FOUND, "not_found", DENY, "no such image")                                           \
	X(REGISTRY_UNREACHABLE, "registry_unreachable", UNDETERMINED, "the registry failed")       \
	X(REGISTRY_DENIED, "registry_denied", UNDETERMINED,                                        \
	  "the registry refused our credentials")                                                  \
	X(THROTTLED, "throttled", UNDETERMINED, "the registry asks for fewer requests")            \
	X(DEADLINE, "deadline", UNDETERMINED, "time ran out first")                                \
	X(REVOCATION_UNKNOWN, "revocation_unknown", UNDETERMINED,                                  \
	  "nobody could say whether a certificate is revoked")                                     \
	X(PLUGIN_UNAVAILABLE, "plugin_unavailable", UNDETERMINED,                                  \
	  "the verification plugin that it needs gave no answer")                                  \
	X(STORE_FAILURE, "store_failure", UNDETERMINED, "the store could not be read")             \
	X(NOT_CACHED, "not_cached", UNDETERMINED, "the store has no fresh listing of this image")  \
	X(INTERNAL, "internal", UNDETERMINED, "notar failed")

enum notar_reason {
#define X(member, name, verdict, meaning) NOTAR_REASON_##member,
	NOTAR_REASONS(X)
#undef X
		NOTAR_REASON_COUNT
};

/* Static memory; "deny", "undetermined", "allow". */
NOTAR_API const char *notar_verdict_name(enum notar_verdict verdict);
/* 0 for allow, 1 for deny, 3 for undetermined. */
NOTAR_API int notar_verdict_exit(enum notar_verdict verdict);

/* Static memory; the second column of the table. */
NOTAR_API const char *notar_reason_name(enum notar_reason reason);
NOTAR_API const char *notar_reason_meaning(enum notar_reason reason);
/* The verdict that a reason leads to when it decides. */
NOTAR_API enum notar_verdict notar_reason_verdict(enum notar_reason reason);
/* How a failed call reads as a reason, e.g. NOTAR_E_NET → registry_unreachable. */
NOTAR_API enum notar_reason notar_reason_of_code(enum notar_code code);
/* The reason with this name, or NOTAR_REASON_COUNT. */
NOTAR_API enum notar_reason notar_reason_from_name(const char *name);

#ifdef __cplusplus
}
#endif
#endif
