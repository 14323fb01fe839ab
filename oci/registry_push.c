/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/json.h"
#include "oci/registry_internal.h"
#include "oci/registry_put.h"

static enum notar_code
is_there(struct registry *r, const char *digest, bool *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	NOTAR_AUTO_CHARS *url = registry_url(r, "blobs", digest);

	if (url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	const struct http_request request = {
		.method = "HEAD", .url = url, .cap = LIMIT_ERROR_BODY_BYTES, .retry = true
	};
	NOTAR_TRY(registry_send(r, &request, &response, err));
	*out = response.status == 200;
	return NOTAR_OK;
}

/* "https://h:443/…" answered with "https://h/…" is the same place (some proxies do so): URLs
 * are compared by number, so nothing needs to be restored. */
static enum notar_code
open_upload(struct registry *r, const char *digest, struct url *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	NOTAR_AUTO_CHARS *url = registry_url(r, "blobs/uploads", "");

	if (url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	const struct http_request request = {
		.method = "POST", .url = url, .cap = LIMIT_ERROR_BODY_BYTES, .retry = true
	};
	NOTAR_TRY(registry_send(r, &request, &response, err));
	if (response.status != 202)
		return registry_refusal(&response, digest, err);
	struct span location = http_header_find(&response, "Location", 0);
	if (url_resolve(&response.url, location, out, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_NET, "upload: the registry names no place for it");
	return NOTAR_OK;
}

/* Its query string stays as it is: it may be signed. */
static enum notar_code
upload_url(const struct url *place, const char *digest, struct buf *out, struct notar_error *err)
{
	buf_append_str(out, place->text);
	buf_append_byte(out, strchr(place->text, '?') == NULL ? '?' : '&');
	buf_append_str(out, "digest=");
	for (const char *c = digest; *c != '\0'; c++)
		buf_append_str(out, *c == ':' ? "%3A" : (const char[]){ *c, '\0' });
	return buf_finish(out, "upload URL", err);
}

static enum notar_code
upload(struct registry *r, const char *digest, struct span bytes, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	NOTAR_AUTO_OF(url) place = { 0 };
	NOTAR_AUTO_OF(buf) target = { 0 };

	NOTAR_TRY(open_upload(r, digest, &place, err));
	NOTAR_TRY(upload_url(&place, digest, &target, err));
	const struct http_request request = {
		.method = "PUT",
		.url = buf_cstr(&target),
		.headers = { { "Content-Type", "application/octet-stream" } },
		.body = bytes,
		.cap = LIMIT_ERROR_BODY_BYTES,
		.retry = true,
	};
	if (request.url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	NOTAR_TRY(registry_send_anywhere(r, &place, &request, &response, err));
	if (response.status == 201 || response.status == 204)
		return NOTAR_OK;
	return registry_refusal(&response, digest, err);
}

enum notar_code
registry_push_blob(struct source *source, struct span bytes, struct notar_digest *digest,
		   struct notar_error *err)
{
	struct registry *r = registry_of(source);
	struct notar_digest computed = digest_of(NOTAR_SHA256, bytes);
	char text[NOTAR_DIGEST_TEXT_BYTES];
	bool there = false;

	(void)notar_digest_format(&computed, text);
	NOTAR_TRY(is_there(r, text, &there, err));
	if (!there)
		NOTAR_TRY(upload(r, text, bytes, err));
	*digest = computed;
	return NOTAR_OK;
}

static enum notar_code
check_stored(const struct http_response *response, const struct notar_digest *want,
	     struct notar_error *err)
{
	struct span text = http_header_find(response, "Docker-Content-Digest", 0);
	struct notar_digest said = { 0 };

	if (text.len == 0 || digest_parse_span(text, &said, NULL) != NOTAR_OK ||
	    said.alg != want->alg || notar_digest_equal(&said, want))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_DIGEST, "the registry stored other bytes than were sent");
}

enum notar_code
registry_put_manifest(struct registry *r, const struct registry_put *put, struct http_response *out,
		      struct notar_error *err)
{
	NOTAR_AUTO_CHARS *url = registry_url(r, "manifests", put->name);
	struct notar_digest computed = digest_of(NOTAR_SHA256, put->bytes);

	if (url == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a URL");
	const struct http_request request = {
		.method = "PUT",
		.url = url,
		.headers = { { "Content-Type", put->media_type },
			     { "If-Match", put->if_match },
			     { "If-None-Match", put->if_none_match } },
		.body = put->bytes,
		.cap = LIMIT_ERROR_BODY_BYTES,
		.retry = true,
	};
	NOTAR_TRY(registry_send(r, &request, out, err));
	if (out->status == 200 || out->status == 201 || out->status == 202)
		return check_stored(out, &computed, err);
	return NOTAR_OK;
}

static enum notar_code
put_as(struct registry *r, struct span bytes, const char *media_type, const char *name,
       struct notar_digest *subject, struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	const struct registry_put put = { .name = name, .media_type = media_type, .bytes = bytes };

	NOTAR_TRY(registry_put_manifest(r, &put, &response, err));
	if (response.status != 200 && response.status != 201 && response.status != 202)
		return registry_refusal(&response, name, err);
	struct span said = http_header_find(&response, "OCI-Subject", 0);
	if (said.len == 0 || digest_parse_span(said, subject, NULL) != NOTAR_OK)
		*subject = (struct notar_digest){ 0 };
	return NOTAR_OK;
}

/* The header must name the very subject that the manifest has. */
static bool
names_subject(struct span bytes, const char *media_type, const struct notar_digest *said)
{
	NOTAR_AUTO_OF(manifest) m = { 0 };

	return said->alg != NOTAR_DIGEST_NONE &&
	       manifest_parse(bytes, span_str(media_type), &m, NULL) == NOTAR_OK && m.has_subject &&
	       notar_digest_equal(&m.subject.digest, said);
}

enum notar_code
registry_push_manifest(struct source *source, struct span bytes, const char *media_type,
		       const char *tag, struct notar_digest *digest, bool *subject_listed,
		       struct notar_error *err)
{
	struct registry *r = registry_of(source);
	struct notar_digest computed = digest_of(NOTAR_SHA256, bytes);
	struct notar_digest said = { 0 }, ignored = { 0 };
	char text[NOTAR_DIGEST_TEXT_BYTES];

	if (bytes.len > LIMIT_MANIFEST_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "a manifest over %u bytes",
				  LIMIT_MANIFEST_BYTES);
	NOTAR_TRY(put_as(r, bytes, media_type, notar_digest_format(&computed, text), &said, err));
	if (tag != NULL)
		NOTAR_TRY(put_as(r, bytes, media_type, tag, &ignored, err));
	*digest = computed;
	*subject_listed = names_subject(bytes, media_type, &said);
	return NOTAR_OK;
}
