/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/judge_notary.h"

#include <stdio.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "envelope/cose.h"
#include "envelope/jws.h"
#include "envelope/notary_payload.h"
#include "keys/evp.h"
#include "pki/chain.h"
#include "pki/revocation.h"
#include "pki/semver.h"
#include "pki/timestamp.h"

static void
refuse(struct evidence_item *item, const struct notar_error *err)
{
	/* A key that cannot be used is no failure of ours. */
	item->reason = err->code == NOTAR_E_KEY ? NOTAR_REASON_UNSUPPORTED :
						  notar_reason_of_code(err->code);
	(void)snprintf(item->message, sizeof(item->message), "%.*s", (int)sizeof(item->message) - 1,
		       err->msg);
}

enum notar_code
notary_parse(struct span bytes, enum fact_format format, struct notary_envelope *out,
	     struct notar_error *err)
{
	switch (format) {
	case FACT_JWS:
		return jws_parse(bytes, out, err);
	case FACT_COSE:
		return cose_parse(bytes, out, err);
	case FACT_BUNDLE:
	case FACT_SIMPLE:
	case FACT_DSSE:
		break;
	}
	return notar_fail(err, NOTAR_E_UNSUPPORTED, "no Notary Project envelope");
}

/* The leaf's key decides on the algorithm; the header has only to agree (section 4). */
static enum notar_code
check_signature(const struct notary_envelope *envelope, struct notar_error *err)
{
	const struct key *key = NULL;
	const struct suite *suite;
	enum sig_form form = envelope->format == FACT_JWS ? SIG_RAW_ANY_SALT : SIG_RAW;

	NOTAR_TRY(cert_key(envelope->chain.certs[0], &key, err));
	NOTAR_TRY(suite_of_key(key, &suite, err));
	if (suite != envelope->suite)
		return notar_fail(err, NOTAR_E_SIGNATURE,
				  "the header says %s, the certificate's key is for %s",
				  envelope->suite->jws, suite->jws);
	if (envelope->signature.len != suite->signature_bytes)
		return notar_fail(err, NOTAR_E_SIGNATURE, "a signature of %zu bytes, not %zu",
				  envelope->signature.len, suite->signature_bytes);
	return key_verify(key, buf_span(&envelope->to_be_signed), buf_span(&envelope->signature),
			  form, err);
}

/* Whom it names is a stranger's word here: it is only looked at (section 16.4, items 1 and 2). */
static enum notar_code
check_plugin(const struct notary_envelope *envelope, struct notar_error *err)
{
	struct span name = buf_span(&envelope->plugin);
	struct span version = buf_span(&envelope->plugin_min_version);

	if (!fact_is_plugin_name(name))
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "what it asks for is not a verification plugin's name: \"%.*s\"",
				  (int)(name.len < 60 ? name.len : 60), (const char *)name.ptr);
	if (version.len > 0 && !semver_is_valid(version))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "the least version of the plugin \"%.*s\" is not a semantic one",
				  (int)(name.len < 60 ? name.len : 60), (const char *)name.ptr);
	return NOTAR_OK;
}

/* What must be understood and is not makes a signature worth nothing (section 16.5), unless there
 * may be a plugin that does. */
static enum notar_code
check_attributes(const struct notary_envelope *envelope, struct notar_error *err)
{
	if (envelope->plugin.len > 0)
		return check_plugin(envelope, err);
	if (envelope->plugin_min_version.len > 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "a plugin's least version, but no plugin");
	for (size_t i = 0; i < envelope->extra_count; i++) {
		const struct buf *name = &envelope->extras[i].name;

		if (envelope->extras[i].critical)
			return notar_fail(err, NOTAR_E_UNSUPPORTED,
					  "its critical attribute \"%.*s\" is not known",
					  (int)(name->len < 80 ? name->len : 80),
					  (const char *)name->ptr);
	}
	return NOTAR_OK;
}

enum notar_code
notary_check(const struct notary_envelope *envelope, struct notar_error *err)
{
	if (envelope->chain.count == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "no certificates");
	NOTAR_TRY(check_signature(envelope, err));
	NOTAR_TRY(chain_check(&envelope->chain, CHAIN_CODE_SIGNING, err));
	return check_attributes(envelope, err);
}

enum notar_code
notary_digest_text(const struct suite *suite, struct span bytes, char out[NOTARY_DIGEST_TEXT_BYTES],
		   struct notar_error *err)
{
	static const char *const names[] = {
		[OSSL_SHA256] = "sha256:", [OSSL_SHA384] = "sha384:", [OSSL_SHA512] = "sha512:"
	};
	struct evp_hash hash;
	size_t len = strlen(names[suite->hash]);

	NOTAR_TRY(evp_hash_of(ossl_hash(suite->hash), bytes, &hash, err));
	memcpy(out, names[suite->hash], len);
	(void)hex_encode(span_of(hash.bytes, hash.len), out + len);
	return NOTAR_OK;
}

static enum notar_code
check_subject(const struct notary_payload *payload, const struct suite *suite,
	      const struct notary_subject *subject, struct notar_error *err)
{
	char digest[NOTARY_DIGEST_TEXT_BYTES];
	bool any_type = subject->is_blob && subject->media_type.len == 0;

	if (subject->is_blob)
		NOTAR_TRY(notary_digest_text(suite, subject->blob, digest, err));
	else
		(void)notar_digest_format(subject->digest, digest);
	if (!span_is(payload->digest, digest))
		return notar_fail(err, NOTAR_E_DIGEST, "it signs another digest");
	if (!any_type && !span_equal(payload->media_type, subject->media_type))
		return notar_fail(err, NOTAR_E_DIGEST,
				  "it signs this digest as another media type");
	if (payload->size != subject->size)
		return notar_fail(err, NOTAR_E_DIGEST, "it signs this digest with another size");
	return NOTAR_OK;
}

static enum notar_code
take_annotations(const struct notary_payload *payload, struct buf *out, struct notar_error *err)
{
	void *cursor = NULL;
	const char *name;
	struct json value;
	struct span text;

	if (payload->annotations.value == NULL)
		return NOTAR_OK;
	while (json_next_member(&payload->annotations, &cursor, &name, &value)) {
		NOTAR_TRY(json_as_string(&value, &text, err));
		fact_annotation_append(out, span_str(name), text);
	}
	return buf_finish(out, "annotations", err);
}

/* What the plugin will have to understand. */
static void
append_critical(const struct notary_envelope *envelope, struct buf *out)
{
	for (size_t i = 0; i < envelope->extra_count; i++)
		if (envelope->extras[i].critical)
			fact_annotation_append(out, buf_span(&envelope->extras[i].name),
					       buf_span(&envelope->extras[i].value));
}

static void
append_chain(const struct cert_list *chain, struct buf *out)
{
	buf_append_byte(out, (uint8_t)chain->count);
	for (size_t i = 0; i < chain->count; i++) {
		buf_append_be(out, chain->certs[i]->der.len, 4);
		buf_append_span(out, buf_span(&chain->certs[i]->der));
	}
}

static void
append_links(const struct cert_list *chain, struct buf *out)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct cert *cert = chain->certs[i];
		const struct fact_link link = { cert->thumbprint, cert->not_before_s,
						cert->not_after_s, revocation_is_possible(cert) };

		fact_link_append(out, &link);
	}
}

/* A root that the token leads to. A root that it does not is no error: there may be another. */
static void
try_root(const struct timestamp *timestamp, const struct cert *root, struct buf *stamps,
	 struct buf *chains)
{
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	NOTAR_AUTO_OF(buf) thumbprints = { 0 };
	struct span rest = buf_span(stamps);
	struct fact_stamp stamp;
	struct notar_error err;

	while (fact_stamp_next(&rest, &stamp))
		if (memcmp(stamp.anchor, root->thumbprint, FACT_ID_BYTES) == 0)
			return;
	if (timestamp_anchor(timestamp, root, &chain, &err) != NOTAR_OK)
		return;
	for (size_t i = 0; i < chain.count; i++)
		if (revocation_is_possible(chain.certs[i]))
			buf_append(&thumbprints, chain.certs[i]->thumbprint, FACT_ID_BYTES);
	stamp = (struct fact_stamp){ root->thumbprint, timestamp->from_s, timestamp->to_s,
				     buf_span(&thumbprints) };
	fact_stamp_append(stamps, &stamp);
	append_chain(&chain, chains);
}

/* The token is no part of the signature: one that does not hold is a time that is not proven. */
static enum fact_token
judge_token(const struct notary_envelope *envelope, const struct keyring *keyring,
	    struct buf *stamps, struct evidence_item *item)
{
	NOTAR_AUTO_OF(timestamp) timestamp = { 0 };
	struct notar_error err = { 0 };

	if (envelope->timestamp.len == 0 || envelope->scheme != NOTARY_X509)
		return FACT_TOKEN_NONE;
	if (timestamp_verify(buf_span(&envelope->timestamp), buf_span(&envelope->signature),
			     &timestamp, &err) != NOTAR_OK) {
		(void)snprintf(item->message, sizeof(item->message), "timestamp: %.*s",
			       (int)sizeof(item->message) - 16, err.msg);
		return FACT_TOKEN_BROKEN;
	}
	for (size_t i = 0; i < keyring->root_count; i++)
		try_root(&timestamp, keyring->roots[i], stamps, &item->chains);
	const struct cert *top =
		timestamp.chain.count > 0 ? timestamp.chain.certs[timestamp.chain.count - 1] : NULL;

	if (top != NULL && top->is_self_signed)
		try_root(&timestamp, top, stamps, &item->chains);
	return FACT_TOKEN_HOLDS;
}

static enum notar_code
judge(struct span bytes, enum fact_format format, const struct notary_subject *subject,
      const struct keyring *keyring, struct evidence_item *item, struct notar_error *err)
{
	NOTAR_AUTO_OF(notary_envelope) envelope = { 0 };
	NOTAR_AUTO_OF(notary_payload) payload = { 0 };
	NOTAR_AUTO_OF(buf) annotations = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };
	NOTAR_AUTO_OF(buf) attributes = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };
	NOTAR_AUTO_OF(buf) links = { 0 };
	NOTAR_AUTO_OF(buf) stamps = { 0 };
	const struct key *key = NULL;

	NOTAR_TRY(notary_parse(bytes, format, &envelope, err));
	NOTAR_TRY(notary_check(&envelope, err));
	NOTAR_TRY(notary_payload_read(buf_span(&envelope.payload), &payload, err));
	NOTAR_TRY(check_subject(&payload, envelope.suite, subject, err));
	NOTAR_TRY(take_annotations(&payload, &annotations, err));
	NOTAR_TRY(cert_key(envelope.chain.certs[0], &key, err));
	append_chain(&envelope.chain, &item->chains);
	append_links(&envelope.chain, &links);
	append_critical(&envelope, &attributes);
	struct fact fact = { .format = format,
			     .proof = FACT_BY_X509,
			     .subject = *subject->digest,
			     .artifact = item->artifact,
			     .payload = digest_of(NOTAR_SHA256, buf_span(&envelope.payload)),
			     .annotations = buf_span(&annotations),
			     .subject_media_type = subject->media_type,
			     .subject_size = subject->size,
			     .expires_s = envelope.expires_s,
			     .chain = buf_span(&links),
			     .leaf_name = envelope.chain.certs[0]->subject,
			     .by_authority = envelope.scheme == NOTARY_X509_AUTHORITY,
			     .signed_s = envelope.signed_s,
			     .plugin = buf_span(&envelope.plugin),
			     .plugin_min_version = buf_span(&envelope.plugin_min_version),
			     .attributes = buf_span(&attributes) };

	fact.token = judge_token(&envelope, keyring, &stamps, item);
	fact.stamps = buf_span(&stamps);
	memcpy(fact.key_id, key_id(key), FACT_ID_BYTES);
	fact_sig_id(format, &fact.payload, buf_span(&envelope.signature),
		    buf_span(&envelope.chain.certs[0]->der), fact.sig_id);
	NOTAR_TRY(buf_finish(&stamps, "timestamps", err));
	NOTAR_TRY(buf_finish(&attributes, "attributes", err));
	NOTAR_TRY(buf_finish(&links, "chain", err));
	NOTAR_TRY(buf_finish(&item->chains, "chains", err));
	fact_encode(&fact, &item->fact);
	return buf_finish(&item->fact, "fact", err);
}

void
judge_notary(struct span bytes, enum fact_format format, const struct notary_subject *subject,
	     const struct keyring *keyring, struct evidence_item *item)
{
	struct notar_error err = { 0 };

	item->format = format;
	if (judge(bytes, format, subject, keyring, item, &err) != NOTAR_OK)
		refuse(item, &err);
	else
		item->reason = NOTAR_REASON_TRUSTED;
}
