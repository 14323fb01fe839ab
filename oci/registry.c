/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/registry.h"

#include "oci/registry_internal.h"

#define DOCKER_HUB "docker.io"
#define DOCKER_HUB_HTTP "registry-1.docker.io"

static void
registry_release(struct source *source)
{
	struct registry *r = registry_of(source);

	http_client_free(r->http);
	auth_free(r->auth);
	free(r->base);
	free(r);
}

static unsigned
registry_requests(const struct source *source)
{
	return ((const struct registry *)(const void *)source)->requests;
}

static const struct source_ops registry_ops = {
	.release = registry_release,
	.requests = registry_requests,
	.manifest = registry_manifest,
	.blob = registry_blob,
	.fetch_many = registry_fetch_many,
	.referrers = registry_referrers,
	.referrers_tag = registry_referrers_tag,
	.push_blob = registry_push_blob,
	.push_manifest = registry_push_manifest,
	.push_referrer = registry_push_referrer,
};

/* Plain HTTP where it was asked for, and on loopback unless an authority was named for it. */
static bool
speaks_tls(const struct reference *ref, const struct source_options *options)
{
	if (options->plain_http)
		return false;
	return !reference_is_loopback(ref) || options->ca_file != NULL;
}

static char *
base_url(const struct reference *ref, bool secure)
{
	NOTAR_AUTO_OF(buf) b = { 0 };
	bool hub = strcmp(ref->host, DOCKER_HUB) == 0;

	buf_printf(&b, "%s://%s/v2/", secure ? "https" : "http", hub ? DOCKER_HUB_HTTP : ref->host);
	if (ref->path[0] != '\0') {
		buf_append_str(&b, ref->path);
		buf_append_byte(&b, '/');
	}
	return buf_take_cstr(&b);
}

static enum notar_code
open_auth(struct registry *r, const struct source_options *options, struct notar_error *err)
{
	const struct auth_options auth = {
		.host = r->ref.host,
		.repository = r->ref.path[0] == '\0' ? NULL : r->ref.path,
		.base = r->base,
		.writing = options->writing,
		.username = options->username,
		.password = options->password,
	};

	return auth_new(&auth, &r->auth, err);
}

static enum notar_code
open_registry(const struct reference *ref, const struct source_options *options,
	      struct source **out, struct notar_error *err)
{
	struct registry *r = calloc(1, sizeof(*r));
	bool secure = speaks_tls(ref, options);

	if (r == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a registry");
	NOTAR_AUTO(source) *owner = &r->source;
	r->source = (struct source){ &registry_ops, options->deadline_ms };
	r->ref = *ref;
	r->base = base_url(ref, secure);
	if (r->base == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a registry");
	const struct http_client_options http = {
		.ca_file = options->ca_file,
		.guard_private = options->guard_private,
	};
	NOTAR_TRY(http_client_new(&http, &r->http, err));
	NOTAR_TRY(open_auth(r, options, err));
	*out = NOTAR_TAKE(owner);
	return NOTAR_OK;
}

enum notar_code
registry_source_open(const struct reference *ref, const struct source_options *options,
		     struct source **out, struct notar_error *err)
{
	return open_registry(ref, options, out, err);
}

enum notar_code
registry_check_credentials(const char *host, const struct source_options *options,
			   struct notar_error *err)
{
	NOTAR_AUTO_OF(http_response) response = { 0 };
	struct reference ref = { .place = REFERENCE_REGISTRY };
	struct source *source = NULL;

	if (strlen(host) >= sizeof(ref.host))
		return notar_fail(err, NOTAR_E_USAGE, "the registry's name is too long");
	memcpy(ref.host, host, strlen(host) + 1);
	NOTAR_TRY(open_registry(&ref, options, &source, err));
	NOTAR_AUTO(source) *owner = source;
	const struct http_request request = { .method = "GET",
					      .url = registry_of(owner)->base,
					      .cap = LIMIT_ERROR_BODY_BYTES,
					      .retry = true };
	NOTAR_TRY(registry_send(registry_of(owner), &request, &response, err));
	return response.status == 200 ? NOTAR_OK : registry_refusal(&response, "login", err);
}
