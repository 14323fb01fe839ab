/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TRUSTED_ROOT_H
#define PKI_TRUSTED_ROOT_H

#include "pki/cert.h"

/*
 * trusted_root.json (specs/sigstore.md section 4.3): whose word counts about identities, logs and
 * times. Schema 0.1 and 0.2. Pure and immutable, so threads share it.
 *
 * Facts name logs and authorities by `identity`, which is made of keys and certificates and not of
 * what a document calls them: so a fact that was checked under one root can be weighed under
 * another, and what a root no longer has no longer counts.
 */

/* Both ends inclusive, milliseconds since 1970. Open ends are INT64_MIN and INT64_MAX. */
struct validity {
	int64_t from_ms, to_ms;
};

static inline bool
validity_has(const struct validity *valid, int64_t time_ms)
{
	return time_ms >= valid->from_ms && time_ms <= valid->to_ms;
}

/* A transparency log, or a log of certificates. */
struct root_log {
	uint8_t id[FACT_ID_BYTES];       /* logId.keyId: what entries and SCTs call it */
	uint8_t identity[FACT_ID_BYTES]; /* SHA-256(SPKI ‖ base_url) */
	struct key *key;
	struct buf base_url;      /* without scheme and trailing slash; may be empty */
	size_t host_len;          /* of base_url: "host:port" */
	struct buf operator_name; /* may be empty */
	struct validity valid;
};

/* A certificate authority, or an authority for timestamps. */
struct root_authority {
	uint8_t identity[FACT_ID_BYTES]; /* SHA-256 over the thumbprints in order */
	struct cert_list chain;          /* as in the document: the last one is the trust anchor */
	bool has_leaf; /* timestamps: chain.certs[0] is the signer's own certificate, no CA */
	struct buf uri, operator_name;
	struct validity valid;
};

struct trusted_root {
	struct root_log *logs, *ct_logs;
	size_t log_count, ct_log_count;
	struct root_authority *cas, *tsas;
	size_t ca_count, tsa_count;
};
void trusted_root_free(struct trusted_root *root);
NOTAR_AUTO_DEFINE(trusted_root)

/* NOTAR_E_FORMAT with the path of what is wrong. Logs with a key of an unknown kind are left out;
 * a log without the start of its validity makes the whole document invalid; members that are not
 * known are passed over. */
NOTAR_MUST_USE enum notar_code
trusted_root_load(struct span document, struct trusted_root **out, struct notar_error *err);

/* The same from a place in a larger document (a policy). */
struct json;
NOTAR_MUST_USE enum notar_code
trusted_root_read(const struct json *at, struct trusted_root **out, struct notar_error *err);

/* Several, as a keyring holds them; borrowed. */
struct trusted_roots {
	const struct trusted_root *const *roots;
	size_t count;
};

#endif
