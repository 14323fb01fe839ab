/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_SOURCE_H
#define OCI_SOURCE_H

#include "base/buf.h"
#include "oci/manifest.h"
#include "oci/reference.h"

/*
 * oci/: where images are: names, manifests, registries, layouts, credentials.
 *
 * Where images and signatures are: one repository of a registry, or one image layout on disk,
 * behind one interface. Every call blocks, at most until the source's deadline
 * (NOTAR_E_TIMEOUT). Bytes that come back have been checked against the digest that was asked
 * for. One thread at a time per source.
 */
struct source;

struct source_options {
	int64_t deadline_ms;  /* monotonic; 0: two minutes from opening */
	bool plain_http;      /* allowed for hosts that are not loopback */
	const char *ca_file;  /* NULL: the system's */
	const char *username; /* NULL: docker config.json, helpers, environment is the caller's */
	const char *password;
	bool writing;       /* ask for push rights at once */
	bool guard_private; /* refuse redirects to private addresses (notard) */
};

/* A registry by ref->host and path, or a layout by path. Nothing is fetched yet. */
NOTAR_MUST_USE enum notar_code
source_open(const struct reference *ref, const struct source_options *options, struct source **out,
	    struct notar_error *err);
void source_free(struct source *source);
NOTAR_AUTO_DEFINE(source)

void source_set_deadline(struct source *source, int64_t deadline_ms);
/* Requests sent to a registry so far; 0 for layouts. */
unsigned source_requests(const struct source *source);

/* A fetched manifest: its bytes, type and the digest computed from the bytes. */
struct content {
	struct buf bytes;
	char media_type[LIMIT_MEDIA_TYPE_CHARS + 1];
	struct notar_digest digest;
};
void content_release(struct content *content);

/* By tag (digest NULL) or by digest (tag ignored). NOTAR_E_NOT_FOUND when the registry says so. */
NOTAR_MUST_USE enum notar_code
source_manifest(struct source *source, const char *tag, const struct notar_digest *digest,
		struct content *out, struct notar_error *err);

/* size -1 when unknown; more than cap bytes is NOTAR_E_LIMIT before or while fetching. */
NOTAR_MUST_USE enum notar_code
source_blob(struct source *source, const struct notar_digest *digest, int64_t size, size_t cap,
	    struct buf *out, struct notar_error *err);

/* One wish of a parallel fetch. Filled in by source_fetch_many; the caller releases bytes. */
struct source_fetch {
	bool is_manifest;
	struct notar_digest digest;
	int64_t size; /* -1 unknown */
	size_t cap;
	struct content content; /* media_type for manifests */
	enum notar_code code;
	struct notar_error err;
};
/* Returns NOTAR_OK even when single fetches failed; look at each code. */
NOTAR_MUST_USE enum notar_code
source_fetch_many(struct source *source, struct source_fetch *fetches, size_t count,
		  struct notar_error *err);

/* Manifests whose subject is a digest. Owns the documents that its descriptors borrow from. */
struct referrers {
	struct descriptor *items;
	size_t count;
	struct manifest *pages;
	size_t page_count;
	bool truncated; /* a cap cut the list: not complete */
};
void referrers_release(struct referrers *list);

/*
 * The referrers API, all pages (distribution-spec "Listing Referrers"; for a layout a walk of
 * everything reachable from index.json). NOTAR_E_UNSUPPORTED when the registry has no such
 * API: then the fallback tag must be asked. Empty lists are NOTAR_OK.
 */
NOTAR_MUST_USE enum notar_code
source_referrers(struct source *source, const struct notar_digest *subject, struct referrers *out,
		 struct notar_error *err);

/* The fallback tag's list: NOTAR_OK and empty when there is no such tag. For layouts empty. */
NOTAR_MUST_USE enum notar_code
source_referrers_tag(struct source *source, const struct notar_digest *subject,
		     struct referrers *out, struct notar_error *err);

/* Uploads unless it is there already. */
NOTAR_MUST_USE enum notar_code
source_push_blob(struct source *source, struct span bytes, struct notar_digest *digest,
		 struct notar_error *err);

/* By digest, and under tag too unless that is NULL. *subject_listed says that the registry
 * has put it into its referrers list (OCI-Subject); may be NULL. */
NOTAR_MUST_USE enum notar_code
source_push_manifest(struct source *source, struct span bytes, const char *media_type,
		     const char *tag, struct notar_digest *digest, bool *subject_listed,
		     struct notar_error *err);

/*
 * Pushes a manifest with a subject and sees to it that it can be found: confirms it with the
 * referrers API, else adds it to the fallback tag without losing somebody else's entry
 * (specs/oci-registry.md section 7.4).
 */
NOTAR_MUST_USE enum notar_code
source_push_referrer(struct source *source, struct span manifest,
		     const struct notar_digest *subject, struct notar_digest *digest,
		     struct notar_error *err);

#endif
