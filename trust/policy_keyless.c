/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/policy_keyless.h"

#include <stdio.h>

#include "base/limits.h"

#define IDENTITIES_MAX 1024

static void
match_release(struct keyless_match *match)
{
	free(match->text);
	pattern_free(match->pattern);
}

void
policy_keyless_free(struct policy_keyless *keyless)
{
	if (keyless == NULL)
		return;
	for (size_t i = 0; i < keyless->count; i++) {
		match_release(&keyless->identities[i].issuer);
		match_release(&keyless->identities[i].subject);
		for (size_t n = 0; n < FULCIO_EXTENSIONS; n++)
			free(keyless->identities[i].extensions[n]);
	}
	free(keyless->identities);
	free(keyless);
}

static enum notar_code
no_memory(struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_NOMEM, "no memory for a policy");
}

static enum notar_code
dup_text(struct span text, char **out, struct notar_error *err)
{
	*out = span_dup(text);
	return *out != NULL ? NOTAR_OK : no_memory(err);
}

/* A member that may be absent, but not null: null would leave out what somebody meant to demand. */
static enum notar_code
read_member(const struct json *at, const char *name, struct json *out, struct notar_error *err)
{
	*out = (struct json){ 0 };
	return json_has(at, name) ? json_member(at, name, out, err) : NOTAR_OK;
}

/* Exactly one of an exact text and a pattern. A criterion that is not there would take anybody. */
static enum notar_code
make_match(struct span text, struct span pattern, const char *what, struct keyless_match *out,
	   struct notar_error *err)
{
	if ((text.ptr == NULL) == (pattern.ptr == NULL))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: %s a text %s a pattern", what,
				  text.ptr == NULL ? "neither" : "both",
				  text.ptr == NULL ? "nor" : "and");
	if (pattern.ptr != NULL) {
		if (pattern_compile(pattern, &out->pattern, err) != NOTAR_OK)
			return notar_context(err, "%s", what);
		return NOTAR_OK;
	}
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", what);
	return dup_text(text, &out->text, err);
}

static enum notar_code
read_text(const struct json *at, const char *name, struct span *out, struct notar_error *err)
{
	struct json value;

	*out = (struct span){ 0 };
	NOTAR_TRY(read_member(at, name, &value, err));
	return value.value == NULL ? NOTAR_OK : json_as_string(&value, out, err);
}

static enum notar_code
read_match(const struct json *at, const char *exact, const char *by_pattern,
	   struct keyless_match *out, struct notar_error *err)
{
	char what[JSON_PATH_BYTES + 16];
	struct span text, pattern;

	NOTAR_TRY(read_text(at, exact, &text, err));
	NOTAR_TRY(read_text(at, by_pattern, &pattern, err));
	(void)snprintf(what, sizeof(what), "%s.%s", at->path, exact);
	return make_match(text, pattern, what, out, err);
}

/* Names that cannot be enforced are refused (CVE-2026-48815). */
static enum notar_code
read_extension(const char *name, const struct json *at, struct keyless_identity *out,
	       struct notar_error *err)
{
	size_t number = fulcio_extension_of(span_str(name));
	struct span text;

	if (number == 0 || number >= FULCIO_EXTENSIONS)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not an extension of Fulcio's",
				  at->path);
	if (out->extensions[number] != NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: named twice", at->path);
	NOTAR_TRY(json_as_string(at, &text, err));
	return dup_text(text, &out->extensions[number], err);
}

static enum notar_code
read_extensions(const struct json *identity, struct keyless_identity *out, struct notar_error *err)
{
	struct json extensions, value;
	void *cursor = NULL;
	const char *name;
	size_t count = 0;

	NOTAR_TRY(read_member(identity, "extensions", &extensions, err));
	if (extensions.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_object(&extensions, err));
	for (; json_next_member(&extensions, &cursor, &name, &value); count++)
		NOTAR_TRY(read_extension(name, &value, out, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", extensions.path);
	return NOTAR_OK;
}

static enum notar_code
read_identity(const struct json *at, struct keyless_identity *out, struct notar_error *err)
{
	static const char *const names[] = { "issuer", "issuerPattern", "subject", "subjectPattern",
					     "extensions" };

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(read_match(at, "issuer", "issuerPattern", &out->issuer, err));
	NOTAR_TRY(read_match(at, "subject", "subjectPattern", &out->subject, err));
	return read_extensions(at, out, err);
}

static enum notar_code
read_identities(const struct json *list, struct policy_keyless *out, struct notar_error *err)
{
	size_t count;

	NOTAR_TRY(json_as_array(list, IDENTITIES_MAX, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", list->path);
	out->identities = calloc(count, sizeof(*out->identities));
	if (out->identities == NULL)
		return no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(list, i);

		NOTAR_TRY(read_identity(&one, &out->identities[out->count++], err));
	}
	return NOTAR_OK;
}

static enum notar_code
read_root_name(const struct json *at, const struct policy_roots *roots, struct policy_keyless *out,
	       struct notar_error *err)
{
	struct span name;

	NOTAR_TRY(json_as_string(at, &name, err));
	for (size_t i = 0; i < roots->count; i++)
		if (span_is(name, roots->items[i].name)) {
			out->root = roots->items[i].root;
			return NOTAR_OK;
		}
	return notar_fail(err, NOTAR_E_FORMAT, "%s: not among the trustedRoots", at->path);
}

/* Times are never less than one: without one nothing says that the certificate was valid. What
 * signatures by keys do not have cannot be demanded of them. */
static enum notar_code
read_thresholds(const struct json *at, struct policy_keyless *out, struct notar_error *err)
{
	static const char *const names[] = { "logs", "scts", "times", "timestamps" };
	const int64_t most = LIMIT_ROOT_ENTRIES;
	bool has_identities = out->count > 0;

	if (at->value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_only(at, names, has_identities ? NOTAR_COUNT(names) : 1, err));
	NOTAR_TRY(json_optional_int(at, "logs", has_identities ? 0 : 1, most, 1, &out->logs, err));
	NOTAR_TRY(json_optional_int(at, "scts", 0, most, 1, &out->scts, err));
	NOTAR_TRY(json_optional_int(at, "times", 1, most, 1, &out->times, err));
	return json_optional_int(at, "timestamps", 0, most, 0, &out->timestamps, err);
}

static struct policy_keyless *
keyless_new(void)
{
	struct policy_keyless *keyless = calloc(1, sizeof(*keyless));

	if (keyless != NULL)
		keyless->logs = keyless->scts = keyless->times = 1;
	return keyless;
}

enum notar_code
policy_keyless_read(const struct json *signer, bool has_keys, const struct policy_roots *roots,
		    struct policy_keyless **out, struct notar_error *err)
{
	struct json identities, root, thresholds;

	NOTAR_TRY(read_member(signer, "identities", &identities, err));
	NOTAR_TRY(read_member(signer, "trustedRoot", &root, err));
	NOTAR_TRY(read_member(signer, "thresholds", &thresholds, err));
	if (identities.value == NULL && root.value == NULL && thresholds.value == NULL)
		return NOTAR_OK;
	if (identities.value == NULL && !has_keys)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: neither keys nor identities",
				  signer->path);
	if (root.value == NULL)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no trustedRoot", signer->path);
	NOTAR_AUTO(policy_keyless) *keyless = keyless_new();

	if (keyless == NULL)
		return no_memory(err);
	if (identities.value != NULL)
		NOTAR_TRY(read_identities(&identities, keyless, err));
	NOTAR_TRY(read_root_name(&root, roots, keyless, err));
	NOTAR_TRY(read_thresholds(&thresholds, keyless, err));
	*out = NOTAR_TAKE(keyless);
	return NOTAR_OK;
}

static enum notar_code
match_words(const struct keyless_words *words, struct policy_keyless *out, struct notar_error *err)
{
	NOTAR_TRY(make_match(span_str(words->issuer), span_str(words->issuer_pattern), "issuer",
			     &out->identities[0].issuer, err));
	return make_match(span_str(words->subject), span_str(words->subject_pattern), "subject",
			  &out->identities[0].subject, err);
}

enum notar_code
policy_keyless_of_words(const struct keyless_words *words, const struct trusted_root *root,
			struct policy_keyless **out, struct notar_error *err)
{
	NOTAR_AUTO(policy_keyless) *keyless = keyless_new();

	if (keyless != NULL)
		keyless->identities = calloc(1, sizeof(*keyless->identities));
	if (keyless == NULL || keyless->identities == NULL)
		return no_memory(err);
	keyless->count = 1;
	keyless->root = root;
	enum notar_code code = match_words(words, keyless, err);

	/* It is the command line that is wrong. */
	if (code != NOTAR_OK && code != NOTAR_E_NOMEM) {
		if (err != NULL)
			err->code = NOTAR_E_USAGE;
		return NOTAR_E_USAGE;
	}
	if (code == NOTAR_OK)
		*out = NOTAR_TAKE(keyless);
	return code;
}

enum notar_code
policy_keyless_of_log(const struct trusted_root *root, struct policy_keyless **out,
		      struct notar_error *err)
{
	struct policy_keyless *keyless = keyless_new();

	if (keyless == NULL)
		return no_memory(err);
	keyless->root = root;
	*out = keyless;
	return NOTAR_OK;
}
