/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_SIGNING_CONFIG_H
#define ENVELOPE_SIGNING_CONFIG_H

#include "base/buf.h"

/*
 * Sigstore's signing_config.json, version 0.2: which services a keyless signature is made with
 * (specs/sigstore.md section 6.2). Pure; unknown members are ignored (section 8.1).
 */

/* How many of the services that qualify are asked. */
enum signing_selector { SIGNING_NONE, SIGNING_ALL, SIGNING_ANY, SIGNING_EXACT };

struct signing_service {
	char *url;      /* http or https, without white space; owned */
	char *operator; /* "" when it is not said; owned */
	int64_t version;
	int64_t from_s, to_s; /* inclusive; without an end INT64_MAX */
};

/* In the document's order. */
struct signing_services {
	struct signing_service *items;
	size_t count;
	enum signing_selector selector; /* SIGNING_NONE: the document does not say */
	size_t wanted;                  /* SIGNING_EXACT */
};

struct signing_config {
	struct signing_services authorities, providers; /* Fulcio, OpenID; always one is asked */
	struct signing_services logs, stampers;         /* Rekor, timestamp authorities */
};
void signing_config_release(struct signing_config *config);

/* NOTAR_E_FORMAT, NOTAR_E_LIMIT, NOTAR_E_UNSUPPORTED for another version. */
NOTAR_MUST_USE enum notar_code
signing_config_parse(struct span bytes, struct signing_config *out, struct notar_error *err);

#define SIGNING_SERVICES 4 /* of one kind asked for one signature */

struct signing_log {
	const char *url;
	unsigned version; /* of Rekor's interface: 1 or 2 */
};

/* What one signature is made with. Borrows from the configuration, or from whoever fills it in by
 * hand. */
struct signing_choice {
	const char *authority; /* Fulcio's base */
	const char *provider;  /* OpenID's issuer, for asking a person; NULL: none */
	struct signing_log logs[SIGNING_SERVICES];
	size_t log_count;
	const char *stampers[SIGNING_SERVICES]; /* complete URLs */
	size_t stamper_count;
};

/*
 * Services valid now, of the highest version that is known here, the newest first and one of each
 * operator; then as many as the selector says, of which "ANY" takes the first. No logs, no
 * timestamp authorities: none are asked. NOTAR_E_CONFIG when too few are left, or nobody said how
 * many.
 */
NOTAR_MUST_USE enum notar_code
signing_config_choose(const struct signing_config *config, int64_t now_s,
		      struct signing_choice *out, struct notar_error *err);

/* Whether a keyless signature by these can ever be verified: it needs a time from somebody, and a
 * log of version 2 gives none. NOTAR_E_CONFIG. */
NOTAR_MUST_USE enum notar_code
signing_choice_check(const struct signing_choice *choice, struct notar_error *err);

#endif
