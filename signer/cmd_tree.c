/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "notar/verify.h"
#include "oci/source.h"
#include "signer/command.h"

#define TREE_TIMEOUT_MS 120000
#define TYPE_ANNOTATION "dev.sigstore.bundle.predicateType"

NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

/* What hangs on the image, and where to read more of it. */
struct tree {
	struct source *source;
	struct referrers list;
};

static void
tree_release(struct tree *tree)
{
	referrers_release(&tree->list);
	source_free(tree->source);
}

/* The type that a manifest claims for its bundle, when the listing did not say. */
static enum notar_code
fetch_claim(struct source *source, const struct notar_digest *artifact, struct buf *out,
	    struct notar_error *err)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	NOTAR_AUTO_OF(manifest) manifest = { 0 };
	struct span claim;

	NOTAR_TRY(source_manifest(source, NULL, artifact, &content, err));
	NOTAR_TRY(manifest_parse(buf_span(&content.bytes), span_str(content.media_type), &manifest,
				 err));
	if (manifest.annotations.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_optional_string(&manifest.annotations, TYPE_ANNOTATION, &claim, err));
	buf_append_span(out, claim);
	return NOTAR_OK;
}

/* What a signature really says is only known to who has its key, so this is shown as a claim;
 * one that cannot be read is left out. */
static void
claimed_type(const struct tree *tree, const struct notar_digest *artifact, struct buf *out)
{
	struct notar_error err;

	for (size_t i = 0; i < tree->list.count; i++) {
		const struct descriptor *d = &tree->list.items[i];

		if (!notar_digest_equal(&d->digest, artifact))
			continue;
		buf_append_span(out, descriptor_annotation(d, TYPE_ANNOTATION));
		if (out->len == 0)
			(void)!fetch_claim(tree->source, artifact, out, &err);
		return;
	}
}

static bool
is_judged(const struct notar_report *report, const struct notar_digest *artifact)
{
	for (size_t i = 0; i < report->signature_count; i++)
		if (notar_digest_equal(&report->signatures[i].artifact, artifact))
			return true;
	return false;
}

static void
put_signature(const struct options *options, const struct notar_signature *s, struct span claim,
	      struct buf *out)
{
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	(void)notar_digest_format(&s->artifact, digest);
	if (options->json) {
		json_begin_object(out);
		json_pair_str(out, "artifact", digest);
		json_pair_str(out, "place", s->place);
		json_pair_str(out, "format", s->format);
		json_pair_span(out, "claimedType", claim);
		json_pair_str(out, "key", s->key_id);
		json_pair_str(out, "holds", notar_reason_name(s->reason));
		json_end_object(out);
		return;
	}
	buf_printf(out, "  %s %s in %s\n      key %s: %s", s->format, digest, s->place,
		   s->key_id[0] != '\0' ? s->key_id : "unknown", notar_reason_name(s->reason));
	if (claim.len > 0)
		buf_printf(out, "\n      claims type %.*s", (int)claim.len,
			   (const char *)claim.ptr);
	buf_append_str(out, "\n");
}

static void
put_other(const struct options *options, const struct descriptor *d, struct buf *out)
{
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	(void)notar_digest_format(&d->digest, digest);
	if (options->json) {
		json_begin_object(out);
		json_pair_str(out, "artifact", digest);
		json_pair_span(out, "artifactType", d->artifact_type);
		json_end_object(out);
	} else {
		buf_printf(out, "  other %s of type %.*s\n", digest, (int)d->artifact_type.len,
			   d->artifact_type.ptr == NULL ? "" : (const char *)d->artifact_type.ptr);
	}
}

static void
put_tree(const struct options *options, const struct notar_report *report, const struct tree *tree,
	 struct buf *out)
{
	char digest[NOTAR_DIGEST_TEXT_BYTES];

	(void)notar_digest_format(&report->digest, digest);
	if (options->json) {
		json_begin_object(out);
		json_pair_str(out, "image", options->operands.values[0]);
		json_pair_str(out, "digest", digest);
		json_name(out, "referrers");
		json_begin_array(out);
	} else {
		buf_printf(out, "%s %s\n", options->operands.values[0], digest);
	}
	for (size_t i = 0; i < report->signature_count; i++) {
		NOTAR_AUTO_OF(buf) claim = { 0 };

		claimed_type(tree, &report->signatures[i].artifact, &claim);
		put_signature(options, &report->signatures[i], buf_span(&claim), out);
	}
	for (size_t i = 0; i < tree->list.count; i++)
		if (!is_judged(report, &tree->list.items[i].digest))
			put_other(options, &tree->list.items[i], out);
	if (options->json) {
		json_end_array(out);
		json_end_object(out);
		buf_append_str(out, "\n");
	}
}

static enum notar_code
list_referrers(const struct notar_access *access, const char *image,
	       const struct notar_digest *digest, struct tree *out, struct notar_error *err)
{
	const struct source_options how = {
		.deadline_ms = clock_deadline_ms(access->timeout_ms > 0 ? access->timeout_ms :
									  TREE_TIMEOUT_MS),
		.plain_http = access->plain_http,
		.ca_file = access->ca_file,
		.username = access->username,
		.password = access->password,
	};
	struct reference ref;

	NOTAR_TRY(reference_parse(span_str(image), REFERENCE_STRICT, &ref, err));
	NOTAR_TRY(source_open(&ref, &how, &out->source, err));
	enum notar_code code = source_referrers(out->source, digest, &out->list, err);

	return code == NOTAR_E_UNSUPPORTED ?
		       source_referrers_tag(out->source, digest, &out->list, err) :
		       code;
}

/* A policy that asks for attestations by anybody makes every place be looked at. */
#define LOOK_EVERYWHERE                                                                            \
	"{\"version\":1,\"rules\":[{\"scope\":\"*\",\"require\":{\"signers\":[\"*\"],"             \
	"\"predicateType\":\"urn:notar:tree\"}}]}"

int
cmd_tree(const struct options *options, struct notar_error *err)
{
	struct notar_verify_options ask = { .policy = LOOK_EVERYWHERE, .everything = true };
	NOTAR_AUTO_PTR(report, struct notar_report) *report = NULL;
	NOTAR_AUTO_OF(tree) tree = { 0 };
	NOTAR_AUTO_OF(buf) key = { 0 };
	NOTAR_AUTO_OF(buf) out = { 0 };
	const char *text;

	if (options->operands.count != 1)
		return command_fail(err, NOTAR_E_USAGE, "exactly one image is needed");
	if (options->keys.count > 1)
		return command_fail(err, NOTAR_E_USAGE, "--key: at most one here");
	if (options->keys.count == 1) {
		if (file_read(options->keys.values[0], LIMIT_KEY_FILE_BYTES, &key, err) != NOTAR_OK)
			return -1;
		text = buf_cstr(&key);
		ask.keys = &text;
		ask.key_count = 1;
	}
	if (access_from(options, &ask.access, err) != NOTAR_OK ||
	    notar_verify(options->operands.values[0], &ask, &report, err) != NOTAR_OK)
		return -1;
	if (report->verdict == NOTAR_UNDETERMINED || report->digest.alg == NOTAR_DIGEST_NONE)
		return command_fail(err, NOTAR_E_NET, "%s", report->message);
	if (list_referrers(&ask.access, options->operands.values[0], &report->digest, &tree, err) !=
	    NOTAR_OK)
		return -1;
	put_tree(options, report, &tree, &out);
	return output_flush(&out, err);
}
