/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/plugin_answer.h"

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"

#define RAW_SIGNER "SIGNATURE_GENERATOR.RAW"
#define SHOWN_BYTES 200

static const struct json_limits limits = { LIMIT_PLUGIN_OUTPUT_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };

static int
shown(struct span text)
{
	return (int)(text.len < SHOWN_BYTES ? text.len : SHOWN_BYTES);
}

static enum notar_code
read_text(const struct json *top, const char *name, struct span *out, struct notar_error *err)
{
	NOTAR_TRY(json_member_string(top, name, out, err));
	return out->len > 0 ? NOTAR_OK :
			      notar_fail(err, NOTAR_E_FORMAT, "%s.%s: empty", top->path, name);
}

/* A list of words that is not empty; *found has a bit for each of words that is among them. */
static enum notar_code
read_words(const struct json *top, const char *name, const char *const *words, size_t word_count,
	   unsigned *found, struct notar_error *err)
{
	struct json list;
	size_t count = 0;

	*found = 0;
	NOTAR_TRY(json_member(top, name, &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_PLUGIN_WORDS, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list.path);
	for (size_t i = 0; i < count; i++) {
		const struct json item = json_item(&list, i);
		struct span text;

		NOTAR_TRY(json_as_string(&item, &text, err));
		for (size_t k = 0; k < word_count; k++)
			*found |= span_is(text, words[k]) ? 1U << k : 0;
	}
	return NOTAR_OK;
}

/* One of these must be what was asked for. */
static enum notar_code
check_echo(const struct json *top, const char *name, struct span want, struct notar_error *err)
{
	struct span said;

	NOTAR_TRY(read_text(top, name, &said, err));
	if (span_equal(said, want))
		return NOTAR_OK;
	return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: \"%.*s\", not \"%.*s\"", top->path, name,
			  shown(said), (const char *)said.ptr, shown(want), (const char *)want.ptr);
}

enum notar_code
plugin_read_about(struct span answer, struct span plugin, struct plugin_about *out,
		  struct notar_error *err)
{
	static const char *const contracts[] = { PLUGIN_CONTRACT };
	static const char *const capabilities[] = { RAW_SIGNER, PLUGIN_IDENTITY_CHECK,
						    PLUGIN_REVOCATION_CHECK };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct plugin_about about = { 0 };
	struct json top;
	struct span ignored, version;
	unsigned speaks;

	NOTAR_TRY(json_parse(answer, limits, "metadata", &root, &top, err));
	NOTAR_TRY(check_echo(&top, "name", plugin, err));
	NOTAR_TRY(read_text(&top, "description", &ignored, err));
	NOTAR_TRY(read_text(&top, "url", &ignored, err));
	NOTAR_TRY(read_text(&top, "version", &version, err));
	if (version.len >= sizeof(about.version))
		return notar_fail(err, NOTAR_E_LIMIT, "metadata.version: over %zu bytes",
				  sizeof(about.version) - 1);
	memcpy(about.version, version.ptr, version.len);
	NOTAR_TRY(read_words(&top, "supportedContractVersions", contracts, 1, &speaks, err));
	NOTAR_TRY(read_words(&top, "capabilities", capabilities, NOTAR_COUNT(capabilities),
			     &about.capabilities, err));
	if (speaks == 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "it does not speak contract version " PLUGIN_CONTRACT);
	*out = about;
	return NOTAR_OK;
}

enum notar_code
plugin_read_metadata(struct span answer, struct span plugin, struct notar_error *err)
{
	struct plugin_about about;

	NOTAR_TRY(plugin_read_about(answer, plugin, &about, err));
	if ((about.capabilities & PLUGIN_CAN_SIGN_RAW) == 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "it does not have the capability " RAW_SIGNER);
	return NOTAR_OK;
}

enum notar_code
plugin_read_key(struct span answer, struct span key_id, const struct suite **out,
		struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;
	struct span spec;

	NOTAR_TRY(json_parse(answer, limits, "key", &root, &top, err));
	NOTAR_TRY(check_echo(&top, "keyId", key_id, err));
	NOTAR_TRY(read_text(&top, "keySpec", &spec, err));
	const struct suite *suite = suite_of_key_spec(spec);

	if (suite == NULL)
		return notar_fail(err, NOTAR_E_KEY,
				  "key.keySpec: no kind of key that Notary Project signatures are "
				  "made with: \"%.*s\"",
				  shown(spec), (const char *)spec.ptr);
	*out = suite;
	return NOTAR_OK;
}

static enum notar_code
read_chain(const struct json *top, struct cert_list *chain, struct notar_error *err)
{
	struct json list;
	size_t count = 0;

	NOTAR_TRY(json_member(top, "certificateChain", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_CHAIN_CERTIFICATES, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list.path);
	for (size_t i = 0; i < count; i++) {
		NOTAR_AUTO_OF(buf) der = { .cap = LIMIT_CERTIFICATE_BYTES };
		const struct json item = json_item(&list, i);
		struct span text;

		NOTAR_TRY(json_as_string(&item, &text, err));
		NOTAR_TRY(base64_decode(text, &der, item.path, err));
		if (cert_list_add(chain, buf_span(&der), LIMIT_CHAIN_CERTIFICATES, err) != NOTAR_OK)
			return notar_context(err, "%s", item.path);
	}
	return NOTAR_OK;
}

enum notar_code
plugin_read_signature(struct span answer, struct span key_id, const struct suite *suite,
		      struct buf *signature, struct cert_list *chain, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) bytes = { .cap = LIMIT_SIGNATURE_BYTES };
	struct json top;
	struct span text;

	NOTAR_TRY(json_parse(answer, limits, "signature", &root, &top, err));
	NOTAR_TRY(check_echo(&top, "keyId", key_id, err));
	NOTAR_TRY(check_echo(&top, "signingAlgorithm", span_str(suite->plugin_name), err));
	NOTAR_TRY(read_text(&top, "signature", &text, err));
	NOTAR_TRY(base64_decode(text, &bytes, "signature.signature", err));
	if (bytes.len != suite->signature_bytes)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "signature.signature: %zu bytes, and %s has %zu", bytes.len,
				  suite->plugin_name, suite->signature_bytes);
	NOTAR_TRY(read_chain(&top, chain, err));
	buf_append_span(signature, buf_span(&bytes));
	return buf_finish(signature, "signature", err);
}

static enum notar_code
code_of(struct span name)
{
	static const struct {
		const char *name;
		enum notar_code code;
	} codes[] = {
		{ "VALIDATION_ERROR", NOTAR_E_USAGE },
		{ "UNSUPPORTED_CONTRACT_VERSION", NOTAR_E_UNSUPPORTED },
		{ "ACCESS_DENIED", NOTAR_E_AUTH },
		{ "TIMEOUT", NOTAR_E_TIMEOUT },
		{ "THROTTLED", NOTAR_E_THROTTLED },
	};

	for (size_t i = 0; i < NOTAR_COUNT(codes); i++)
		if (span_is(name, codes[i].name))
			return codes[i].code;
	return NOTAR_E_IO;
}

static bool
read_failure(const struct json *top, struct span *name, struct span *text)
{
	return json_member_string(top, "errorCode", name, NULL) == NOTAR_OK && name->len > 0 &&
	       json_optional_string(top, "errorMessage", text, NULL) == NOTAR_OK;
}

enum notar_code
plugin_fail(struct span errors, int status, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;
	struct span name, text;

	if (json_parse(errors, limits, "error", &root, &top, NULL) == NOTAR_OK &&
	    read_failure(&top, &name, &text))
		return notar_fail(err, code_of(name), "%.*s: %.*s",
				  (int)(name.len < 40 ? name.len : 40), (const char *)name.ptr,
				  shown(text), (const char *)text.ptr);
	errors.len = span_find(errors, '\n');
	/* A NUL would end the message here; what is behind it is not worth more. */
	return notar_fail(err, NOTAR_E_IO, "it failed (exit status %d)%s%.*s", status,
			  errors.len > 0 ? ": " : "", shown(errors), (const char *)errors.ptr);
}
