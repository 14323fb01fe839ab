/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/judge.h"

#include <stdio.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "envelope/proofs.h"
#include "envelope/simple.h"
#include "envelope/statement.h"

static void
refuse(struct evidence_item *item, enum notar_reason reason, const char *why)
{
	item->reason = reason;
	(void)snprintf(item->message, sizeof(item->message), "%.*s", (int)sizeof(item->message) - 1,
		       why);
}

/* A signature and everything about it that does not depend on whose it is. */
struct signed_thing {
	struct span signature, message;
	const struct notar_digest *digest; /* of the message, when that is not at hand; else NULL */
	bool is_dsse;
	struct span payload;
	const struct proof_material *proof;
};

static enum notar_code
verify(const struct signed_thing *thing, const struct key *key, struct notar_error *err)
{
	return thing->digest != NULL ?
		       key_verify_digest(key, thing->digest, thing->signature, err) :
		       key_verify_sigstore(key, thing->message, thing->signature, err);
}

/* The key that made the signature, hinted one first; NULL when none did. */
static const struct key *
find_key(const struct signed_thing *thing, const struct keyring *keyring,
	 const struct evidence_item *item, bool *hint_known)
{
	struct notar_error err;

	*hint_known = false;
	for (size_t i = 0; item->has_key_hint && i < keyring->count; i++)
		if (memcmp(key_id(keyring->keys[i]), item->key_hint, FACT_ID_BYTES) == 0) {
			*hint_known = true;
			if (verify(thing, keyring->keys[i], &err) == NOTAR_OK)
				return keyring->keys[i];
		}
	for (size_t i = 0; i < keyring->count; i++)
		if (verify(thing, keyring->keys[i], &err) == NOTAR_OK)
			return keyring->keys[i];
	return NULL;
}

/* As find_key, but a miss is written into the item. */
static const struct key *
require_key(const struct signed_thing *thing, const struct keyring *keyring,
	    struct evidence_item *item)
{
	bool hint_known;
	const struct key *key = find_key(thing, keyring, item, &hint_known);

	if (key == NULL && hint_known)
		refuse(item, NOTAR_REASON_BAD_SIGNATURE,
		       "it names a known key, whose check of it fails");
	else if (key == NULL)
		refuse(item, NOTAR_REASON_UNTRUSTED_KEY,
		       "no known key verifies it: another key made it, or it was altered");
	return key;
}

/* The certificate's key, which the message must be signed with; NULL and a refusal. */
static const struct key *
require_certified(const struct signed_thing *thing, const struct keyring *keyring,
		  struct evidence_item *item)
{
	const struct key *key = NULL;
	struct notar_error err = { 0 };

	if (cert_key(thing->proof->certificate, &key, &err) != NOTAR_OK)
		refuse(item, NOTAR_REASON_UNSUPPORTED, err.msg);
	else if (verify(thing, key, &err) != NOTAR_OK)
		refuse(item, NOTAR_REASON_BAD_SIGNATURE, err.msg);
	else if (keyring->sigstore.count == 0)
		refuse(item, NOTAR_REASON_UNTRUSTED_KEY,
		       "made with a certificate, and no trusted root is known");
	else
		return key;
	return NULL;
}

/* Who made it: a key that is known, or the certificate beside it. */
static const struct key *
require_signer(const struct signed_thing *thing, const struct keyring *keyring,
	       struct evidence_item *item)
{
	return thing->proof->certificate != NULL ? require_certified(thing, keyring, item) :
						   require_key(thing, keyring, item);
}

static void
accept_with(struct evidence_item *item, struct fact *fact, const struct key *key,
	    const struct signed_thing *thing, const struct proofs *proofs)
{
	const struct cert *certificate = thing->proof->certificate;

	fact->format = item->format;
	fact->proof = certificate != NULL ? FACT_BY_FULCIO : FACT_BY_KEY;
	fact->artifact = item->artifact;
	fact->subject_size = -1;
	proofs_fill(proofs, fact);
	memcpy(fact->key_id, key_id(key), FACT_ID_BYTES);
	fact_sig_id(fact->format, &fact->payload, thing->signature,
		    certificate != NULL ? buf_span(&certificate->der) : (struct span){ 0 },
		    fact->sig_id);
	fact_encode(fact, &item->fact);
	item->reason = item->fact.failed == NOTAR_OK ? NOTAR_REASON_TRUSTED : NOTAR_REASON_LIMIT;
}

/* The signature holds; so must everything that came with it. */
static void
accept(struct evidence_item *item, struct fact *fact, const struct key *key,
       const struct signed_thing *thing, const struct keyring *keyring)
{
	const struct log_claim claim = { .signature = thing->signature,
					 .certificate = thing->proof->certificate,
					 .key = key,
					 .is_dsse = thing->is_dsse,
					 .message = thing->message,
					 .payload = thing->payload,
					 .digest = thing->digest };
	NOTAR_AUTO_OF(proofs) proofs = { 0 };
	struct notar_error err = { 0 };

	if (proofs_check(thing->proof, &claim, &keyring->sigstore, &proofs, &err) != NOTAR_OK)
		refuse(item, notar_reason_of_code(err.code), err.msg);
	else if (thing->proof->certificate != NULL && proofs.paths.len == 0)
		refuse(item, NOTAR_REASON_UNTRUSTED_KEY,
		       "its certificate leads to no authority of a trusted root");
	else
		accept_with(item, fact, key, thing, &proofs);
}

/* Members of an object with text values, as a fact keeps them; others are left out. */
static void
take_annotations(const struct json *object, struct buf *out)
{
	void *cursor = NULL;
	const char *name;
	struct json value;
	struct span text;
	struct notar_error err;

	if (object->value == NULL || !json_holds_object(object))
		return;
	while (json_next_member(object, &cursor, &name, &value))
		if (json_holds_string(&value) && json_as_string(&value, &text, &err) == NOTAR_OK)
			fact_annotation_append(out, span_str(name), text);
}

static void
judge_envelope(const struct dsse *dsse, const struct proof_material *proof,
	       const struct notar_digest *subject, const struct keyring *keyring,
	       struct evidence_item *item)
{
	NOTAR_AUTO_OF(buf) pae = { 0 };
	NOTAR_AUTO_OF(buf) annotations = { .cap = LIMIT_ENVELOPE_BYTES };
	NOTAR_AUTO_OF(statement) statement = { 0 };
	struct span payload = buf_span(&dsse->payload);
	struct json notes = { 0 };
	struct notar_error err = { 0 };

	dsse_pae(buf_span(&dsse->payload_type), payload, &pae);
	if (buf_finish(&pae, "signed bytes", &err) != NOTAR_OK) {
		refuse(item, notar_reason_of_code(err.code), err.msg);
		return;
	}
	const struct signed_thing thing = { .signature = buf_span(&dsse->signature),
					    .message = buf_span(&pae),
					    .is_dsse = true,
					    .payload = payload,
					    .proof = proof };
	const struct key *key = require_signer(&thing, keyring, item);

	if (key == NULL)
		return;
	if (!span_is(buf_span(&dsse->payload_type), DSSE_TYPE_INTOTO)) {
		refuse(item, NOTAR_REASON_UNSUPPORTED, "the payload is no in-toto statement");
		return;
	}
	if (statement_read(payload, subject, &statement, &err) != NOTAR_OK) {
		refuse(item, notar_reason_of_code(err.code), err.msg);
		return;
	}
	if (json_optional(&statement.subject, "annotations", &notes, &err) == NOTAR_OK)
		take_annotations(&notes, &annotations);
	struct fact fact = { .subject = *subject,
			     .payload = digest_of(NOTAR_SHA256, payload),
			     .predicate_type = statement.predicate_type,
			     .annotations = buf_span(&annotations) };

	accept(item, &fact, key, &thing, keyring);
}

static void
take_hint(struct span text, struct evidence_item *item)
{
	NOTAR_AUTO_OF(buf) raw = { 0 };
	struct notar_error err;

	if (base64_decode_lenient(text, &raw, "hint", &err) != NOTAR_OK || raw.len != FACT_ID_BYTES)
		return;
	memcpy(item->key_hint, raw.ptr, FACT_ID_BYTES);
	item->has_key_hint = true;
}

static bool
open_bundle(struct span bytes, struct bundle *bundle, struct evidence_item *item)
{
	struct notar_error err = { 0 };

	item->format = FACT_BUNDLE;
	if (bundle_parse(bytes, bundle, &err) != NOTAR_OK) {
		refuse(item, notar_reason_of_code(err.code), err.msg);
		return false;
	}
	take_hint(buf_span(&bundle->hint), item);
	return true;
}

void
judge_bundle(struct span bytes, const struct notar_digest *subject, const struct keyring *keyring,
	     struct evidence_item *item)
{
	NOTAR_AUTO_OF(bundle) bundle = { 0 };

	if (!open_bundle(bytes, &bundle, item))
		return;
	if (!bundle.is_dsse)
		refuse(item, NOTAR_REASON_UNSUPPORTED, "a blob's signature, not an image's");
	else
		judge_envelope(&bundle.dsse, &bundle.proof, subject, keyring, item);
}

/* The digest inside is only a hint, but one that lies is refused (section 2.2). */
static enum notar_code
check_message_digest(const struct bundle *bundle, const struct blob_subject *subject,
		     struct notar_error *err)
{
	const struct notar_digest *said = &bundle->message_digest;

	if (said->alg == NOTAR_DIGEST_NONE)
		return NOTAR_OK;
	if (subject->blob.ptr != NULL)
		return digest_check(said, subject->blob, "the file", err);
	return said->alg == subject->digest->alg && notar_digest_equal(said, subject->digest) ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_DIGEST, "the bundle is about another digest");
}

static void
judge_message(const struct bundle *bundle, const struct blob_subject *subject,
	      const struct keyring *keyring, struct evidence_item *item)
{
	const struct signed_thing thing = { .signature = buf_span(&bundle->message_signature),
					    .message = subject->blob,
					    .digest = subject->blob.ptr == NULL ? subject->digest :
										  NULL,
					    .proof = &bundle->proof };
	struct notar_error err = { 0 };
	const struct key *key;

	if (check_message_digest(bundle, subject, &err) != NOTAR_OK) {
		refuse(item, notar_reason_of_code(err.code), err.msg);
		return;
	}
	key = require_signer(&thing, keyring, item);
	if (key == NULL)
		return;
	struct fact fact = { .subject = *subject->digest, .payload = *subject->digest };

	accept(item, &fact, key, &thing, keyring);
}

void
judge_blob_bundle(struct span bytes, const struct blob_subject *subject,
		  const struct keyring *keyring, struct evidence_item *item)
{
	NOTAR_AUTO_OF(bundle) bundle = { 0 };

	if (!open_bundle(bytes, &bundle, item))
		return;
	if (bundle.is_dsse)
		judge_envelope(&bundle.dsse, &bundle.proof, subject->digest, keyring, item);
	else
		judge_message(&bundle, subject, keyring, item);
}

static const struct proof_material no_proof;

void
judge_dsse(struct span bytes, const struct proof_material *proof,
	   const struct notar_digest *subject, const struct keyring *keyring,
	   struct evidence_item *item)
{
	const struct json_limits limits = { LIMIT_ATTESTATION_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(dsse) dsse = { 0 };
	struct notar_error err = { 0 };
	struct json top;

	item->format = FACT_DSSE;
	if (json_parse(bytes, limits, "dsse envelope", &root, &top, &err) != NOTAR_OK ||
	    dsse_read(&top, &dsse, &err) != NOTAR_OK)
		refuse(item, notar_reason_of_code(err.code), err.msg);
	else
		judge_envelope(&dsse, proof == NULL ? &no_proof : proof, subject, keyring, item);
}

void
judge_simple(struct span payload, struct span signature, const struct proof_material *proof,
	     const struct notar_digest *subject, const struct keyring *keyring,
	     struct evidence_item *item)
{
	const struct signed_thing thing = { .signature = signature,
					    .message = payload,
					    .proof = proof == NULL ? &no_proof : proof };
	NOTAR_AUTO_OF(simple_payload) parsed = { 0 };
	NOTAR_AUTO_OF(buf) annotations = { .cap = LIMIT_ENVELOPE_BYTES };
	struct notar_error err = { 0 };

	item->format = FACT_SIMPLE;
	const struct key *key = require_signer(&thing, keyring, item);

	if (key == NULL)
		return;
	if (simple_payload_read(payload, subject, &parsed, &err) != NOTAR_OK) {
		refuse(item, notar_reason_of_code(err.code), err.msg);
		return;
	}
	take_annotations(&parsed.optional, &annotations);
	struct fact fact = { .subject = *subject,
			     .payload = digest_of(NOTAR_SHA256, payload),
			     .docker_reference = parsed.docker_reference,
			     .annotations = buf_span(&annotations) };

	accept(item, &fact, key, &thing, keyring);
}
