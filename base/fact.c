/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fact.h"

#include "base/digest.h"
#include "base/limits.h"

#define ROW_VERSION 1

/* Numbers are on disk: never renumber. The end tag is always there and empty, so that a row
 * cut between two tags is not taken for a fact that lacks, say, its expiry. */
enum tag {
	TAG_FORMAT = 1,
	TAG_PROOF = 2,
	TAG_SIG_ID = 3,
	TAG_KEY_ID = 4,
	TAG_SUBJECT = 5,
	TAG_ARTIFACT = 6,
	TAG_PAYLOAD = 7,
	TAG_PREDICATE_TYPE = 8,
	TAG_DOCKER_REFERENCE = 9,
	TAG_ANNOTATIONS = 10,
	TAG_ISSUER = 11,
	TAG_SAN = 12,
	TAG_ANCHOR = 13,
	TAG_SUBJECT_MEDIA_TYPE = 14,
	TAG_SUBJECT_SIZE = 15,
	TAG_EXPIRES = 16,
	TAG_TIMES = 17,
	TAG_CHAIN = 18,
	TAG_LEAF_NAME = 19,
	TAG_BY_AUTHORITY = 20,
	TAG_SIGNED = 21,
	TAG_TOKEN = 22,
	TAG_STAMPS = 23,
	TAG_PLUGIN = 24,
	TAG_PLUGIN_MIN_VERSION = 25,
	TAG_ATTRIBUTES = 26,
	TAG_PATHS = 27,
	TAG_LOGS = 28,
	TAG_SCTS = 29,
	TAG_EXTENSIONS = 30,
	TAG_END = 255,
};

#define BIT(tag) (1U << (tag))
#define REQUIRED                                                                                   \
	(BIT(TAG_FORMAT) | BIT(TAG_PROOF) | BIT(TAG_SIG_ID) | BIT(TAG_KEY_ID) | BIT(TAG_SUBJECT) | \
	 BIT(TAG_PAYLOAD))

static void
put(struct buf *out, enum tag tag, struct span value)
{
	if (value.len > UINT32_MAX) {
		out->failed = NOTAR_E_LIMIT;
		return;
	}
	buf_append_byte(out, (uint8_t)tag);
	buf_append_be(out, value.len, 4);
	buf_append_span(out, value);
}

/* Absent and empty are one thing, and are written one way: not at all. */
static void
put_optional(struct buf *out, enum tag tag, struct span value)
{
	if (value.len > 0)
		put(out, tag, value);
}

static void
put_number(struct buf *out, enum tag tag, int64_t value, size_t bytes)
{
	buf_append_byte(out, (uint8_t)tag);
	buf_append_be(out, bytes, 4);
	buf_append_be(out, (uint64_t)value, bytes);
}

static void
put_digest(struct buf *out, enum tag tag, const struct notar_digest *digest)
{
	struct span bytes = digest_span(digest);

	if (bytes.len == 0)
		return;
	buf_append_byte(out, (uint8_t)tag);
	buf_append_be(out, 1 + bytes.len, 4);
	buf_append_byte(out, (uint8_t)digest->alg);
	buf_append_span(out, bytes);
}

void
fact_encode(const struct fact *fact, struct buf *out)
{
	buf_append_byte(out, ROW_VERSION);
	put_number(out, TAG_FORMAT, fact->format, 1);
	put_number(out, TAG_PROOF, fact->proof, 1);
	put(out, TAG_SIG_ID, span_of(fact->sig_id, FACT_ID_BYTES));
	put(out, TAG_KEY_ID, span_of(fact->key_id, FACT_ID_BYTES));
	put_digest(out, TAG_SUBJECT, &fact->subject);
	put_digest(out, TAG_ARTIFACT, &fact->artifact);
	put_digest(out, TAG_PAYLOAD, &fact->payload);
	put_optional(out, TAG_PREDICATE_TYPE, fact->predicate_type);
	put_optional(out, TAG_DOCKER_REFERENCE, fact->docker_reference);
	put_optional(out, TAG_ANNOTATIONS, fact->annotations);
	put_optional(out, TAG_ISSUER, fact->issuer);
	put_optional(out, TAG_SAN, fact->san);
	put_optional(out, TAG_ANCHOR, fact->anchor);
	put_optional(out, TAG_SUBJECT_MEDIA_TYPE, fact->subject_media_type);
	if (fact->subject_size >= 0)
		put_number(out, TAG_SUBJECT_SIZE, fact->subject_size, 8);
	if (fact->expires_s != 0)
		put_number(out, TAG_EXPIRES, fact->expires_s, 8);
	put_optional(out, TAG_TIMES, fact->times);
	put_optional(out, TAG_CHAIN, fact->chain);
	put_optional(out, TAG_LEAF_NAME, fact->leaf_name);
	if (fact->by_authority)
		put_number(out, TAG_BY_AUTHORITY, 1, 1);
	if (fact->signed_s != 0)
		put_number(out, TAG_SIGNED, fact->signed_s, 8);
	if (fact->token != FACT_TOKEN_NONE)
		put_number(out, TAG_TOKEN, fact->token, 1);
	put_optional(out, TAG_STAMPS, fact->stamps);
	put_optional(out, TAG_PLUGIN, fact->plugin);
	put_optional(out, TAG_PLUGIN_MIN_VERSION, fact->plugin_min_version);
	put_optional(out, TAG_ATTRIBUTES, fact->attributes);
	put_optional(out, TAG_PATHS, fact->paths);
	put_optional(out, TAG_LOGS, fact->logs);
	put_optional(out, TAG_SCTS, fact->scts);
	put_optional(out, TAG_EXTENSIONS, fact->extensions);
	put(out, TAG_END, (struct span){ 0 });
}

/* A one-byte number from 1 to last; 0 for anything else. */
static unsigned
small_number(struct span value, unsigned last)
{
	return value.len == 1 && value.ptr[0] <= last ? value.ptr[0] : 0;
}

static bool
take_id(struct span value, uint8_t id[FACT_ID_BYTES])
{
	if (value.len != FACT_ID_BYTES)
		return false;
	memcpy(id, value.ptr, FACT_ID_BYTES);
	return true;
}

static bool
take_digest(struct span value, struct notar_digest *digest)
{
	digest->alg = value.len < 1 ? NOTAR_DIGEST_NONE : (enum notar_digest_alg)value.ptr[0];
	size_t len = notar_digest_len(digest->alg);

	if (len == 0 || value.len != 1 + len)
		return false;
	memcpy(digest->bytes, value.ptr + 1, len);
	return true;
}

static bool
take_text(struct span value, struct span *text)
{
	*text = value;
	return value.len > 0;
}

static bool
take_number(struct span value, int64_t *number)
{
	struct reader r = { .rest = value };

	*number = (int64_t)reader_be(&r, 8);
	return !r.failed && r.rest.len == 0;
}

static bool
take_annotations(struct span value, struct span *annotations)
{
	struct span name, text, rest = value;

	while (fact_annotation_next(&rest, &name, &text))
		;
	return take_text(value, annotations) && rest.len == 0;
}

static bool
take_times(struct span value, struct span *times)
{
	enum fact_time_source source;
	struct span id, rest = value;
	int64_t time_s;

	while (fact_time_next(&rest, &source, &id, &time_s))
		;
	return take_text(value, times) && rest.len == 0;
}

static bool
take_chain(struct span value, struct span *chain)
{
	struct span rest = value;
	struct fact_link link;

	while (fact_link_next(&rest, &link))
		;
	return take_text(value, chain) && rest.len == 0;
}

static bool
take_stamps(struct span value, struct span *stamps)
{
	struct span rest = value;
	struct fact_stamp stamp;

	while (fact_stamp_next(&rest, &stamp))
		;
	return take_text(value, stamps) && rest.len == 0;
}

bool
fact_is_plugin_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];
		bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-')
			return false;
	}
	return name.len > 0 && name.len <= LIMIT_PLUGIN_NAME_CHARS && !span_is(name, ".") &&
	       !span_is(name, "..");
}

/* What Sigstore's services vouch for; a part that is no whole sequence is damage. */
static bool
take_sigstore_value(uint8_t tag, struct span value, struct fact *fact)
{
	struct span rest = value, text;
	struct fact_path path;
	struct fact_log log;
	const uint8_t *id;
	int64_t time_ms;
	size_t number;

	switch (tag) {
	case TAG_PATHS:
		while (fact_path_next(&rest, &path))
			;
		return rest.len == 0 && take_text(value, &fact->paths);
	case TAG_LOGS:
		while (fact_log_next(&rest, &log))
			;
		return rest.len == 0 && take_text(value, &fact->logs);
	case TAG_SCTS:
		while (fact_sct_next(&rest, &id, &time_ms))
			;
		return rest.len == 0 && take_text(value, &fact->scts);
	case TAG_EXTENSIONS:
		while (fact_extension_next(&rest, &number, &text))
			;
		return rest.len == 0 && take_text(value, &fact->extensions);
	}
	return false;
}

static bool
take_plugin_value(uint8_t tag, struct span value, struct fact *fact)
{
	switch (tag) {
	case TAG_PLUGIN:
		fact->plugin = value;
		return fact_is_plugin_name(value);
	case TAG_PLUGIN_MIN_VERSION:
		return take_text(value, &fact->plugin_min_version);
	case TAG_ATTRIBUTES:
		return take_annotations(value, &fact->attributes);
	}
	return take_sigstore_value(tag, value, fact);
}

/* What only certificates bring. */
static bool
take_x509_value(uint8_t tag, struct span value, struct fact *fact)
{
	switch (tag) {
	case TAG_CHAIN:
		return take_chain(value, &fact->chain);
	case TAG_LEAF_NAME:
		return take_text(value, &fact->leaf_name);
	case TAG_BY_AUTHORITY:
		fact->by_authority = small_number(value, 1) == 1;
		return fact->by_authority;
	case TAG_SIGNED:
		return take_number(value, &fact->signed_s) && fact->signed_s != 0;
	case TAG_TOKEN:
		fact->token = (enum fact_token)small_number(value, FACT_TOKEN_BROKEN);
		return fact->token != FACT_TOKEN_NONE;
	case TAG_STAMPS:
		return take_stamps(value, &fact->stamps);
	}
	return take_plugin_value(tag, value, fact);
}

/* False when the value is not what its tag says; unknown tags are such a case. */
static bool
take_value(uint8_t tag, struct span value, struct fact *fact)
{
	switch (tag) {
	case TAG_FORMAT:
		fact->format = (enum fact_format)small_number(value, FACT_FORMAT_LAST);
		return fact->format != 0;
	case TAG_PROOF:
		fact->proof = (enum fact_proof)small_number(value, FACT_PROOF_LAST);
		return fact->proof != 0;
	case TAG_SIG_ID:
		return take_id(value, fact->sig_id);
	case TAG_KEY_ID:
		return take_id(value, fact->key_id);
	case TAG_SUBJECT:
		return take_digest(value, &fact->subject);
	case TAG_ARTIFACT:
		return take_digest(value, &fact->artifact);
	case TAG_PAYLOAD:
		return take_digest(value, &fact->payload);
	case TAG_PREDICATE_TYPE:
		return take_text(value, &fact->predicate_type);
	case TAG_DOCKER_REFERENCE:
		return take_text(value, &fact->docker_reference);
	case TAG_ANNOTATIONS:
		return take_annotations(value, &fact->annotations);
	case TAG_ISSUER:
		return take_text(value, &fact->issuer);
	case TAG_SAN:
		return take_text(value, &fact->san);
	case TAG_ANCHOR:
		return take_text(value, &fact->anchor);
	case TAG_SUBJECT_MEDIA_TYPE:
		return take_text(value, &fact->subject_media_type);
	case TAG_SUBJECT_SIZE:
		return take_number(value, &fact->subject_size) && fact->subject_size >= 0;
	case TAG_EXPIRES:
		return take_number(value, &fact->expires_s) && fact->expires_s != 0;
	case TAG_TIMES:
		return take_times(value, &fact->times);
	}
	return take_x509_value(tag, value, fact);
}

static enum notar_code
damaged(uint8_t tag, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_STORE, "fact row: damaged or foreign at tag %u", tag);
}

enum notar_code
fact_decode(struct span row, struct fact *fact, struct notar_error *err)
{
	struct fact found = { .subject_size = -1 };
	struct reader r = { .rest = row };
	uint64_t version = reader_be(&r, 1);
	uint32_t seen = 0;
	uint8_t last = 0;

	if (r.failed || version != ROW_VERSION)
		return notar_fail(err, NOTAR_E_STORE, "fact row: version %u is not known",
				  (unsigned)version);
	for (;;) {
		uint8_t tag = (uint8_t)reader_be(&r, 1);
		struct span value = reader_take(&r, (size_t)reader_be(&r, 4));
		if (r.failed || tag <= last)
			return damaged(tag, err);
		last = tag;
		if (tag == TAG_END) {
			if (value.len > 0)
				return damaged(tag, err);
			break;
		}
		if (!take_value(tag, value, &found))
			return damaged(tag, err);
		seen |= BIT(tag);
	}
	/* Critical attributes that nobody is named to understand would count for nothing. */
	if ((found.proof != FACT_BY_X509 || found.plugin.len == 0) &&
	    (seen & (BIT(TAG_PLUGIN) | BIT(TAG_PLUGIN_MIN_VERSION) | BIT(TAG_ATTRIBUTES))) != 0)
		return notar_fail(err, NOTAR_E_STORE, "fact row: attributes without a plugin");
	bool has_chain = (seen & (BIT(TAG_CHAIN) | BIT(TAG_LEAF_NAME))) ==
			 (BIT(TAG_CHAIN) | BIT(TAG_LEAF_NAME));

	if (found.proof == FACT_BY_X509 && !has_chain)
		return notar_fail(err, NOTAR_E_STORE, "fact row: certificates without a chain");
	if (found.proof == FACT_BY_FULCIO &&
	    (found.paths.len == 0 || found.issuer.len == 0 || found.san.len == 0))
		return notar_fail(err, NOTAR_E_STORE,
				  "fact row: a certificate without an identity");
	if (r.rest.len > 0 || (seen & REQUIRED) != REQUIRED)
		return notar_fail(err, NOTAR_E_STORE, "fact row: parts missing or left over");
	*fact = found;
	return NOTAR_OK;
}

static void
add_sized(struct digest_stream *s, struct span part)
{
	uint8_t len[8];

	for (size_t i = 0; i < sizeof(len); i++)
		len[i] = (uint8_t)((uint64_t)part.len >> (56 - 8 * i));
	digest_add(s, span_of(len, sizeof(len)));
	digest_add(s, part);
}

void
fact_sig_id(enum fact_format format, const struct notar_digest *payload, struct span sig,
	    struct span leaf_certificate, uint8_t out[FACT_ID_BYTES])
{
	const uint8_t format_byte = (uint8_t)format;
	struct digest_stream s;

	digest_start(&s, NOTAR_SHA256);
	digest_add(&s, span_of(&format_byte, 1));
	add_sized(&s, digest_span(payload));
	add_sized(&s, sig);
	add_sized(&s, leaf_certificate);
	struct notar_digest id = digest_end(&s);
	memcpy(out, id.bytes, FACT_ID_BYTES);
}

bool
fact_is_signature(const struct fact *fact)
{
	return fact->predicate_type.len == 0 || span_is(fact->predicate_type, FACT_PREDICATE_SIGN);
}
