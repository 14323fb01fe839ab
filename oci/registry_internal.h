/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_REGISTRY_INTERNAL_H
#define OCI_REGISTRY_INTERNAL_H

#include "net/http_client.h"
#include "oci/auth.h"
#include "oci/source_ops.h"

/* Private to oci/registry*.c and oci/referrers*.c: one repository of a registry. */
struct registry {
	struct source source; /* first: a source is handed around */
	struct reference ref;
	char *base; /* "https://host/v2/name/" */
	struct http_client *http;
	struct auth *auth;
	unsigned requests;
	enum net_reach peer; /* where the registry is, once it has answered */
};

static inline struct registry *
registry_of(struct source *source)
{
	return (struct registry *)source;
}

/* The four types we read, in one header: some servers look at the first line only. */
#define REGISTRY_ACCEPT_MANIFEST                                                                   \
	OCI_TYPE_INDEX ", " OCI_TYPE_MANIFEST ", " OCI_TYPE_DOCKER_LIST                            \
		       ", " OCI_TYPE_DOCKER_MANIFEST ", " OCI_TYPE_ARTIFACT

/*
 * Runs the exchanges with the registry's credentials, answering its challenges
 * (specs/oci-registry.md section 4.1); fills in authorization and deadline. As
 * http_client_run: the result is about running, look at each code.
 */
NOTAR_MUST_USE enum notar_code registry_run(struct registry *r, struct http_exchange *exchanges,
					    size_t count, struct notar_error *err);

/* One request; an answer of any status but 401 and 403. */
NOTAR_MUST_USE enum notar_code registry_send(struct registry *r, const struct http_request *request,
					     struct http_response *out, struct notar_error *err);

/* What a status that is no success means, with the registry's own words; never NOTAR_OK. */
NOTAR_MUST_USE enum notar_code
registry_refusal(const struct http_response *response, const char *what, struct notar_error *err);

/* "<base><kind>/<name>" on the heap, or NULL. */
char *registry_url(const struct registry *r, const char *kind, const char *name);

/* A manifest by tag or digest text; digest NULL for a tag. etag is empty when there is none. */
#define REGISTRY_ETAG_BYTES 256
NOTAR_MUST_USE enum notar_code
registry_get_manifest(struct registry *r, const char *name, const struct notar_digest *digest,
		      struct content *out, char etag[REGISTRY_ETAG_BYTES], struct notar_error *err);

/* The ops, by file. */
enum notar_code
registry_manifest(struct source *source, const char *tag, const struct notar_digest *digest,
		  struct content *out, struct notar_error *err);
enum notar_code registry_blob(struct source *source, const struct notar_digest *digest,
			      int64_t size, size_t cap, struct buf *out, struct notar_error *err);
enum notar_code registry_fetch_many(struct source *source, struct source_fetch *fetches,
				    size_t count, struct notar_error *err);
enum notar_code registry_referrers(struct source *source, const struct notar_digest *subject,
				   struct referrers *out, struct notar_error *err);
enum notar_code registry_referrers_tag(struct source *source, const struct notar_digest *subject,
				       struct referrers *out, struct notar_error *err);
enum notar_code registry_push_blob(struct source *source, struct span bytes,
				   struct notar_digest *digest, struct notar_error *err);
enum notar_code
registry_push_manifest(struct source *source, struct span bytes, const char *media_type,
		       const char *tag, struct notar_digest *digest, bool *subject_listed,
		       struct notar_error *err);
enum notar_code registry_push_referrer(struct source *source, struct span manifest,
				       const struct notar_digest *subject,
				       struct notar_digest *digest, struct notar_error *err);

#endif
