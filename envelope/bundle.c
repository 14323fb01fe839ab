/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/bundle.h"

#include "base/codec.h"
#include "base/json_proto.h"
#include "base/limits.h"

void
bundle_release(struct bundle *bundle)
{
	buf_release(&bundle->hint);
	proof_material_release(&bundle->proof);
	buf_release(&bundle->message_signature);
	dsse_release(&bundle->dsse);
}

/* 0 for what is none. */
static enum bundle_version
version_of(struct span type)
{
	if (span_is(type, BUNDLE_TYPE_PREFIX "+json;version=0.1"))
		return BUNDLE_V01;
	if (span_is(type, BUNDLE_TYPE_PREFIX "+json;version=0.2"))
		return BUNDLE_V02;
	return span_is(type, BUNDLE_TYPE) || span_is(type, BUNDLE_TYPE_PREFIX "+json;version=0.3") ?
		       BUNDLE_V03 :
		       0;
}

static enum notar_code
read_hint(const struct json *key, struct bundle *out, struct notar_error *err)
{
	static const char *const names[] = { "hint" };
	struct span hint;

	NOTAR_TRY(json_only(key, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_optional_string(key, "hint", &hint, err));
	buf_append_span(&out->hint, hint);
	return buf_finish(&out->hint, "publicKey.hint", err);
}

static enum notar_code
read_material(const struct json *top, enum bundle_version version, struct bundle *out,
	      struct notar_error *err)
{
	static const char *const names[] = { "publicKey", "certificate", "x509CertificateChain",
					     "tlogEntries", "timestampVerificationData" };
	struct json material, key, cert, chain;

	NOTAR_TRY(json_proto_member(top, "verificationMaterial", &material, err));
	NOTAR_TRY(json_proto_only(&material, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_proto_optional(&material, "publicKey", &key, err));
	NOTAR_TRY(json_proto_optional(&material, "certificate", &cert, err));
	NOTAR_TRY(json_proto_optional(&material, "x509CertificateChain", &chain, err));
	if ((key.value != NULL) + (cert.value != NULL) + (chain.value != NULL) != 1)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "%s: not exactly one of publicKey, certificate, "
				  "x509CertificateChain",
				  material.path);
	out->material = key.value != NULL ? BUNDLE_PUBLIC_KEY : BUNDLE_CERTIFICATE;
	if (key.value != NULL)
		NOTAR_TRY(read_hint(&key, out, err));
	return proof_material_read(&material, version, &out->proof, err);
}

static enum notar_code
read_message_digest(const struct json *at, struct bundle *out, struct notar_error *err)
{
	static const char *const names[] = { "algorithm", "digest" };
	NOTAR_AUTO_OF(buf) raw = { 0 };
	struct span alg, text;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "algorithm", &alg, err));
	NOTAR_TRY(json_member_string(at, "digest", &text, err));
	NOTAR_TRY(base64_decode_lenient(text, &raw, "messageDigest", err));
	enum notar_digest_alg kind = span_is(alg, "SHA2_256") ? NOTAR_SHA256 :
				     span_is(alg, "SHA2_512") ? NOTAR_SHA512 :
								NOTAR_DIGEST_NONE;
	if (kind == NOTAR_DIGEST_NONE || raw.len != notar_digest_len(kind))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not a SHA2_256 or SHA2_512 digest",
				  at->path);
	out->message_digest = (struct notar_digest){ .alg = kind };
	memcpy(out->message_digest.bytes, raw.ptr, raw.len);
	return NOTAR_OK;
}

static enum notar_code
read_message(const struct json *at, struct bundle *out, struct notar_error *err)
{
	static const char *const names[] = { "messageDigest", "signature" };
	struct json digest;
	struct span text;

	NOTAR_TRY(json_proto_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "signature", &text, err));
	out->message_signature.cap = LIMIT_SIGNATURE_BYTES;
	NOTAR_TRY(base64_decode_lenient(text, &out->message_signature, "signature", err));
	NOTAR_TRY(json_proto_optional(at, "messageDigest", &digest, err));
	return digest.value == NULL ? NOTAR_OK : read_message_digest(&digest, out, err);
}

static enum notar_code
read_content(const struct json *top, struct bundle *out, struct notar_error *err)
{
	struct json dsse, message;

	NOTAR_TRY(json_proto_optional(top, "dsseEnvelope", &dsse, err));
	NOTAR_TRY(json_proto_optional(top, "messageSignature", &message, err));
	if ((dsse.value != NULL) == (message.value != NULL))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "bundle: not exactly one of dsseEnvelope, messageSignature");
	out->is_dsse = dsse.value != NULL;
	return out->is_dsse ? dsse_read(&dsse, &out->dsse, err) : read_message(&message, out, err);
}

enum notar_code
bundle_parse(struct span bytes, struct bundle *out, struct notar_error *err)
{
	static const char *const names[] = { "mediaType", "verificationMaterial", "dsseEnvelope",
					     "messageSignature" };
	const struct json_limits limits = { LIMIT_ATTESTATION_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(bundle) b = { 0 };
	struct json top, media_type;
	struct span type;

	NOTAR_TRY(json_parse(bytes, limits, "bundle", &root, &top, err));
	NOTAR_TRY(json_proto_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_proto_member(&top, "mediaType", &media_type, err));
	NOTAR_TRY(json_as_string(&media_type, &type, err));
	enum bundle_version version = version_of(type);

	if (version == 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "bundle: unknown mediaType");
	NOTAR_TRY(read_material(&top, version, &b, err));
	NOTAR_TRY(read_content(&top, &b, err));
	*out = b;
	b = (struct bundle){ 0 };
	return NOTAR_OK;
}
