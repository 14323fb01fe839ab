/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_POLICY_KEYLESS_H
#define TRUST_POLICY_KEYLESS_H

#include "base/json.h"
#include "base/pattern.h"
#include "pki/fulcio.h"

/*
 * A signer that is known by what Sigstore's services say, and what they must say (specs/sigstore.md
 * sections 4.6 and 4.8). In notar-policy(5), beside "keys" and "x509" of a signer:
 *
 *   "identities": [{"issuer": "https://…", "subject": "https://…"},
 *                  {"issuerPattern": "…", "subjectPattern": "…",
 *                   "extensions": {"sourceRepositoryURI": "…"}}],
 *   "trustedRoot": "NAME", "thresholds": {"logs": 1, "scts": 1, "times": 1, "timestamps": 0}
 *
 * An identity has an issuer and a subject, each exact or as a pattern; any one identity suffices.
 * With identities the trusted root must be there. Of the signer's keys it says that their
 * signatures must be in a log of that root, too; without identities that is all, and thresholds may
 * have logs only. thresholds count distinct logs and authorities. None of these members may be
 * null.
 */
struct keyless_match {
	char *text;              /* exact; NULL: by pattern */
	struct pattern *pattern; /* matches the whole text */
};

struct keyless_identity {
	struct keyless_match issuer, subject;
	char *extensions[FULCIO_EXTENSIONS]; /* each that is not NULL must be equal */
};

struct policy_keyless {
	struct keyless_identity *identities;
	size_t count;                    /* 0: only the log is demanded, of signatures by keys */
	const struct trusted_root *root; /* the policy's */
	/* times: of logs' promises and of timestamps together; timestamps: of those alone. */
	int64_t logs, scts, times, timestamps;
};
void policy_keyless_free(struct policy_keyless *keyless);
NOTAR_AUTO_DEFINE(policy_keyless)

/* Named trusted roots: the policy's member "trustedRoots", each value a trusted_root.json. */
struct policy_root {
	char *name;
	struct trusted_root *root;
};
struct policy_roots {
	struct policy_root *items;
	size_t count;
};
void policy_roots_release(struct policy_roots *roots);
NOTAR_MUST_USE enum notar_code
policy_roots_read(const struct json *at, struct policy_roots *out, struct notar_error *err);

/* The members of a signer; *out stays NULL where there are none of them. */
NOTAR_MUST_USE enum notar_code
policy_keyless_read(const struct json *signer, bool has_keys, const struct policy_roots *roots,
		    struct policy_keyless **out, struct notar_error *err);

/* One identity out of a command line; exact texts or patterns. NOTAR_E_USAGE. */
struct keyless_words {
	const char *issuer, *issuer_pattern, *subject, *subject_pattern;
};
NOTAR_MUST_USE enum notar_code
policy_keyless_of_words(const struct keyless_words *words, const struct trusted_root *root,
			struct policy_keyless **out, struct notar_error *err);

/* Of a signer with keys: its signatures must be in one of the root's logs. */
NOTAR_MUST_USE enum notar_code
policy_keyless_of_log(const struct trusted_root *root, struct policy_keyless **out,
		      struct notar_error *err);

#endif
