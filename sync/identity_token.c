/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/identity_token.h"

#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "sync/identity_service.h"

#define WELL_KNOWN "/var/run/sigstore/cosign/oidc-token"
#define SPIRE_SOCKET "/tmp/spire-agent/public/api.sock"

void
identity_token_release(struct identity_token *token)
{
	secret_release(&token->text);
}

/* "eyJ" opens every JWT, as '{"' in base64. */
static bool
is_token_text(struct span text)
{
	size_t dots = 0;

	for (size_t i = 0; i < text.len; i++)
		dots += text.ptr[i] == '.';
	return span_starts_with(text, "eyJ") && dots == 2 && span_find(text, '/') == text.len;
}

static struct span
trimmed(struct span text)
{
	while (text.len > 0 && text.ptr[text.len - 1] <= ' ')
		text.len--;
	while (text.len > 0 && text.ptr[0] <= ' ')
		text = span_of(text.ptr + 1, text.len - 1);
	return text;
}

static enum notar_code
from_file(const char *path, struct secret *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(secret) content = { 0 };

	if (file_read_secret(path, LIMIT_TOKEN_CHARS, &content, err) != NOTAR_OK)
		return notar_context(err, "identity token");
	return secret_copy(trimmed(secret_borrow(&content)), out, err);
}

static enum notar_code
given(const struct identity_token_options *options, struct secret *out, struct notar_error *err)
{
	struct span text = span_str(options->given);

	if (text.ptr == NULL)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no token is given");
	if (is_token_text(trimmed(text)))
		return secret_copy(trimmed(text), out, err);
	/* A token that was cut must not show up in a message as a path. */
	if (span_starts_with(text, "eyJ"))
		return notar_fail(err, NOTAR_E_USAGE, "the token that is given is not whole");
	enum notar_code code = from_file(options->given, out, err);

	/* Missing is an answer of this source, not of the search. */
	return code == NOTAR_E_NOT_FOUND ?
		       notar_fail(err, NOTAR_E_USAGE, "no such file: %.200s", options->given) :
		       code;
}

static enum notar_code
environment(const struct identity_token_options *options, struct secret *out,
	    struct notar_error *err)
{
	struct span text = trimmed(span_str(getenv("SIGSTORE_ID_TOKEN")));

	(void)options;
	return text.len > 0 ? secret_copy(text, out, err) :
			      notar_fail(err, NOTAR_E_NOT_FOUND, "SIGSTORE_ID_TOKEN is not set");
}

static enum notar_code
well_known(const struct identity_token_options *options, struct secret *out,
	   struct notar_error *err)
{
	return from_file(options->file != NULL ? options->file : WELL_KNOWN, out, err);
}

static enum notar_code
spiffe(const struct identity_token_options *options, struct secret *out, struct notar_error *err)
{
	(void)options;
	(void)out;
	if (getenv("SPIFFE_ENDPOINT_SOCKET") == NULL && access(SPIRE_SOCKET, F_OK) != 0)
		return notar_fail(err, NOTAR_E_NOT_FOUND, "no SPIFFE socket");
	return notar_fail(
		err, NOTAR_E_UNSUPPORTED,
		"SPIFFE's workload interface is not supported: give its JWT-SVID (audience "
		"\"" IDENTITY_TOKEN_AUDIENCE "\") by SIGSTORE_ID_TOKEN");
}

enum notar_code
identity_token_get(const struct identity_token_options *options, struct identity_token *out,
		   struct notar_error *err)
{
	static const struct {
		const char *name;
		identity_source *get;
	} sources[] = {
		{ "the token that was given", given },
		{ "SIGSTORE_ID_TOKEN", environment },
		{ "the token file", well_known },
		{ "GitHub Actions", identity_from_github },
		{ "Google's metadata server", identity_from_google },
		{ "Buildkite", identity_from_buildkite },
		{ "SPIFFE", spiffe },
	};
	struct notar_error why = { 0 };

	for (size_t i = 0; i < NOTAR_COUNT(sources); i++) {
		enum notar_code code = sources[i].get(options, &out->text, &why);

		out->source = sources[i].name;
		if (code == NOTAR_OK)
			return NOTAR_OK;
		if (code != NOTAR_E_NOT_FOUND)
			return notar_fail(err, code, "%s: %s", sources[i].name, why.msg);
	}
	return notar_fail(err, NOTAR_E_NOT_FOUND,
			  "no identity token: give one, or set SIGSTORE_ID_TOKEN");
}
