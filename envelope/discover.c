/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/discover.h"

#include <stdio.h>

#include "base/codec.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "envelope/candidate.h"
#include "envelope/judge_notary.h"
#include "envelope/simple.h"

struct search {
	struct source *source;
	const struct discover_options *options;
	struct evidence evidence;
	size_t bytes;         /* fetched so far, against LIMIT_QUERY_BYTES */
	struct content image; /* the subject itself, once a format wants its size and type */
};

static void
search_release(struct search *search)
{
	evidence_release(&search->evidence);
	content_release(&search->image);
}

static void
place_failed(struct search *s, enum evidence_place place, const struct notar_error *err)
{
	struct place *p = &s->evidence.places[place];

	p->state = PLACE_FAILED;
	p->reason = notar_reason_of_code(err->code);
	/* Something that is "not found" or "too long" while listing is still no listing. */
	if (notar_reason_verdict(p->reason) == NOTAR_DENY && p->reason != NOTAR_REASON_MALFORMED &&
	    p->reason != NOTAR_REASON_LIMIT && p->reason != NOTAR_REASON_DIGEST_MISMATCH)
		p->reason = NOTAR_REASON_REGISTRY_UNREACHABLE;
	(void)snprintf(p->message, sizeof(p->message), "%.*s", (int)sizeof(p->message) - 1,
		       err->msg);
}

static bool
is_enough(const struct search *s)
{
	return s->options->enough != NULL && s->options->enough(s->options->context, &s->evidence);
}

static void
item_failed(struct evidence_item *item, const struct notar_error *err)
{
	item->reason = notar_reason_of_code(err->code);
	(void)snprintf(item->message, sizeof(item->message), "%.*s", (int)sizeof(item->message) - 1,
		       err->msg);
}

/* A place holds more than may be looked at, or than there is memory for: it is not complete, and
 * says so. Running out of memory is no word against the image. */
static struct evidence_item *
add_item(struct search *s, enum evidence_place place, const struct notar_digest *artifact)
{
	struct evidence_item *item = evidence_add(&s->evidence);

	if (item == NULL) {
		bool full = s->evidence.count >= LIMIT_SIGNATURES;

		s->evidence.places[place] =
			full ? (struct place){ .state = PLACE_FAILED,
					       .reason = NOTAR_REASON_LIMIT,
					       .message = "too many signatures" } :
			       (struct place){ .state = PLACE_FAILED,
					       .reason = NOTAR_REASON_INTERNAL,
					       .message = "no memory for a signature" };
		return NULL;
	}
	item->place = place;
	item->artifact = *artifact;
	return item;
}

static size_t
fetch_cap(const struct search *s)
{
	size_t cap = s->options->attestations ? LIMIT_ATTESTATION_BYTES : LIMIT_ENVELOPE_BYTES;
	size_t left = LIMIT_QUERY_BYTES > s->bytes ? LIMIT_QUERY_BYTES - s->bytes : 0;

	return cap < left ? cap : left;
}

static enum notar_code
fetch_blob(struct search *s, const struct descriptor *layer, struct buf *out,
	   struct notar_error *err)
{
	NOTAR_TRY(source_blob(s->source, &layer->digest, layer->size, fetch_cap(s), out, err));
	s->bytes += out->len;
	return NOTAR_OK;
}

/* What an attached manifest holds; 0 for what is no signature of a kind that is known. */
static enum fact_format
format_of(const struct manifest *manifest)
{
	if (manifest->is_index || manifest->count != 1)
		return 0;
	if (span_starts_with(manifest->entries[0].media_type, BUNDLE_TYPE_PREFIX))
		return FACT_BUNDLE;
	/* The type must say so twice (specs/notary-project.md section 2.2). */
	if (!span_is(manifest->artifact_type, NOTARY_ARTIFACT_TYPE))
		return 0;
	if (span_is(manifest->entries[0].media_type, NOTARY_JWS_TYPE))
		return FACT_JWS;
	return span_is(manifest->entries[0].media_type, NOTARY_COSE_TYPE) ? FACT_COSE : 0;
}

/* The manifest of a candidate, exactly one layer over our subject, and that layer's bytes. */
static enum notar_code
fetch_attached(struct search *s, const struct descriptor *candidate, enum fact_format *format,
	       struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	NOTAR_AUTO_OF(manifest) manifest = { 0 };

	NOTAR_TRY(source_manifest(s->source, NULL, &candidate->digest, &content, err));
	s->bytes += content.bytes.len;
	NOTAR_TRY(manifest_parse(buf_span(&content.bytes), span_str(content.media_type), &manifest,
				 err));
	*format = format_of(&manifest);
	if (*format == 0)
		return NOTAR_OK;
	if (!manifest.has_subject ||
	    !notar_digest_equal(&manifest.subject.digest, &s->evidence.subject))
		return notar_fail(err, NOTAR_E_DIGEST, "its subject is another digest");
	return fetch_blob(s, &manifest.entries[0], out, err);
}

/* What may be a bundle. Registries and clients fill artifactType in differently, so only what
 * says it is something else is left out (specs/sigstore.md section 2.4). */
static bool
is_candidate(const struct descriptor *d)
{
	return d->artifact_type.len == 0 || span_is(d->artifact_type, OCI_TYPE_EMPTY) ||
	       span_is(d->artifact_type, OCI_TYPE_CONFIG) ||
	       span_starts_with(d->artifact_type, BUNDLE_TYPE_PREFIX) ||
	       span_is(d->artifact_type, NOTARY_ARTIFACT_TYPE);
}

/* Media type and size of the subject are signed too (decision 24): it is asked for once. */
static enum notar_code
fetch_subject(struct search *s, struct notary_subject *out, struct notar_error *err)
{
	const struct discover_options *o = s->options;

	if (o->subject == NULL && s->image.bytes.len == 0)
		NOTAR_TRY(source_manifest(s->source, NULL, &s->evidence.subject, &s->image, err));
	const struct content *image = o->subject != NULL ? o->subject : &s->image;

	*out = (struct notary_subject){ .digest = &s->evidence.subject,
					.media_type = span_str(image->media_type),
					.size = (int64_t)image->bytes.len };
	return NOTAR_OK;
}

static void
judge_attached(struct search *s, enum fact_format format, struct span bytes,
	       struct evidence_item *item)
{
	struct notary_subject subject;
	struct notar_error err = { 0 };

	if (format == FACT_BUNDLE) {
		judge_bundle(bytes, &s->evidence.subject, &s->options->keyring, item);
		return;
	}
	item->format = format;
	if (fetch_subject(s, &subject, &err) != NOTAR_OK)
		item_failed(item, &err);
	else
		judge_notary(bytes, format, &subject, &s->options->keyring, item);
}

static bool
is_seen(const struct search *s, const struct notar_digest *artifact)
{
	for (size_t i = 0; i < s->evidence.count; i++)
		if (notar_digest_equal(&s->evidence.items[i].artifact, artifact))
			return true;
	return false;
}

/* Keeps the bytes of what another key may verify one day. */
static void
keep(const struct search *s, struct evidence_item *item, struct span bytes, struct span signature)
{
	if (s->options->keep_candidates && item->reason == NOTAR_REASON_UNTRUSTED_KEY)
		candidate_encode(item->format, bytes, signature, &item->candidate);
}

static void
try_candidate(struct search *s, enum evidence_place place, const struct descriptor *candidate)
{
	NOTAR_AUTO_OF(buf) blob = { .cap = LIMIT_ATTESTATION_BYTES };
	struct notar_error err = { 0 };
	enum fact_format format = FACT_BUNDLE;
	enum notar_code code = fetch_attached(s, candidate, &format, &blob, &err);

	if (format == 0)
		return;
	struct evidence_item *item = add_item(s, place, &candidate->digest);

	if (item == NULL)
		return;
	if (code != NOTAR_OK) {
		item_failed(item, &err);
		return;
	}
	judge_attached(s, format, buf_span(&blob), item);
	keep(s, item, buf_span(&blob), (struct span){ 0 });
}

/* What is likely to satisfy somebody comes first. Annotations are hints for the order only. */
static int
rank_of(const struct search *s, const struct descriptor *d)
{
	if (span_is(d->artifact_type, NOTARY_ARTIFACT_TYPE))
		return s->options->keyring.has_anchors ? 0 : 2;
	return span_is(descriptor_annotation(d, "dev.sigstore.bundle.predicateType"),
		       FACT_PREDICATE_SIGN) ?
		       0 :
		       1;
}

/* One pass over a list, in the order of ranks. */
static void
try_list(struct search *s, enum evidence_place place, const struct referrers *list)
{
	struct place *p = &s->evidence.places[place];

	p->state = list->truncated ? PLACE_FAILED : PLACE_COMPLETE;
	if (list->truncated)
		p->reason = NOTAR_REASON_LIMIT;
	for (int rank = 0; rank < 3; rank++)
		for (size_t i = 0; i < list->count; i++) {
			const struct descriptor *d = &list->items[i];

			if (rank_of(s, d) != rank || !is_candidate(d) || is_seen(s, &d->digest))
				continue;
			try_candidate(s, place, d);
			if (p->state == PLACE_FAILED)
				return;
			if (is_enough(s)) {
				p->state = PLACE_PARTIAL;
				return;
			}
		}
}

static bool
search_referrers(struct search *s)
{
	NOTAR_AUTO_OF(referrers) list = { 0 };
	struct notar_error err = { 0 };
	enum notar_code code = source_referrers(s->source, &s->evidence.subject, &list, &err);

	/* No such API is an answer of this place: the fallback tag is asked next. */
	if (code == NOTAR_E_UNSUPPORTED)
		s->evidence.places[PLACE_REFERRERS].state = PLACE_COMPLETE;
	else if (code != NOTAR_OK)
		place_failed(s, PLACE_REFERRERS, &err);
	else
		try_list(s, PLACE_REFERRERS, &list);
	return is_enough(s);
}

static bool
search_fallback(struct search *s)
{
	NOTAR_AUTO_OF(referrers) list = { 0 };
	struct notar_error err = { 0 };

	if (source_referrers_tag(s->source, &s->evidence.subject, &list, &err) != NOTAR_OK)
		place_failed(s, PLACE_FALLBACK, &err);
	else
		try_list(s, PLACE_FALLBACK, &list);
	return is_enough(s);
}

static enum notar_code
judge_layer(struct search *s, const struct descriptor *layer, struct evidence_item *item,
	    struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) blob = { .cap = LIMIT_ATTESTATION_BYTES };
	NOTAR_AUTO_OF(buf) signature = { .cap = LIMIT_SIGNATURE_BYTES };
	NOTAR_AUTO_OF(proof_material) proof = { 0 };

	NOTAR_TRY(fetch_blob(s, layer, &blob, err));
	NOTAR_TRY(proof_material_of_layer(layer, &proof, err));
	if (span_is(layer->media_type, SIMPLE_DSSE_LAYER_TYPE)) {
		judge_dsse(buf_span(&blob), &proof, &s->evidence.subject, &s->options->keyring,
			   item);
		if (proof.certificate == NULL)
			keep(s, item, buf_span(&blob), (struct span){ 0 });
		return NOTAR_OK;
	}
	struct span text = descriptor_annotation(layer, SIMPLE_SIGNATURE_ANNOTATION);

	NOTAR_TRY(base64_decode(text, &signature, "signature annotation", err));
	if (signature.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "the layer carries no signature");
	judge_simple(buf_span(&blob), buf_span(&signature), &proof, &s->evidence.subject,
		     &s->options->keyring, item);
	/* What stands in annotations is not kept: such a one is fetched again. */
	if (proof.certificate == NULL)
		keep(s, item, buf_span(&blob), buf_span(&signature));
	return NOTAR_OK;
}

static void
try_layers(struct search *s, enum evidence_place place, const struct content *content,
	   const struct manifest *manifest)
{
	s->evidence.places[place].state = PLACE_COMPLETE;
	for (size_t i = 0; i < manifest->count; i++) {
		const struct descriptor *layer = &manifest->entries[i];
		struct notar_error err = { 0 };

		if (!span_is(layer->media_type, SIMPLE_LAYER_TYPE) &&
		    !span_is(layer->media_type, SIMPLE_DSSE_LAYER_TYPE))
			continue;
		struct evidence_item *item = add_item(s, place, &content->digest);

		if (item == NULL)
			return;
		item->format =
			span_is(layer->media_type, SIMPLE_LAYER_TYPE) ? FACT_SIMPLE : FACT_DSSE;
		if (judge_layer(s, layer, item, &err) != NOTAR_OK)
			item_failed(item, &err);
		if (is_enough(s)) {
			s->evidence.places[place].state = PLACE_PARTIAL;
			return;
		}
	}
}

static bool
search_tag(struct search *s, enum evidence_place place, const char *suffix)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	NOTAR_AUTO_OF(manifest) manifest = { 0 };
	struct notar_error err = { 0 };
	char tag[SIMPLE_TAG_BYTES];
	enum notar_code code = source_manifest(
		s->source, simple_tag(&s->evidence.subject, suffix, tag), NULL, &content, &err);

	if (code == NOTAR_E_NOT_FOUND) {
		s->evidence.places[place].state = PLACE_COMPLETE;
		return false;
	}
	if (code == NOTAR_OK)
		code = manifest_parse(buf_span(&content.bytes), span_str(content.media_type),
				      &manifest, &err);
	if (code != NOTAR_OK)
		place_failed(s, place, &err);
	else if (manifest.is_index)
		s->evidence.places[place].state = PLACE_COMPLETE;
	else
		try_layers(s, place, &content, &manifest);
	return is_enough(s);
}

void
discover(struct source *source, const struct notar_digest *subject,
	 const struct discover_options *options, struct evidence *out)
{
	NOTAR_AUTO_OF(search)
	s = { .source = source, .options = options, .evidence = { .subject = *subject } };

	if (!search_referrers(&s) && !search_fallback(&s) && !search_tag(&s, PLACE_SIG, ".sig") &&
	    options->attestations)
		(void)search_tag(&s, PLACE_ATT, ".att");
	*out = s.evidence;
	s.evidence = (struct evidence){ 0 };
}
