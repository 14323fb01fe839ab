/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/json.h"
#include "oci/media_type.h"
#include "oci/registry_internal.h"

static struct http_request
manifest_request(const char *url)
{
	return (struct http_request){
		.method = "GET",
		.url = url,
		.headers = { { "Accept", REGISTRY_ACCEPT_MANIFEST } },
		.cap = LIMIT_MANIFEST_BYTES,
		.retry = true,
	};
}

/* A header that contradicts the bytes is a peer that lies or errs: neither is to be used. */
static enum notar_code
check_digest_header(const struct http_response *response, const struct notar_digest *computed,
		    struct notar_error *err)
{
	struct span text = http_header_find(response, "Docker-Content-Digest", 0);
	struct notar_digest said = { 0 };

	if (text.len == 0 || digest_parse_span(text, &said, NULL) != NOTAR_OK ||
	    said.alg != computed->alg || notar_digest_equal(&said, computed))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_DIGEST, "Docker-Content-Digest differs from the bytes");
}

static bool
is_generic(struct span type)
{
	return type.len == 0 || media_type_is(type, "application/json") ||
	       media_type_is(type, "text/plain") || media_type_is(type, "application/octet-stream");
}

/* The transport's word; without one, the document's own. */
static enum notar_code
read_media_type(const struct http_response *response, char out[LIMIT_MEDIA_TYPE_CHARS + 1],
		struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) parsed = { 0 };
	struct span type = media_type_bare(http_header_find(response, "Content-Type", 0));

	if (is_generic(type)) {
		NOTAR_TRY(manifest_parse(buf_span(&response->body), (struct span){ 0 }, &parsed,
					 err));
		type = parsed.media_type;
	}
	if (type.len > LIMIT_MEDIA_TYPE_CHARS)
		return notar_fail(err, NOTAR_E_LIMIT, "the media type is too long");
	memcpy(out, type.ptr, type.len);
	out[type.len] = '\0';
	return NOTAR_OK;
}

/* want NULL: asked by tag, the bytes decide. Takes the body. */
static enum notar_code
accept_manifest(struct http_response *response, const struct notar_digest *want, const char *what,
		struct content *out, struct notar_error *err)
{
	struct content got = { 0 };
	struct span bytes = buf_span(&response->body);

	if (response->status != 200)
		return registry_refusal(response, what, err);
	if (want != NULL)
		NOTAR_TRY(digest_check(want, bytes, what, err));
	got.digest = want != NULL ? *want : digest_of(NOTAR_SHA256, bytes);
	NOTAR_TRY(check_digest_header(response, &got.digest, err));
	NOTAR_TRY(read_media_type(response, got.media_type, err));
	got.bytes = response->body;
	response->body = (struct buf){ 0 };
	*out = got;
	return NOTAR_OK;
}

enum notar_code
registry_get_manifest(struct registry *r, const char *name, const struct notar_digest *digest,
		      struct content *out, char etag[REGISTRY_ETAG_BYTES], struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	NOTAR_AUTO_CHARS *url = registry_url(r, "manifests", name);

	if (url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	const struct http_request request = manifest_request(url);
	NOTAR_TRY(registry_send(r, &request, &response, err));
	struct span tag = http_header_find(&response, "ETag", 0);
	size_t len = tag.len < REGISTRY_ETAG_BYTES ? tag.len : 0;
	if (len > 0)
		memcpy(etag, tag.ptr, len);
	etag[len] = '\0';
	return accept_manifest(&response, digest, name, out, err);
}

enum notar_code
registry_manifest(struct source *source, const char *tag, const struct notar_digest *digest,
		  struct content *out, struct notar_error *err)
{
	char text[NOTAR_DIGEST_TEXT_BYTES], etag[REGISTRY_ETAG_BYTES];
	const char *name = digest != NULL ? notar_digest_format(digest, text) : tag;

	return registry_get_manifest(registry_of(source), name, digest, out, etag, err);
}

static struct http_request
blob_request(const char *url, int64_t size, size_t cap)
{
	return (struct http_request){
		.method = "GET",
		.url = url,
		.cap = size >= 0 && (uint64_t)size < cap ? (size_t)size : cap,
		.retry = true,
	};
}

static enum notar_code
accept_blob(struct http_response *response, const struct notar_digest *want, int64_t size,
	    const char *what, struct buf *out, struct notar_error *err)
{
	if (response->status != 200)
		return registry_refusal(response, what, err);
	if (size >= 0 && (uint64_t)size != response->body.len)
		return notar_fail(err, NOTAR_E_DIGEST,
				  "%s: %zu bytes, but its descriptor says %lld", what,
				  response->body.len, (long long)size);
	NOTAR_TRY(digest_check(want, buf_span(&response->body), what, err));
	*out = response->body;
	response->body = (struct buf){ 0 };
	return NOTAR_OK;
}

enum notar_code
registry_blob(struct source *source, const struct notar_digest *digest, int64_t size, size_t cap,
	      struct buf *out, struct notar_error *err)
{
	struct registry *r = registry_of(source);
	NOTAR_AUTO_OF(http_response) response = { 0 };
	char text[NOTAR_DIGEST_TEXT_BYTES];
	NOTAR_AUTO_CHARS *url = registry_url(r, "blobs", notar_digest_format(digest, text));

	if (url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	const struct http_request request = blob_request(url, size, cap);
	NOTAR_TRY(registry_send(r, &request, &response, err));
	return accept_blob(&response, digest, size, text, out, err);
}

/* urls[i] stays empty, and the wish failed, when it is not worth a request. */
static void
plan(struct registry *r, struct source_fetch *wish, char **url, struct http_exchange *x)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	wish->code = NOTAR_OK;
	x->settled = true;
	if (wish->size > 0 && (uint64_t)wish->size > wish->cap) {
		wish->code = notar_fail(&wish->err, NOTAR_E_LIMIT, "over %zu bytes", wish->cap);
		return;
	}
	*url = registry_url(r, wish->is_manifest ? "manifests" : "blobs",
			    notar_digest_format(&wish->digest, text));
	if (*url == NULL) {
		wish->code = notar_fail(&wish->err, NOTAR_E_NOMEM, "no memory for a URL");
		return;
	}
	x->settled = false;
	x->request = blob_request(*url, wish->size, wish->cap);
	if (wish->is_manifest)
		x->request.headers[0] = (struct http_header){ "Accept", REGISTRY_ACCEPT_MANIFEST };
}

static enum notar_code
grant(struct source_fetch *wish, struct http_exchange *x)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];
	const char *what = notar_digest_format(&wish->digest, text);

	NOTAR_TRY(wish->code);
	if (x->code != NOTAR_OK) {
		wish->err = x->err;
		return x->code;
	}
	if (!wish->is_manifest) {
		wish->content.digest = wish->digest;
		return accept_blob(&x->response, &wish->digest, wish->size, what,
				   &wish->content.bytes, &wish->err);
	}
	if (x->response.status == 200 && wish->size >= 0 &&
	    (uint64_t)wish->size != x->response.body.len)
		return notar_fail(&wish->err, NOTAR_E_DIGEST,
				  "%s: %zu bytes, but its descriptor says %lld", what,
				  x->response.body.len, (long long)wish->size);
	return accept_manifest(&x->response, &wish->digest, what, &wish->content, &wish->err);
}

static enum notar_code
fetch_planned(struct registry *r, struct source_fetch *fetches, size_t count, char **urls,
	      struct http_exchange *exchanges, struct notar_error *err)
{
	for (size_t i = 0; i < count; i++)
		plan(r, &fetches[i], &urls[i], &exchanges[i]);
	NOTAR_TRY(registry_run(r, exchanges, count, err));
	for (size_t i = 0; i < count; i++)
		fetches[i].code = grant(&fetches[i], &exchanges[i]);
	return NOTAR_OK;
}

enum notar_code
registry_fetch_many(struct source *source, struct source_fetch *fetches, size_t count,
		    struct notar_error *err)
{
	char **urls = calloc(count + 1, sizeof(*urls));
	struct http_exchange *exchanges = calloc(count + 1, sizeof(*exchanges));
	enum notar_code code = NOTAR_E_NOMEM;

	if (urls == NULL || exchanges == NULL)
		code = notar_fail(err, NOTAR_E_NOMEM, "no memory for %zu requests", count);
	else
		code = fetch_planned(registry_of(source), fetches, count, urls, exchanges, err);
	for (size_t i = 0; i < count && urls != NULL && exchanges != NULL; i++) {
		http_response_release(&exchanges[i].response);
		free(urls[i]);
	}
	free(urls);
	free(exchanges);
	return code;
}
