/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "envelope/notary_payload.h"
#include "signer/sign_notary.h"

/* Notary Project signatures of images (specs/notary-project.md sections 2, 3 and 9). */

bool
sign_is_notary(const struct sign_job *job)
{
	return job->options->format == NOTAR_FORMAT_JWS ||
	       job->options->format == NOTAR_FORMAT_COSE;
}

static enum notar_code
read_root(struct sign_job *job, struct notar_error *err)
{
	const char *pem = job->options->timestamp_root;

	if ((job->options->timestamp_url == NULL) != (pem == NULL))
		return notar_fail(err, NOTAR_E_USAGE,
				  "a timestamp needs both the authority's URL and its root");
	if (pem == NULL)
		return NOTAR_OK;
	NOTAR_TRY(cert_list_add_file(&job->roots, span_str(pem), 1, err));
	if (!job->roots.certs[0]->is_self_signed || !cert_is_ca(job->roots.certs[0]))
		return notar_fail(err, NOTAR_E_USAGE,
				  "the timestamp authority's root is no self-signed CA");
	job->seal.timestamp_root = job->roots.certs[0];
	return NOTAR_OK;
}

static enum notar_code
read_chain(struct sign_job *job, struct notar_error *err)
{
	const char *pem = job->options->certificate_chain;

	if (job->plugin != NULL)
		return pem == NULL ? NOTAR_OK :
				     notar_fail(err, NOTAR_E_USAGE,
						"a plugin brings its own certificate chain");
	if (pem == NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "the formats jws and cose need the key's certificate chain");
	if (cert_list_add_file(&job->chain, span_str(pem), LIMIT_CHAIN_CERTIFICATES, err) !=
	    NOTAR_OK)
		return notar_context(err, "the certificate chain");
	return NOTAR_OK;
}

enum notar_code
sign_notary_prepare(struct sign_job *job, int64_t deadline_ms, struct notar_error *err)
{
	const struct notar_sign_options *o = job->options;

	if (!sign_is_notary(job)) {
		if (o->certificate_chain != NULL || o->expiry_s != 0 || o->timestamp_url != NULL)
			return notar_fail(err, NOTAR_E_USAGE,
					  "certificates, expiry and timestamps belong to the "
					  "formats jws and cose");
		if (job->keyless != NULL && o->format != NOTAR_FORMAT_BUNDLE)
			return notar_fail(err, NOTAR_E_USAGE,
					  "keyless signatures are written as bundles");
		return job->key != NULL || job->keyless != NULL ?
			       NOTAR_OK :
			       notar_fail(err, NOTAR_E_USAGE,
					  "a plugin signs the formats jws and cose only");
	}
	if (o->predicate_type != NULL)
		return notar_fail(err, NOTAR_E_USAGE, "attestations are written as bundles");
	if (job->keyless != NULL)
		return notar_fail(err, NOTAR_E_USAGE, "keyless signatures are written as bundles");
	NOTAR_TRY(read_chain(job, err));
	if (o->expiry_s < 0)
		return notar_fail(err, NOTAR_E_USAGE, "an expiry before the signing");
	NOTAR_TRY(notary_metadata_check(job->annotations, o->annotation_count, err));
	NOTAR_TRY(read_root(job, err));
	job->seal.format = o->format == NOTAR_FORMAT_JWS ? FACT_JWS : FACT_COSE;
	job->seal.key = job->key;
	job->seal.plugin = job->plugin;
	job->seal.chain = &job->chain;
	job->seal.expiry_s = o->expiry_s;
	job->seal.timestamp_url = o->timestamp_url;
	job->seal.ca_file = o->access.ca_file;
	job->seal.deadline_ms = deadline_ms;
	return NOTAR_OK;
}

bool
sign_notary_is_same(const struct sign_job *job, const struct fact *fact)
{
	/* A new expiry or a new timestamp is what whoever signs again is after. */
	return fact->format == job->seal.format && fact->expires_s == 0 &&
	       job->options->expiry_s == 0 &&
	       (job->options->timestamp_url == NULL || fact->token == FACT_TOKEN_HOLDS) &&
	       memcmp(fact->key_id, key_id(signing_key_public(job->key)), FACT_ID_BYTES) == 0;
}

static void
write_thumbprints(struct span thumbprints, struct buf *out)
{
	NOTAR_AUTO_OF(buf) list = { 0 };
	char text[KEY_ID_TEXT_BYTES];

	json_begin_array(&list);
	for (; thumbprints.len >= FACT_ID_BYTES;
	     thumbprints = span_from(thumbprints, FACT_ID_BYTES))
		json_put_str(&list, key_id_text(thumbprints.ptr, text));
	json_end_array(&list);
	json_pair_span(out, "io.cncf.notary.x509chain.thumbprint#S256", buf_span(&list));
}

/* The type is said by the config's, as notation 1.x does: it is all that notation-go 1.3.2 looks at
 * in layouts, and all that some registries list. The newer form is read, too. */
static void
write_manifest(const struct sign_job *job, const struct notar_digest *blob, size_t blob_bytes,
	       int64_t signed_s, struct span thumbprints, struct buf *out)
{
	const struct notar_digest empty = digest_of(NOTAR_SHA256, span_str(OCI_EMPTY_BLOB));
	char now[CLOCK_TEXT_BYTES];

	json_begin_object(out);
	json_pair_int(out, "schemaVersion", 2);
	json_pair_str(out, "mediaType", OCI_TYPE_MANIFEST);
	json_name(out, "config");
	json_begin_object(out);
	sign_put_descriptor(out, NOTARY_ARTIFACT_TYPE, &empty, strlen(OCI_EMPTY_BLOB));
	json_end_object(out);
	json_name(out, "layers");
	json_begin_array(out);
	json_begin_object(out);
	sign_put_descriptor(out, job->seal.format == FACT_JWS ? NOTARY_JWS_TYPE : NOTARY_COSE_TYPE,
			    blob, blob_bytes);
	json_end_object(out);
	json_end_array(out);
	json_name(out, "subject");
	json_begin_object(out);
	sign_put_descriptor(out, job->image.media_type, &job->image.digest, job->image.bytes.len);
	json_end_object(out);
	json_name(out, "annotations");
	json_begin_object(out);
	write_thumbprints(thumbprints, out);
	json_pair_str(out, "org.opencontainers.image.created", clock_format_rfc3339(signed_s, now));
	json_end_object(out);
	json_end_object(out);
}

enum notar_code
sign_notary(struct sign_job *job, struct notar_signed *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_OF(buf) envelope = { 0 };
	NOTAR_AUTO_OF(buf) thumbprints = { 0 };
	NOTAR_AUTO_OF(buf) manifest = { 0 };
	char text[NOTAR_DIGEST_TEXT_BYTES];
	struct notar_digest digest;
	int64_t now_s = clock_now_s();

	notary_payload_write(job->image.media_type, notar_digest_format(&job->image.digest, text),
			     (int64_t)job->image.bytes.len, job->annotations,
			     job->options->annotation_count, &payload);
	NOTAR_TRY(buf_finish(&payload, "payload", err));
	NOTAR_TRY(seal(&job->seal, buf_span(&payload), now_s, &envelope, &thumbprints, err));
	NOTAR_TRY(source_push_blob(job->source, span_str(OCI_EMPTY_BLOB), &digest, err));
	NOTAR_TRY(source_push_blob(job->source, buf_span(&envelope), &digest, err));
	write_manifest(job, &digest, envelope.len, now_s, buf_span(&thumbprints), &manifest);
	NOTAR_TRY(buf_finish(&manifest, "manifest", err));
	return source_push_referrer(job->source, buf_span(&manifest), &job->image.digest,
				    &out->artifact, err);
}
