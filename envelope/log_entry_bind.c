/* SPDX-License-Identifier: Apache-2.0 */
#include <strings.h>

#include "base/codec.h"
#include "base/digest.h"
#include "envelope/log_entry.h"
#include "keys/evp.h"
#include "keys/key_pem.h"

/* Section 4.9: that an entry is about this signature, by this signer, over this content. */

static enum notar_code
differs(const char *what, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_DIGEST, "the log entry is about %s", what);
}

/* Of the message, or the only one that is known of it. */
static enum notar_code
hash_of(const struct log_claim *claim, enum ossl_hash hash, struct evp_hash *out,
	struct notar_error *err)
{
	const struct notar_digest *known = claim->digest;

	if (known == NULL || claim->message.len > 0)
		return evp_hash_of(ossl_hash(hash), claim->message, out, err);
	if (known->alg != (hash == OSSL_SHA256 ? NOTAR_SHA256 :
			   hash == OSSL_SHA512 ? NOTAR_SHA512 :
						 NOTAR_DIGEST_NONE) ||
	    known->alg == NOTAR_DIGEST_NONE)
		return differs("a hash that cannot be held against the content", err);
	out->len = (unsigned)notar_digest_len(known->alg);
	memcpy(out->bytes, known->bytes, out->len);
	return NOTAR_OK;
}

static enum notar_code
decode_member(const struct json *at, const char *name, struct buf *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_member_string(at, name, &text, err));
	return base64_decode_lenient(text, out, name, err);
}

static enum notar_code
bind_signature(const struct json *at, const char *name, const struct log_claim *claim,
	       struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) sig = { 0 };

	NOTAR_TRY(decode_member(at, name, &sig, err));
	return span_equal(buf_span(&sig), claim->signature) ? NOTAR_OK :
							      differs("another signature", err);
}

/* base64 of PEM; whole certificates or keys are compared, as bytes. */
static enum notar_code
bind_signer(const struct json *at, const char *name, const struct log_claim *claim,
	    struct notar_error *err)
{
	bool has_cert = claim->certificate != NULL;
	struct span want = has_cert ? buf_span(&claim->certificate->der) : key_spki(claim->key);
	NOTAR_AUTO_OF(buf) pem = { 0 };
	NOTAR_AUTO_OF(buf) der = { 0 };
	struct span label;

	NOTAR_TRY(decode_member(at, name, &pem, err));
	NOTAR_TRY(pem_decode_only(buf_span(&pem), "a log entry's signer", &label, &der, err));
	if (!span_is(label, has_cert ? "CERTIFICATE" : "PUBLIC KEY") ||
	    !span_equal(buf_span(&der), want))
		return differs(has_cert ? "another certificate" : "another key", err);
	return NOTAR_OK;
}

static bool
is_hex_of(struct span text, const struct evp_hash *hash)
{
	char hex[2 * EVP_MAX_MD_SIZE + 1];

	(void)hex_encode(span_of(hash->bytes, hash->len), hex);
	return text.len == 2 * (size_t)hash->len &&
	       strncasecmp((const char *)text.ptr, hex, text.len) == 0;
}

static enum notar_code
find_hash(struct span name, enum ossl_hash *out, struct notar_error *err)
{
	static const char *const names[] = {
		[OSSL_SHA256] = "sha256", [OSSL_SHA384] = "sha384", [OSSL_SHA512] = "sha512"
	};

	for (unsigned i = 0; i < NOTAR_COUNT(names); i++) {
		if (span_is(name, names[i])) {
			*out = (enum ossl_hash)i;
			return NOTAR_OK;
		}
	}
	return notar_fail(err, NOTAR_E_UNSUPPORTED, "a log entry with an unknown hash");
}

/* {"algorithm":…,"value":…} over what the claim is about. */
static enum notar_code
bind_hash(const struct json *object, const char *name, const struct log_claim *claim,
	  struct notar_error *err)
{
	enum ossl_hash hash = OSSL_SHA256;
	struct span alg, value;
	struct evp_hash digest;
	struct json at;

	NOTAR_TRY(json_member(object, name, &at, err));
	NOTAR_TRY(json_member_string(&at, "algorithm", &alg, err));
	NOTAR_TRY(json_member_string(&at, "value", &value, err));
	NOTAR_TRY(find_hash(alg, &hash, err));
	NOTAR_TRY(hash_of(claim, hash, &digest, err));
	return is_hex_of(value, &digest) ? NOTAR_OK : differs("other content", err);
}

/* Rekor v1 logs the hash of a DSSE's payload, not of what is signed. */
static enum notar_code
bind_payload_hash(const struct json *object, const struct log_claim *claim, struct notar_error *err)
{
	const struct log_claim payload = { .message = claim->payload };

	return bind_hash(object, "payloadHash", &payload, err);
}

static enum notar_code
bind_hashedrekord(const struct json *spec, const struct log_claim *claim, struct notar_error *err)
{
	struct json signature, key, data;

	NOTAR_TRY(json_member(spec, "signature", &signature, err));
	NOTAR_TRY(json_member(&signature, "publicKey", &key, err));
	NOTAR_TRY(json_member(spec, "data", &data, err));
	NOTAR_TRY(bind_signature(&signature, "content", claim, err));
	NOTAR_TRY(bind_signer(&key, "content", claim, err));
	return bind_hash(&data, "hash", claim, err);
}

static enum notar_code
only_signature(const struct json *object, struct json *out, struct notar_error *err)
{
	size_t count = 0;
	struct json list;

	NOTAR_TRY(json_member(object, "signatures", &list, err));
	NOTAR_TRY(json_as_array(&list, 1, &count, err));
	if (count != 1)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not exactly one", list.path);
	*out = json_item(&list, 0);
	return NOTAR_OK;
}

static enum notar_code
bind_dsse(const struct json *spec, const struct log_claim *claim, struct notar_error *err)
{
	struct json signature;

	NOTAR_TRY(only_signature(spec, &signature, err));
	NOTAR_TRY(bind_signature(&signature, "signature", claim, err));
	NOTAR_TRY(bind_signer(&signature, "verifier", claim, err));
	return bind_payload_hash(spec, claim, err);
}

/* intoto 0.0.2 keeps base64 of the envelope's base64. */
static enum notar_code
bind_twice(const struct json *at, const char *name, struct span want, const char *what,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) once = { 0 };
	NOTAR_AUTO_OF(buf) twice = { 0 };

	NOTAR_TRY(decode_member(at, name, &once, err));
	NOTAR_TRY(base64_decode_lenient(buf_span(&once), &twice, name, err));
	return span_equal(buf_span(&twice), want) ? NOTAR_OK : differs(what, err);
}

static enum notar_code
bind_intoto(const struct json *spec, const struct log_claim *claim, struct notar_error *err)
{
	struct json content, envelope, signature, payload;

	NOTAR_TRY(json_member(spec, "content", &content, err));
	NOTAR_TRY(json_member(&content, "envelope", &envelope, err));
	NOTAR_TRY(only_signature(&envelope, &signature, err));
	NOTAR_TRY(bind_twice(&signature, "sig", claim->signature, "another signature", err));
	NOTAR_TRY(bind_signer(&signature, "publicKey", claim, err));
	NOTAR_TRY(bind_payload_hash(&content, claim, err));
	NOTAR_TRY(json_optional(&envelope, "payload", &payload, err));
	return payload.value == NULL ?
		       NOTAR_OK :
		       bind_twice(&envelope, "payload", claim->payload, "other content", err);
}

/* Section 4.9's names for what a key signs with. */
struct scheme {
	enum ossl_hash hash;
	const char *alg, *details;
};

static struct scheme
scheme_of(const struct key *key, char rsa[static 40])
{
	switch (key_kind_of(key)) {
	case KEY_P256:
		return (struct scheme){ OSSL_SHA256, "SHA2_256", "PKIX_ECDSA_P256_SHA_256" };
	case KEY_P384:
		return (struct scheme){ OSSL_SHA384, "SHA2_384", "PKIX_ECDSA_P384_SHA_384" };
	case KEY_P521:
		return (struct scheme){ OSSL_SHA512, "SHA2_512", "PKIX_ECDSA_P521_SHA_512" };
	case KEY_RSA:
		(void)snprintf(rsa, 40, "PKIX_RSA_PKCS1V15_%u_SHA256", key_rsa_bits(key));
		return (struct scheme){ OSSL_SHA256, "SHA2_256", rsa };
	case KEY_ED25519:
		return (struct scheme){ OSSL_SHA512, "SHA2_512", "PKIX_ED25519_PH" };
	}
	return (struct scheme){ OSSL_SHA256, "", "" };
}

/* Rekor v2's canonical body, made of nothing but the claim (section 4.9). */
static enum notar_code
build_tiled(const struct log_claim *claim, struct buf *out, struct notar_error *err)
{
	bool has_cert = claim->certificate != NULL;
	struct evp_hash digest;
	char rsa[40];
	struct scheme scheme = scheme_of(claim->key, rsa);

	NOTAR_TRY(hash_of(claim, scheme.hash, &digest, err));
	buf_printf(out,
		   "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":"
		   "{\"hashedRekordV002\":{\"data\":{\"algorithm\":\"%s\",\"digest\":\"",
		   scheme.alg);
	base64_append(out, span_of(digest.bytes, digest.len));
	buf_append_str(out, "\"},\"signature\":{\"content\":\"");
	base64_append(out, claim->signature);
	buf_printf(out, "\",\"verifier\":{\"keyDetails\":\"%s\",\"%s\":{\"rawBytes\":\"",
		   scheme.details, has_cert ? "x509Certificate" : "publicKey");
	base64_append(out, has_cert ? buf_span(&claim->certificate->der) : key_spki(claim->key));
	buf_append_str(out, "\"}}}}}}");
	return buf_finish(out, "log entry", err);
}

/* Equal bytes, so entry->body is as good a leaf of the tree as what was built here. */
static enum notar_code
bind_tiled(const struct log_entry *entry, const struct log_claim *claim, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) want = { 0 };

	NOTAR_TRY(build_tiled(claim, &want, err));
	return span_equal(buf_span(&want), buf_span(&entry->body)) ?
		       NOTAR_OK :
		       differs("another signature, signer or content", err);
}

typedef enum notar_code
bind_call(const struct json *spec, const struct log_claim *claim, struct notar_error *err);

static const struct kind {
	const char *name, *version;
	bool is_for_dsse;
	bind_call *bind;
} kinds[] = {
	{ "hashedrekord", "0.0.1", false, bind_hashedrekord },
	{ "dsse", "0.0.1", true, bind_dsse },
	{ "intoto", "0.0.2", true, bind_intoto },
};

static enum notar_code
bind_kind(const struct log_entry *entry, const struct kind *kind, const struct log_claim *claim,
	  struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_LOG_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top, spec;

	NOTAR_TRY(json_parse(buf_span(&entry->body), limits, "log entry", &root, &top, err));
	NOTAR_TRY(json_member(&top, "spec", &spec, err));
	return kind->bind(&spec, claim, err);
}

enum notar_code
log_entry_bind(const struct log_entry *entry, const struct log_claim *claim,
	       struct notar_error *err)
{
	if (claim->key == NULL || claim->signature.len == 0)
		return notar_fail(err, NOTAR_E_INTERNAL, "a log entry of nobody's signature");
	if (log_entry_is_tiled(entry))
		return bind_tiled(entry, claim, err);
	for (size_t i = 0; i < NOTAR_COUNT(kinds); i++)
		if (span_is(buf_span(&entry->kind), kinds[i].name) &&
		    span_is(buf_span(&entry->version), kinds[i].version) &&
		    kinds[i].is_for_dsse == claim->is_dsse)
			return bind_kind(entry, &kinds[i], claim, err);
	return notar_fail(err, NOTAR_E_UNSUPPORTED,
			  "a log entry of the kind \"%.*s\" %.*s for this content",
			  (int)entry->kind.len, (const char *)entry->kind.ptr,
			  (int)entry->version.len, (const char *)entry->version.ptr);
}
