/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_VERIFY_H
#define NOTAR_VERIFY_H

#include "notar/verdict.h"

/*
 * "May this image run?", with the network: what `notar verify` and notard both call.
 * Thread-safe: calls share nothing. Blocks until the answer or the time limit.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct notar_annotation {
	const char *name;
	const char *value;
};

/* How to reach registries. Zeroed: defaults. Strings are borrowed for the call. */
struct notar_access {
	bool plain_http;      /* also for hosts that are not loopback */
	const char *ca_file;  /* PEM; NULL: the system's authorities */
	const char *username; /* NULL: docker config.json and its helpers */
	const char *password;
	int64_t timeout_ms; /* 0: two minutes */
};

/* Who a certificate of Fulcio must speak of: an issuer and a subject, each as it is or as a regular
 * expression for the whole of it. Zeroed: nobody in particular. */
struct notar_identity {
	const char *issuer, *issuer_pattern;
	const char *subject, *subject_pattern;
};

/* Keys, or an identity, or a policy, or a store. Strings are borrowed for the call. */
struct notar_verify_options {
	struct notar_access access;
	const char *const *keys; /* public keys, PEM text */
	size_t key_count;
	unsigned threshold;         /* distinct keys that must have signed; 0 means 1 */
	const char *policy;         /* notar-policy(5) text; used without keys and identity */
	const char *predicate_type; /* with keys or an identity: ask for attestations instead */
	/* Sigstore's authorities and logs, the text of a trusted_root.json. An identity needs it;
	 * with keys it demands that the signature is in one of its logs. */
	const char *trusted_root;
	struct notar_identity identity;
	const struct notar_annotation *annotations; /* each must be in a signature that counts */
	size_t annotation_count;
	bool everything; /* look at every signature, also when the first ones suffice */
	/* A notard store's folder: its keys and their status count, and its policy when neither
	 * keys nor policy are given. NULL: no store. */
	const char *state;
	/* Signatures by certificates: whether they have been revoked. */
	bool offline;            /* ask nobody: what is not known is undetermined */
	bool private_responders; /* certificates may send us to private addresses */
};

/* One signature that was looked at. */
struct notar_signature {
	const char *place;              /* "referrers", "fallback tag", ".sig tag", ".att tag" */
	const char *format;             /* "bundle", "simple", "dsse", "jws", "cose" */
	struct notar_digest artifact;   /* the manifest it came in */
	enum notar_reason reason;       /* trusted: it counts */
	char key_id[65];                /* that verified it, or that it names; "" when unknown */
	bool key_verified;              /* the signature holds under key_id */
	char predicate_type[256];       /* only of signatures that hold */
	char subject[512], issuer[256]; /* of Fulcio's certificate; only of signatures that hold */
	char message[200];
	struct notar_digest payload; /* of the signed bytes; only of signatures that hold */
};

/* What the rule wants done about a refusal. Zeroed: enforced. */
enum notar_action {
	NOTAR_ACTION_ENFORCE = 0,
	NOTAR_ACTION_WARN,  /* let it run, and tell whoever asked */
	NOTAR_ACTION_AUDIT, /* let it run, and write it down */
};
/* Static memory; "enforce", "warn", "audit". */
NOTAR_API const char *notar_action_name(enum notar_action action);

/* What a manifest turned out to be, where somebody looked. */
enum notar_content {
	NOTAR_CONTENT_UNKNOWN = 0,
	NOTAR_CONTENT_IMAGE,
	NOTAR_CONTENT_INDEX,
	NOTAR_CONTENT_ARTIFACT, /* a signature or the like, which nothing can run */
};

struct notar_report {
	enum notar_verdict verdict;
	enum notar_reason reason;
	enum notar_action action;   /* of the rule; the verdict is the same whatever it says */
	struct notar_digest digest; /* what was judged; alg NONE when it could not be resolved */
	char rule[256];             /* the policy's rule that decided; "" when none */
	char message[512];          /* one line for a person */
	unsigned threshold;
	unsigned signers;           /* distinct signers that counted */
	unsigned requests;          /* sent to the registry */
	bool cached;                /* answered from the store alone */
	bool last_known_good;       /* allowed for what was known before the registry failed */
	enum notar_content content; /* only filled in for the gate */
	struct notar_digest index;  /* allowed as a part of this index, which is; alg NONE: no */
	struct notar_signature *signatures;
	size_t signature_count;
};

/*
 * NOTAR_OK means that there is a report; its verdict is the answer. Errors are only for
 * questions that cannot be asked: NOTAR_E_USAGE (reference), NOTAR_E_CONFIG, NOTAR_E_KEY,
 * NOTAR_E_NOMEM. Failures of the registry are reports with verdict undetermined.
 */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_verify(const char *image, const struct notar_verify_options *options,
	     struct notar_report **out, struct notar_error *err);

/* A file and its signature. Borrowed for the call. */
struct notar_blob {
	const void *bytes; /* NULL: the file is not at hand, its digest is */
	size_t size;
	const char *digest;    /* "sha256:…"; only looked at when bytes is NULL; Sigstore only */
	const void *signature; /* a Sigstore bundle, or a Notary Project envelope */
	size_t signature_size;
	const char *scope;      /* the policy's rule for it; NULL: the one for everything */
	const char *media_type; /* that it must be signed as; NULL: any */
};

/* As notar_verify; nothing is fetched but answers about revocation. */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_verify_blob(const struct notar_blob *blob, const struct notar_verify_options *options,
		  struct notar_report **out, struct notar_error *err);

NOTAR_API void notar_report_free(struct notar_report *report);

/* One JSON object on one line, as `notar verify --json` prints and /v1/verify answers it.
 * *out is the caller's to free(). */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_report_json(const char *image, const struct notar_report *report, char **out,
		  struct notar_error *err);

#ifdef __cplusplus
}
#endif
#endif
