/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/judge.h"

#include <stdio.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "envelope/bundle.h"
#include "envelope/simple.h"
#include "envelope/statement.h"

static void
refuse(struct evidence_item *item, enum notar_reason reason, const char *why)
{
	item->reason = reason;
	(void)snprintf(item->message, sizeof(item->message), "%.*s", (int)sizeof(item->message) - 1,
		       why);
}

/* The key that made the signature, hinted one first; NULL when none did. */
static const struct key *
find_key(struct span message, struct span signature, const struct keyring *keyring,
	 const struct evidence_item *item, bool *hint_known)
{
	struct notar_error err;

	*hint_known = false;
	for (size_t i = 0; item->has_key_hint && i < keyring->count; i++)
		if (memcmp(key_id(keyring->keys[i]), item->key_hint, FACT_ID_BYTES) == 0) {
			*hint_known = true;
			if (key_verify_sigstore(keyring->keys[i], message, signature, &err) ==
			    NOTAR_OK)
				return keyring->keys[i];
		}
	for (size_t i = 0; i < keyring->count; i++)
		if (key_verify_sigstore(keyring->keys[i], message, signature, &err) == NOTAR_OK)
			return keyring->keys[i];
	return NULL;
}

/* As find_key, but a miss is written into the item. */
static const struct key *
require_key(struct span message, struct span signature, const struct keyring *keyring,
	    struct evidence_item *item)
{
	bool hint_known;
	const struct key *key = find_key(message, signature, keyring, item, &hint_known);

	if (key == NULL && hint_known)
		refuse(item, NOTAR_REASON_BAD_SIGNATURE,
		       "it names a known key, whose check of it fails");
	else if (key == NULL)
		refuse(item, NOTAR_REASON_UNTRUSTED_KEY,
		       "no known key verifies it: another key made it, or it was altered");
	return key;
}

static void
accept(struct evidence_item *item, struct fact *fact, const struct key *key, struct span signature)
{
	fact->format = item->format;
	fact->proof = FACT_BY_KEY;
	fact->artifact = item->artifact;
	fact->subject_size = -1;
	memcpy(fact->key_id, key_id(key), FACT_ID_BYTES);
	fact_sig_id(fact->format, &fact->payload, signature, (struct span){ 0 }, fact->sig_id);
	fact_encode(fact, &item->fact);
	item->reason = item->fact.failed == NOTAR_OK ? NOTAR_REASON_TRUSTED : NOTAR_REASON_LIMIT;
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
judge_envelope(const struct dsse *dsse, const struct notar_digest *subject,
	       const struct keyring *keyring, struct evidence_item *item)
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
	const struct key *key =
		require_key(buf_span(&pae), buf_span(&dsse->signature), keyring, item);

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

	accept(item, &fact, key, buf_span(&dsse->signature));
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

void
judge_bundle(struct span bytes, const struct notar_digest *subject, const struct keyring *keyring,
	     struct evidence_item *item)
{
	NOTAR_AUTO_OF(bundle) bundle = { 0 };
	struct notar_error err = { 0 };

	item->format = FACT_BUNDLE;
	if (bundle_parse(bytes, &bundle, &err) != NOTAR_OK) {
		refuse(item, notar_reason_of_code(err.code), err.msg);
		return;
	}
	take_hint(buf_span(&bundle.hint), item);
	if (!bundle.is_dsse)
		refuse(item, NOTAR_REASON_UNSUPPORTED, "a blob's signature, not an image's");
	else if (bundle.material != BUNDLE_PUBLIC_KEY)
		refuse(item, NOTAR_REASON_UNSUPPORTED,
		       "made with a certificate, which this version does not judge");
	else
		judge_envelope(&bundle.dsse, subject, keyring, item);
}

void
judge_dsse(struct span bytes, const struct notar_digest *subject, const struct keyring *keyring,
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
		judge_envelope(&dsse, subject, keyring, item);
}

void
judge_simple(struct span payload, struct span signature, const struct notar_digest *subject,
	     const struct keyring *keyring, struct evidence_item *item)
{
	NOTAR_AUTO_OF(simple_payload) parsed = { 0 };
	NOTAR_AUTO_OF(buf) annotations = { .cap = LIMIT_ENVELOPE_BYTES };
	struct notar_error err = { 0 };

	item->format = FACT_SIMPLE;
	const struct key *key = require_key(payload, signature, keyring, item);

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

	accept(item, &fact, key, signature);
}
