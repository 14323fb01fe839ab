/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "keys/der.h"
#include "keys/spki.h"
#include "pki/trusted_root_internal.h"

#define SHA2_256 1 /* of protobuf-specs' HashAlgorithm */

/* Of protobuf-specs' PublicKeyDetails, those whose signatures keys/ can check. */
static const struct details {
	const char *name;
	int64_t number;
	enum key_kind kind;
	unsigned rsa_bits; /* 0: any, or no RSA */
	bool is_bare;      /* an RSAPublicKey (RFC 8017) without its SubjectPublicKeyInfo */
} known_details[] = {
	{ "PKCS1_RSA_PKCS1V5", 1, KEY_RSA, 0, true },
	{ "PKIX_ECDSA_P256_SHA_256", 5, KEY_P256, 0, false },
	{ "PKIX_ED25519", 7, KEY_ED25519, 0, false },
	{ "PKIX_RSA_PKCS1V15_2048_SHA256", 9, KEY_RSA, 2048, false },
	{ "PKIX_RSA_PKCS1V15_3072_SHA256", 10, KEY_RSA, 3072, false },
	{ "PKIX_RSA_PKCS1V15_4096_SHA256", 11, KEY_RSA, 4096, false },
	{ "PKIX_ECDSA_P384_SHA_384", 12, KEY_P384, 0, false },
	{ "PKIX_ECDSA_P521_SHA_512", 13, KEY_P521, 0, false },
};

void
root_log_release(struct root_log *log)
{
	key_free(log->key);
	buf_release(&log->base_url);
	buf_release(&log->operator_name);
	*log = (struct root_log){ 0 };
}

/* Whether an enum is this member, by its name or its number. */
static enum notar_code
enum_is(const struct json *at, const char *name, int64_t number, bool *is_it,
	struct notar_error *err)
{
	struct span text = { 0 };
	int64_t found = 0;

	if (json_holds_string(at)) {
		NOTAR_TRY(json_as_string(at, &text, err));
		*is_it = span_equal(text, span_str(name));
		return NOTAR_OK;
	}
	NOTAR_TRY(json_as_int(at, INT32_MIN, INT32_MAX, &found, err));
	*is_it = found == number;
	return NOTAR_OK;
}

/* NULL for those that are not known. */
static enum notar_code
read_details(const struct json *key, const struct details **out, struct notar_error *err)
{
	struct json at;
	bool is_it = false;

	NOTAR_TRY(json_proto_member(key, "keyDetails", &at, err));
	*out = NULL;
	for (size_t i = 0; i < NOTAR_COUNT(known_details); i++) {
		NOTAR_TRY(
			enum_is(&at, known_details[i].name, known_details[i].number, &is_it, err));
		if (is_it)
			*out = &known_details[i];
	}
	return NOTAR_OK;
}

/* RSAPublicKey into the SubjectPublicKeyInfo that keys/ reads, which is also what logs hash. */
static enum notar_code
wrap_rsa(struct buf *bytes, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) spki = { 0 };
	struct reader r = { .rest = buf_span(bytes) };
	struct reader parts = der_enter(&r, DER_SEQUENCE);
	struct public_numbers numbers = { .alg = alg_of_kind(KEY_RSA) };

	numbers.n = der_take_unsigned(&parts);
	numbers.e = der_take_unsigned(&parts);
	NOTAR_TRY(der_finish(&parts, "RSAPublicKey", err));
	NOTAR_TRY(der_finish(&r, "RSAPublicKey", err));
	spki_append(&spki, &numbers);
	NOTAR_TRY(buf_finish(&spki, "public key", err));
	struct buf bare = *bytes;

	*bytes = spki;
	spki = bare;
	return NOTAR_OK;
}

static enum notar_code
load_key(struct buf *bytes, const struct details *details, struct key **out,
	 struct notar_error *err)
{
	NOTAR_AUTO(key) *key = NULL;

	if (details->is_bare)
		NOTAR_TRY(wrap_rsa(bytes, err));
	/* key_load_public takes PEM, too; here it is DER. */
	if (bytes->ptr[0] != DER_SEQUENCE)
		return notar_fail(err, NOTAR_E_FORMAT, "no SubjectPublicKeyInfo");
	NOTAR_TRY(key_load_public(buf_span(bytes), &key, err));
	if (key_kind_of(key) != details->kind ||
	    (details->rsa_bits != 0 && key_rsa_bits(key) != details->rsa_bits))
		return notar_fail(err, NOTAR_E_FORMAT, "%s, and not %s", key_describe(key),
				  details->name);
	*out = NOTAR_TAKE(key);
	return NOTAR_OK;
}

static enum notar_code
read_key(const struct json *key, struct root_log *out, bool *is_known, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	const struct details *details = NULL;
	struct notar_error why = { 0 };
	bool has_start = false;

	NOTAR_TRY(root_validity(key, &out->valid, &has_start, err));
	if (!has_start)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: no start of its validity", key->path);
	NOTAR_TRY(read_details(key, &details, err));
	*is_known = details != NULL;
	if (details == NULL)
		return NOTAR_OK;
	NOTAR_TRY(root_bytes(key, "rawBytes", &bytes, err));
	enum notar_code code = load_key(&bytes, details, &out->key, &why);

	if (code != NOTAR_OK)
		return notar_fail(err, code == NOTAR_E_KEY ? NOTAR_E_FORMAT : code, "%s: %s",
				  key->path, why.msg);
	return NOTAR_OK;
}

static enum notar_code
read_id(const struct json *at, struct root_log *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) id = { 0 };
	struct json holder;

	NOTAR_TRY(json_proto_member(at, "logId", &holder, err));
	NOTAR_TRY(root_bytes(&holder, "keyId", &id, err));
	if (id.len != sizeof(out->id))
		return notar_fail(err, NOTAR_E_FORMAT, "%s: an id of %zu bytes, and not %zu",
				  holder.path, id.len, sizeof(out->id));
	memcpy(out->id, id.ptr, id.len);
	return NOTAR_OK;
}

static enum notar_code
read_url(const struct json *at, struct root_log *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) url = { 0 };

	NOTAR_TRY(root_text(at, "baseUrl", &url, err));
	struct span rest = buf_span(&url);

	if (span_starts_with(rest, "https://"))
		rest = span_from(rest, strlen("https://"));
	else if (span_starts_with(rest, "http://"))
		rest = span_from(rest, strlen("http://"));
	while (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	buf_append_span(&out->base_url, rest);
	const uint8_t *slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);

	out->host_len = slash == NULL ? rest.len : (size_t)(slash - rest.ptr);
	return buf_finish(&out->base_url, "baseUrl", err);
}

static enum notar_code
check_hash(const struct json *at, struct notar_error *err)
{
	struct json hash;
	bool is_it = false;

	NOTAR_TRY(json_proto_member(at, "hashAlgorithm", &hash, err));
	NOTAR_TRY(enum_is(&hash, "SHA2_256", SHA2_256, &is_it, err));
	return is_it ? NOTAR_OK : notar_fail(err, NOTAR_E_FORMAT, "%s: not SHA2_256", hash.path);
}

static void
identify(struct root_log *log)
{
	struct digest_stream stream;

	digest_start(&stream, NOTAR_SHA256);
	digest_add(&stream, key_spki(log->key));
	digest_add(&stream, buf_span(&log->base_url));
	struct notar_digest digest = digest_end(&stream);

	memcpy(log->identity, digest.bytes, sizeof(log->identity));
}

enum notar_code
root_log_read(const struct json *at, struct root_log *out, bool *is_known, struct notar_error *err)
{
	NOTAR_AUTO_OF(root_log) log = { 0 };
	struct json key;

	NOTAR_TRY(json_proto_member(at, "publicKey", &key, err));
	NOTAR_TRY(read_key(&key, &log, is_known, err));
	if (!*is_known)
		return NOTAR_OK;
	NOTAR_TRY(check_hash(at, err));
	NOTAR_TRY(read_id(at, &log, err));
	NOTAR_TRY(read_url(at, &log, err));
	NOTAR_TRY(root_text(at, "operator", &log.operator_name, err));
	identify(&log);
	*out = log;
	log = (struct root_log){ 0 };
	return NOTAR_OK;
}
