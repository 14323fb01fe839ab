/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUST_POLICY_H
#define TRUST_POLICY_H

#include "keys/key.h"
#include "trust/policy_keyless.h"
#include "trust/policy_x509.h"

/*
 * The policy document, notar-policy(5), checked and compiled. Pure and immutable, so threads
 * share it.
 *
 *   {"version": 1,
 *    "signers": {"release": {"keys": ["-----BEGIN PUBLIC KEY-----…"]}},
 *    "rules": [{"name": "prod", "scope": "registry.example/prod/app", "action": "enforce",
 *               "require": {"signers": ["release", "qa"], "threshold": 2}}]}
 *
 * "trustedRoots": {"sigstore": {…}} holds what a signer's "trustedRoot" names (policy_keyless.h).
 * Unknown members are errors: a rule that cannot be enforced must not be accepted
 * (CVE-2026-48815). Signers that the document does not define are the store's.
 */
enum policy_action { POLICY_ENFORCE = 0, POLICY_WARN, POLICY_AUDIT };

struct policy_signer {
	char *name;
	struct key **keys;
	size_t count;
	struct policy_x509 *x509;       /* NULL: not known by certificates */
	struct policy_keyless *keyless; /* NULL: nothing of Sigstore's */
};

/* A signature or a statement of whatever type. Not for documents: only where one thing was named by
 * whoever asks. */
#define POLICY_ANY_TYPE "*"

/* k of n distinct signers, for signatures or for attestations of one type. */
struct policy_requirement {
	char **signers; /* "*" stands for every signer that is known */
	size_t count;
	int64_t threshold;
	char *predicate_type; /* NULL: the image's signature; POLICY_ANY_TYPE */
	bool any_signer;      /* "*" is among them */
};

/* What an answer becomes when nobody can be asked. Zeroed: a refusal. */
struct policy_outage {
	/* A digest that was allowed is allowed on, for so long since its signatures were last
	 * listed, and as long as today's keys allow it; 0: no. */
	int64_t last_known_good_s;
};

struct policy_rule {
	char *name; /* the scope where the document gives none */
	char *scope;
	enum policy_action action;
	bool exempt; /* "require": "none" */
	struct policy_outage outage;
	struct policy_requirement *requirements;
	size_t count;
};

struct policy {
	struct policy_signer *signers;
	size_t signer_count;
	struct policy_rule *rules;
	size_t rule_count;
	const struct policy_rule **by_scope; /* trust/scope.h */
	struct policy_roots roots;
};
void policy_free(struct policy *policy);
NOTAR_AUTO_DEFINE(policy)

/* NOTAR_E_CONFIG with the path of what is wrong. */
NOTAR_MUST_USE enum notar_code
policy_load(struct span document, struct policy **out, struct notar_error *err);

/*
 * The policy of `notar verify --key …`: for every repository, `threshold` distinct of these
 * keys. Takes over the keys, on failure too. predicate_type NULL: the image's signature.
 */
NOTAR_MUST_USE enum notar_code
policy_of_keys(struct key **keys, size_t count, int64_t threshold, const char *predicate_type,
	       struct policy **out, struct notar_error *err);

/*
 * The policy of `notar verify --certificate-identity …`: for every repository, a signature of that
 * identity, as the services of the root say. Takes over the root, on failure too. NOTAR_E_USAGE.
 */
NOTAR_MUST_USE enum notar_code
policy_of_identities(const struct keyless_words *words, struct trusted_root *root,
		     const char *predicate_type, struct policy **out, struct notar_error *err);

/*
 * From then on signatures by keys of the policy's signers must be in a log of the root; signers
 * that have a trusted root of their own keep it. Takes over the root, on failure too; a policy that
 * this failed on demands less than it should, and must not be used. Before the policy is shared.
 */
NOTAR_MUST_USE enum notar_code
policy_demand_log(struct policy *policy, struct trusted_root *root, struct notar_error *err);

/* The most specific rule for a repository ("host/path" or "oci:/folder"), or NULL: an exact
 * scope, else the longest "prefix/" followed by a star, else "*". Borrowed. */
const struct policy_rule *policy_rule_for(const struct policy *policy, const char *repository);

/* Whether the repository's rule wants attestations. policy may be NULL. */
bool policy_wants_attestations(const struct policy *policy, const char *repository);

#endif
