/* SPDX-License-Identifier: Apache-2.0 */
#include "notar/sign.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "envelope/discover.h"
#include "envelope/simple.h"
#include "signer/sign_notary.h"

#define DEFAULT_TIMEOUT_MS 120000

struct notar_signer {
	struct signing_key *key;   /* or */
	struct plugin_key *plugin; /* of notation's; or */
	struct keyless_maker *keyless;
};

static void
sign_job_release(struct sign_job *job)
{
	source_free(job->source);
	content_release(&job->image);
	cert_list_release(&job->chain);
	cert_list_release(&job->roots);
}

struct passphrase_call {
	long (*ask)(void *context, char *out, size_t room);
	void *context;
};

static enum notar_code
get_passphrase(void *context, struct secret *out, struct notar_error *err)
{
	const struct passphrase_call *call = context;
	__attribute__((cleanup(secret_release))) struct secret room = { 0 };

	if (call->ask == NULL)
		return notar_fail(err, NOTAR_E_KEY,
				  "the key is encrypted and there is no passphrase");
	NOTAR_TRY(secret_alloc(LIMIT_PASSPHRASE_BYTES, &room, err));
	long len = call->ask(call->context, (char *)room.ptr, room.len);

	if (len < 0 || (size_t)len > room.len)
		return notar_fail(err, NOTAR_E_KEY, "no passphrase for the key");
	return secret_copy(span_of(room.ptr, (size_t)len), out, err);
}

static enum notar_code
hand_over(struct notar_signer *signer, enum notar_code code, struct notar_signer **out)
{
	if (code == NOTAR_OK)
		*out = signer;
	else
		notar_signer_free(signer);
	return code;
}

enum notar_code
notar_signer_open(const char *key, long (*passphrase)(void *context, char *out, size_t room),
		  void *context, struct notar_signer **out, struct notar_error *err)
{
	struct passphrase_call call = { passphrase, context };
	const struct passphrase_source source = { get_passphrase, &call };
	struct notar_signer *signer = calloc(1, sizeof(*signer));

	if (signer == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a signer");
	enum notar_code code = signing_key_open(key, &source, &signer->key, err);

	return hand_over(signer, code, out);
}

enum notar_code
notar_signer_open_plugin(const char *key, const struct notar_annotation *config,
			 size_t config_count, struct notar_signer **out, struct notar_error *err)
{
	const struct plugin_options options = { .config = config, .config_count = config_count };
	struct notar_signer *signer = calloc(1, sizeof(*signer));

	if (signer == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a signer");
	enum notar_code code = plugin_key_open(key, &options, &signer->plugin, err);

	return hand_over(signer, code, out);
}

enum notar_code
notar_signer_open_keyless(const struct notar_keyless *how, struct notar_signer **out,
			  struct notar_error *err)
{
	struct notar_signer *signer = calloc(1, sizeof(*signer));

	if (signer == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a signer");
	enum notar_code code = keyless_maker_new(how, &signer->keyless, err);

	return hand_over(signer, code, out);
}

void
notar_signer_free(struct notar_signer *signer)
{
	if (signer == NULL)
		return;
	signing_key_free(signer->key);
	plugin_key_free(signer->plugin);
	keyless_maker_free(signer->keyless);
	free(signer);
}

static bool
has_same_annotations(const struct sign_job *job, const struct fact *fact)
{
	struct span rest = fact->annotations, name, value;
	size_t found = 0, have = 0;

	while (fact_annotation_next(&rest, &name, &value)) {
		have++;
		for (size_t i = 0; i < job->options->annotation_count; i++)
			if (span_equal(name, job->annotations[i].name) &&
			    span_equal(value, job->annotations[i].value))
				found++;
	}
	return have == job->options->annotation_count && found == have;
}

/* Whether a signature that holds under our key says the same as what would be written. */
static bool
is_same(const struct sign_job *job, const struct evidence_item *item)
{
	bool simple = job->options->format == NOTAR_FORMAT_SIMPLE;
	struct fact fact;

	if (item->reason != NOTAR_REASON_TRUSTED ||
	    fact_decode(buf_span(&item->fact), &fact, NULL) != NOTAR_OK)
		return false;
	if (sign_is_notary(job))
		return sign_notary_is_same(job, &fact) && has_same_annotations(job, &fact);
	if (fact.format != (simple ? FACT_SIMPLE : FACT_BUNDLE) || !fact_is_signature(&fact))
		return false;
	if (simple && !span_is(fact.docker_reference, job->identity))
		return false;
	return has_same_annotations(job, &fact);
}

static bool
find_same(void *context, const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (is_same(context, &evidence->items[i]))
			return true;
	return false;
}

static bool
is_there_already(struct sign_job *job, struct notar_signed *out)
{
	/* Two attestations may say different things: only signatures are compared. And a plugin
	 * does not say whose key it has before it signs. */
	if (job->options->predicate_type != NULL || job->key == NULL)
		return false;
	const struct key *key = signing_key_public(job->key);
	const struct discover_options options = {
		.keyring = { .keys = &key, .count = 1, .has_anchors = sign_is_notary(job) },
		.subject = &job->image,
		.enough = find_same,
		.context = job
	};
	NOTAR_AUTO_OF(evidence) evidence = { 0 };

	discover(job->source, &job->image.digest, &options, &evidence);
	for (size_t i = 0; i < evidence.count; i++)
		if (is_same(job, &evidence.items[i])) {
			out->artifact = evidence.items[i].artifact;
			return true;
		}
	return false;
}

void
sign_put_descriptor(struct buf *b, const char *type, const struct notar_digest *digest, size_t size)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_pair_str(b, "mediaType", type);
	json_pair_int(b, "size", (int64_t)size);
	json_pair_str(b, "digest", notar_digest_format(digest, text));
}

/* The referrer manifest, member for member as cosign 3 writes it (specs/sigstore.md 2.3). */
static void
write_referrer(const struct sign_job *job, const struct notar_digest *blob, size_t blob_bytes,
	       const char *predicate_type, struct buf *out)
{
	const struct notar_digest empty = digest_of(NOTAR_SHA256, span_str(OCI_EMPTY_BLOB));
	char now[CLOCK_TEXT_BYTES];

	json_begin_object(out);
	json_pair_int(out, "schemaVersion", 2);
	json_pair_str(out, "mediaType", OCI_TYPE_MANIFEST);
	json_name(out, "config");
	json_begin_object(out);
	sign_put_descriptor(out, OCI_TYPE_EMPTY, &empty, strlen(OCI_EMPTY_BLOB));
	json_pair_str(out, "artifactType", BUNDLE_TYPE);
	json_end_object(out);
	json_name(out, "layers");
	json_begin_array(out);
	json_begin_object(out);
	sign_put_descriptor(out, BUNDLE_TYPE, blob, blob_bytes);
	json_end_object(out);
	json_end_array(out);
	json_name(out, "annotations");
	json_begin_object(out);
	json_pair_str(out, "dev.sigstore.bundle.content", "dsse-envelope");
	json_pair_str(out, "dev.sigstore.bundle.predicateType", predicate_type);
	json_pair_str(out, "org.opencontainers.image.created",
		      clock_format_rfc3339(clock_now_s(), now));
	json_end_object(out);
	json_name(out, "subject");
	json_begin_object(out);
	sign_put_descriptor(out, job->image.media_type, &job->image.digest, job->image.bytes.len);
	json_end_object(out);
	json_pair_str(out, "artifactType", BUNDLE_TYPE);
	json_end_object(out);
}

static void
write_statement(struct sign_job *job, struct buf *out)
{
	const struct notar_sign_options *o = job->options;
	char repository[REFERENCE_NAME_BYTES];

	if (o->predicate_type == NULL)
		statement_write_sign(&job->image.digest, job->annotations, o->annotation_count,
				     out);
	else
		statement_write_attestation(&job->image.digest,
					    reference_repository(&job->ref, repository),
					    o->predicate_type, span_str(o->predicate), out);
}

static enum notar_code
make_bundle(struct sign_job *job, struct buf *bundle, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_OF(buf) pae = { 0 };
	NOTAR_AUTO_OF(buf) signature = { 0 };

	write_statement(job, &payload);
	NOTAR_TRY(buf_finish(&payload, "statement", err));
	if (job->keyless != NULL)
		return keyless_maker_sign(job->keyless, KEYLESS_STATEMENT, buf_span(&payload),
					  &job->image.digest, bundle, err);
	dsse_pae(span_str(DSSE_TYPE_INTOTO), buf_span(&payload), &pae);
	NOTAR_TRY(buf_finish(&pae, "signed bytes", err));
	NOTAR_TRY(signing_key_sign(job->key, buf_span(&pae), SIG_DER, &signature, err));
	bundle_write_dsse(span_of(key_id(signing_key_public(job->key)), KEY_ID_BYTES),
			  buf_span(&payload), buf_span(&signature), bundle);
	return buf_finish(bundle, "bundle", err);
}

static enum notar_code
sign_bundle(struct sign_job *job, struct notar_signed *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bundle = { 0 };
	NOTAR_AUTO_OF(buf) manifest = { 0 };
	struct notar_digest digest;
	const char *type = job->options->predicate_type != NULL ? job->options->predicate_type :
								  FACT_PREDICATE_SIGN;

	NOTAR_TRY(make_bundle(job, &bundle, err));
	NOTAR_TRY(source_push_blob(job->source, span_str(OCI_EMPTY_BLOB), &digest, err));
	NOTAR_TRY(source_push_blob(job->source, buf_span(&bundle), &digest, err));
	write_referrer(job, &digest, bundle.len, type, &manifest);
	NOTAR_TRY(buf_finish(&manifest, "manifest", err));
	return source_push_referrer(job->source, buf_span(&manifest), &job->image.digest,
				    &out->artifact, err);
}

/* The .sig manifest with one more layer: read, modify, write (specs/sigstore.md 1.1). */
static enum notar_code
append_layer(struct sign_job *job, const struct simple_layer *layer, const char *tag,
	     struct notar_signed *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(content) old = { 0 };
	NOTAR_AUTO_OF(manifest) parsed = { 0 };
	NOTAR_AUTO_OF(buf) config = { 0 };
	NOTAR_AUTO_OF(buf) manifest = { 0 };
	const struct manifest *before = NULL;
	struct notar_digest digest;
	enum notar_code code = source_manifest(job->source, tag, NULL, &old, err);

	if (code == NOTAR_OK) {
		NOTAR_TRY(manifest_parse(buf_span(&old.bytes), span_str(old.media_type), &parsed,
					 err));
		if (parsed.is_index)
			return notar_fail(err, NOTAR_E_FORMAT, "%s is an index", tag);
		before = &parsed;
	} else if (code != NOTAR_E_NOT_FOUND) {
		return code;
	}
	simple_config_write(before, layer, &config);
	NOTAR_TRY(buf_finish(&config, "config", err));
	NOTAR_TRY(source_push_blob(job->source, buf_span(&config), &digest, err));
	simple_manifest_write(before, layer, &digest, config.len, &manifest);
	NOTAR_TRY(buf_finish(&manifest, "manifest", err));
	return source_push_manifest(job->source, buf_span(&manifest), OCI_TYPE_MANIFEST, tag,
				    &out->artifact, NULL, err);
}

static enum notar_code
sign_simple(struct sign_job *job, struct notar_signed *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_OF(buf) signature = { 0 };
	struct simple_layer layer = { .media_type = SIMPLE_LAYER_TYPE };
	char tag[SIMPLE_TAG_BYTES];

	if (job->options->predicate_type != NULL)
		return notar_fail(err, NOTAR_E_USAGE, "attestations are written as bundles");
	simple_payload_write(job->identity, &job->image.digest, job->annotations,
			     job->options->annotation_count, &payload);
	NOTAR_TRY(buf_finish(&payload, "payload", err));
	NOTAR_TRY(signing_key_sign(job->key, buf_span(&payload), SIG_DER, &signature, err));
	NOTAR_TRY(source_push_blob(job->source, buf_span(&payload), &layer.digest, err));
	layer.size = (int64_t)payload.len;
	layer.signature = buf_span(&signature);
	return append_layer(job, &layer, simple_tag(&job->image.digest, ".sig", tag), out, err);
}

static enum notar_code
prepare(struct sign_job *job, const char *image, struct notar_error *err)
{
	const struct notar_sign_options *o = job->options;
	int64_t timeout = o->access.timeout_ms > 0 ? o->access.timeout_ms : DEFAULT_TIMEOUT_MS;
	const struct source_options access = { .deadline_ms = clock_deadline_ms(timeout),
					       .plain_http = o->access.plain_http,
					       .ca_file = o->access.ca_file,
					       .username = o->access.username,
					       .password = o->access.password,
					       .writing = true };

	if (o->annotation_count > LIMIT_ANNOTATIONS)
		return notar_fail(err, NOTAR_E_USAGE, "over %d annotations", LIMIT_ANNOTATIONS);
	for (size_t i = 0; i < o->annotation_count; i++)
		job->annotations[i] = (struct annotation){ span_str(o->annotations[i].name),
							   span_str(o->annotations[i].value) };
	NOTAR_TRY(reference_parse(span_str(image), REFERENCE_STRICT, &job->ref, err));
	if (job->ref.tag[0] == '\0' && job->ref.digest.alg == NOTAR_DIGEST_NONE)
		return notar_fail(err, NOTAR_E_USAGE, "%s: neither a tag nor a digest", image);
	if (o->full_identity)
		(void)reference_format(&job->ref, job->identity);
	else
		(void)reference_repository(&job->ref, job->identity);
	NOTAR_TRY(sign_notary_prepare(job, access.deadline_ms, err));
	return source_open(&job->ref, &access, &job->source, err);
}

static enum notar_code
write_signature(struct sign_job *job, struct notar_signed *out, struct notar_error *err)
{
	switch (job->options->format) {
	case NOTAR_FORMAT_BUNDLE:
		return sign_bundle(job, out, err);
	case NOTAR_FORMAT_SIMPLE:
		return sign_simple(job, out, err);
	case NOTAR_FORMAT_JWS:
	case NOTAR_FORMAT_COSE:
		return sign_notary(job, out, err);
	}
	return notar_fail(err, NOTAR_E_USAGE, "no such format");
}

static enum notar_code
sign_one(struct sign_job *job, const char *tag, const struct notar_digest *digest,
	 struct notar_signed *out, struct notar_error *err)
{
	struct notar_signed done = { 0 };

	content_release(&job->image);
	NOTAR_TRY(source_manifest(job->source, tag, digest, &job->image, err));
	done.digest = job->image.digest;
	done.already = is_there_already(job, &done);
	if (!done.already)
		NOTAR_TRY(write_signature(job, &done, err));
	*out = done;
	return NOTAR_OK;
}

/* The children of the manifest just signed, depth first. Bounded in depth and number, so a
 * cycle ends too. */
static enum notar_code
sign_children(struct sign_job *job, unsigned depth, struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) index = { 0 };
	struct notar_signed child;

	NOTAR_TRY(manifest_parse(buf_span(&job->image.bytes), span_str(job->image.media_type),
				 &index, err));
	if (!index.is_index)
		return NOTAR_OK;
	if (depth == LIMIT_RECURSION_DEPTH)
		return notar_fail(err, NOTAR_E_LIMIT, "indexes nested deeper than %d",
				  LIMIT_RECURSION_DEPTH);
	for (size_t i = 0; i < index.count; i++) {
		if (++job->children > LIMIT_RECURSION_NODES)
			return notar_fail(err, NOTAR_E_LIMIT, "over %d children",
					  LIMIT_RECURSION_NODES);
		NOTAR_TRY(sign_one(job, NULL, &index.entries[i].digest, &child, err));
		NOTAR_TRY(sign_children(job, depth + 1, err));
	}
	return NOTAR_OK;
}

enum notar_code
notar_sign(const struct notar_signer *signer, const char *image,
	   const struct notar_sign_options *options, struct notar_signed *out,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(sign_job)
	job = { .key = signer->key,
		.plugin = signer->plugin,
		.keyless = signer->keyless,
		.options = options };
	const struct notar_digest *digest;

	NOTAR_TRY(prepare(&job, image, err));
	digest = job.ref.digest.alg == NOTAR_DIGEST_NONE ? NULL : &job.ref.digest;
	NOTAR_TRY(sign_one(&job, job.ref.tag, digest, out, err));
	return options->recursive ? sign_children(&job, 0, err) : NOTAR_OK;
}
