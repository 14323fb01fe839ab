/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_SIGN_H
#define NOTAR_SIGN_H

#include "notar/verify.h"

/* Signing images: what `notar sign` and `notar attest` call. */

#ifdef __cplusplus
extern "C" {
#endif

/* A private key, opened once for any number of signatures. Thread-safe after opening. */
struct notar_signer;

/*
 * key         a file's path or a key URI
 * passphrase  asked at most once, only when the file is encrypted: writes the passphrase into
 *             out[0..room) and returns its length, or -1 when there is none. May be NULL.
 */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_signer_open(const char *key, long (*passphrase)(void *context, char *out, size_t room),
		  void *context, struct notar_signer **out, struct notar_error *err);
/*
 * A key that one of notation's signing plugins holds: plugin://NAME/KEYID. It signs the formats
 * JWS and COSE, brings its own certificates, and runs at each signature. config (may be NULL) is
 * what the plugin gets as pluginConfig. NOTAR_E_NOT_FOUND: no such plugin.
 */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_signer_open_plugin(const char *key, const struct notar_annotation *config,
			 size_t config_count, struct notar_signer **out, struct notar_error *err);
/*
 * Keyless: a key for one signature, and a certificate that says who made it. Strings are borrowed
 * for the call. It signs bundles; each blocks on the services, and is verified before it is stored.
 */
struct notar_keyless {
	const char
		*identity_token; /* the token, or its file's path; NULL: what the environment has */
	const char *signing_config; /* text of a signing_config.json: whom to ask */
	const char *trusted_root;   /* text of a trusted_root.json: what must hold */
	const char *ca_file;        /* for https; NULL: the system's */
	int64_t timeout_ms;         /* of one signature; 0: two minutes */
};
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_signer_open_keyless(const struct notar_keyless *how, struct notar_signer **out,
			  struct notar_error *err);
NOTAR_API void notar_signer_free(struct notar_signer *signer);

enum notar_format {
	NOTAR_FORMAT_BUNDLE = 0, /* Sigstore bundle v0.3 as a referrer: cosign 3's default */
	NOTAR_FORMAT_SIMPLE,     /* cosign's classic .sig tag */
	NOTAR_FORMAT_JWS,        /* Notary Project envelopes as referrers: notation's */
	NOTAR_FORMAT_COSE,
};

struct notar_sign_options {
	struct notar_access access;
	enum notar_format format;
	const struct notar_annotation *annotations;
	size_t annotation_count;
	const char *predicate_type; /* with predicate: an attestation instead of a signature */
	const char *predicate;      /* JSON text */
	bool recursive;             /* also every manifest that an index lists, depth first */
	bool full_identity;         /* simple: docker-reference with tag (decision 20) */
	/* JWS and COSE; the annotations become the signature's user metadata. */
	const char *certificate_chain; /* PEM, the key's certificate first, the root last; NULL for
					* a plugin */
	int64_t expiry_s;              /* the signature counts so long; 0: for ever */
	const char *timestamp_url;     /* an RFC 3161 authority; NULL: no timestamp */
	const char *timestamp_root;    /* PEM of its root; required with the URL */
};

struct notar_signed {
	struct notar_digest digest;   /* what was signed */
	struct notar_digest artifact; /* the manifest that carries the signature */
	bool already;                 /* the same signature was there: nothing was written */
};

/* Resolves the image once, signs that digest and stores the signature beside it. */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_sign(const struct notar_signer *signer, const char *image,
	   const struct notar_sign_options *options, struct notar_signed *out,
	   struct notar_error *err);

#ifdef __cplusplus
}
#endif
#endif
