/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_EVALUATE_KEYLESS_H
#define TRUST_EVALUATE_KEYLESS_H

#include "base/fact.h"
#include "notar/verdict.h"
#include "trust/policy_keyless.h"

/*
 * One signature against one signer that Sigstore's services speak for, with the logs and
 * authorities of the signer's trusted root as it is now (specs/sigstore.md sections 4.4 to 4.10).
 * Pure.
 *
 * Times are those of promises by logs that the root has, within the log's validity, and those of
 * timestamps by authorities that it has, within theirs. Every one of them binds: one path must lead
 * to an authority of the root so that it and all certificates of the path are valid at all times.
 * Of a log that promises no time (Rekor v2) some timestamp must lie within its validity, where
 * there is a certificate to judge. Logs, SCTs and authorities are counted once each; where the root
 * names operators, operators are: one that runs a log and an authority gives one time.
 *
 * TRUSTED: it counts. IDENTITY_MISMATCH, UNTRUSTED_KEY (no path to an authority of the root),
 * NO_TRANSPARENCY_PROOF (logs or SCTs too few, or logs not valid then), NO_TRUSTED_TIME,
 * KEY_EXPIRED (a time out of the certificates' or the authority's validity).
 */
enum notar_reason evaluate_keyless(const struct policy_keyless *signer, const struct fact *fact);

/* For signatures by keys of a signer that demands a log: only that. */
enum notar_reason evaluate_logged(const struct policy_keyless *signer, const struct fact *fact);

#endif
