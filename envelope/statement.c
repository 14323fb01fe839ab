/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/statement.h"

#include "base/digest.h"
#include "base/fact.h"
#include "base/limits.h"

void
statement_release(struct statement *statement)
{
	json_root_free(statement->root);
	*statement = (struct statement){ 0 };
}

/* Whether a subject's digest object names the digest. Names the member on damage. */
static enum notar_code
subject_has(const struct json *subject, const struct notar_digest *digest, bool *found,
	    struct notar_error *err)
{
	const char *alg = digest->alg == NOTAR_SHA256 ? "sha256" : "sha512";
	char want[NOTAR_DIGEST_TEXT_BYTES];
	struct json digests, value;
	void *cursor = NULL;
	const char *name;
	size_t count = 0;

	NOTAR_TRY(json_as_object(subject, err));
	NOTAR_TRY(json_member(subject, "digest", &digests, err));
	NOTAR_TRY(json_as_object(&digests, err));
	(void)notar_digest_format(digest, want);
	while (json_next_member(&digests, &cursor, &name, &value)) {
		struct span text;

		if (++count > LIMIT_SUBJECT_DIGESTS)
			return notar_fail(err, NOTAR_E_LIMIT, "%s: over %d digests", digests.path,
					  LIMIT_SUBJECT_DIGESTS);
		NOTAR_TRY(json_as_string(&value, &text, err));
		if (strcmp(name, alg) == 0 && span_is(text, want + strlen(alg) + 1))
			*found = true;
	}
	return NOTAR_OK;
}

static enum notar_code
find_subject(const struct json *top, const struct notar_digest *digest, struct json *out,
	     struct notar_error *err)
{
	struct json subjects;
	size_t count;
	bool found = false;

	NOTAR_TRY(json_member(top, "subject", &subjects, err));
	NOTAR_TRY(json_as_array(&subjects, LIMIT_STATEMENT_SUBJECTS, &count, err));
	if (count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "statement: no subject");
	/* Every subject is read, also behind the one that fits: damage anywhere refuses it. */
	for (size_t i = 0; i < count; i++) {
		struct json one = json_item(&subjects, i);
		bool here = false;

		NOTAR_TRY(subject_has(&one, digest, &here, err));
		if (here && !found) {
			found = true;
			*out = one;
		}
	}
	if (!found)
		return notar_fail(err, NOTAR_E_DIGEST, "the statement is about another digest");
	return NOTAR_OK;
}

enum notar_code
statement_read(struct span payload, const struct notar_digest *digest, struct statement *out,
	       struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_ATTESTATION_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_OF(statement) s = { 0 };
	struct json top;
	struct span type;

	NOTAR_TRY(json_parse(payload, limits, "statement", &s.root, &top, err));
	NOTAR_TRY(json_as_object(&top, err));
	NOTAR_TRY(json_member_string(&top, "_type", &type, err));
	if (!span_is(type, STATEMENT_V1) && !span_is(type, STATEMENT_V01))
		return notar_fail(err, NOTAR_E_FORMAT, "statement: unknown _type");
	NOTAR_TRY(json_member_string(&top, "predicateType", &s.predicate_type, err));
	if (s.predicate_type.len == 0 || s.predicate_type.len > LIMIT_ANNOTATION_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "statement: predicateType is empty or huge");
	NOTAR_TRY(json_optional(&top, "predicate", &s.predicate, err));
	NOTAR_TRY(find_subject(&top, digest, &s.subject, err));
	*out = s;
	s = (struct statement){ 0 };
	return NOTAR_OK;
}

enum notar_code
statement_first_digest(struct span payload, struct notar_digest *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_ATTESTATION_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(statement) whole = { 0 };
	struct json top, subjects, digests;
	struct span hex = { 0 };
	size_t count;

	NOTAR_TRY(json_parse(payload, limits, "statement", &root, &top, err));
	NOTAR_TRY(json_member(&top, "subject", &subjects, err));
	NOTAR_TRY(json_as_array(&subjects, LIMIT_STATEMENT_SUBJECTS, &count, err));
	for (size_t i = 0; i < count && hex.len == 0; i++) {
		struct json one = json_item(&subjects, i);

		NOTAR_TRY(json_member(&one, "digest", &digests, err));
		NOTAR_TRY(json_optional_string(&digests, "sha256", &hex, err));
	}
	char text[NOTAR_DIGEST_TEXT_BYTES] = "sha256:";

	if (hex.len != 64)
		return notar_fail(err, NOTAR_E_FORMAT, "statement: no subject with a sha256");
	memcpy(text + strlen(text), hex.ptr, hex.len);
	NOTAR_TRY(notar_digest_parse(text, strlen(text), out, err));
	return statement_read(payload, out, &whole, err);
}

static void
write_digest(const struct notar_digest *digest, struct buf *out)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];
	char *colon = strchr(notar_digest_format(digest, text), ':');

	json_name(out, "digest");
	json_begin_object(out);
	if (colon != NULL) {
		*colon = '\0';
		json_pair_str(out, text, colon + 1);
	}
	json_end_object(out);
}

void
statement_write_sign(const struct notar_digest *digest, const struct annotation *annotations,
		     size_t count, struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "_type", STATEMENT_V1);
	json_name(out, "subject");
	json_begin_array(out);
	json_begin_object(out);
	write_digest(digest, out);
	json_name(out, "annotations");
	json_begin_object(out);
	for (size_t i = 0; i < count; i++) {
		json_put_span(out, annotations[i].name);
		buf_append_byte(out, ':');
		json_put_span(out, annotations[i].value);
	}
	json_end_object(out);
	json_end_object(out);
	json_end_array(out);
	json_pair_str(out, "predicateType", FACT_PREDICATE_SIGN);
	json_name(out, "predicate");
	json_begin_object(out);
	json_end_object(out);
	json_end_object(out);
}

void
statement_write_attestation(const struct notar_digest *digest, const char *name,
			    const char *predicate_type, struct span predicate, struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "_type", STATEMENT_V01);
	json_name(out, "subject");
	json_begin_array(out);
	json_begin_object(out);
	json_pair_str(out, "name", name);
	write_digest(digest, out);
	json_end_object(out);
	json_end_array(out);
	json_pair_str(out, "predicateType", predicate_type);
	json_name(out, "predicate");
	json_put_raw(out, predicate);
	json_end_object(out);
}

const char *
predicate_uri(const char *type)
{
	static const struct {
		const char *name;
		const char *uri;
	} types[] = {
		{ "custom", "https://cosign.sigstore.dev/attestation/v1" },
		{ "cyclonedx", "https://cyclonedx.org/bom" },
		{ "link", "https://in-toto.io/Link/v1" },
		{ "openvex", "https://openvex.dev/ns" },
		{ "slsaprovenance", "https://slsa.dev/provenance/v0.2" },
		{ "slsaprovenance02", "https://slsa.dev/provenance/v0.2" },
		{ "slsaprovenance1", "https://slsa.dev/provenance/v1" },
		{ "spdx", "https://spdx.dev/Document" },
		{ "spdxjson", "https://spdx.dev/Document" },
		{ "vuln", "https://cosign.sigstore.dev/attestation/vuln/v1" },
	};

	for (size_t i = 0; i < NOTAR_COUNT(types); i++)
		if (strcmp(type, types[i].name) == 0)
			return types[i].uri;
	return strchr(type, ':') != NULL ? type : NULL;
}
