/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/rekor_entry.h"

#include "base/codec.h"
#include "base/json.h"
#include "base/limits.h"

#define HASH_BYTES 32
#define WORD_CHARS 64 /* of a kind, of a version */

static const struct json_limits limits = { 4 * LIMIT_LOG_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };

/* A hash in hexadecimal, written as base64. */
static enum notar_code
put_hash(const struct json *at, struct buf *out, struct notar_error *err)
{
	uint8_t bytes[HASH_BYTES];
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	NOTAR_TRY(hex_decode(text, bytes, sizeof(bytes), at->path, err));
	json_put_base64(out, span_of(bytes, sizeof(bytes)));
	return NOTAR_OK;
}

static enum notar_code
put_hash_of(const struct json *object, const char *name, struct buf *out, struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_member(object, name, &at, err));
	return put_hash(&at, out, err);
}

/* 64-bit integers are strings in Protobuf's JSON. */
static enum notar_code
put_int(const struct json *object, const char *name, struct buf *out, struct notar_error *err)
{
	char text[24];
	int64_t value = 0;

	NOTAR_TRY(json_member_int(object, name, 0, INT64_MAX, &value, err));
	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	json_pair_str(out, name, text);
	return NOTAR_OK;
}

static enum notar_code
put_hashes(const struct json *proof, struct buf *out, struct notar_error *err)
{
	struct json list;
	size_t count = 0;

	NOTAR_TRY(json_member(proof, "hashes", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_PROOF_HASHES, &count, err));
	json_name(out, "hashes");
	json_begin_array(out);
	for (size_t i = 0; i < count; i++) {
		struct json item = json_item(&list, i);

		NOTAR_TRY(put_hash(&item, out, err));
	}
	json_end_array(out);
	return NOTAR_OK;
}

static enum notar_code
put_proof(const struct json *verification, struct buf *out, struct notar_error *err)
{
	struct json proof;
	struct span note;

	NOTAR_TRY(json_member(verification, "inclusionProof", &proof, err));
	NOTAR_TRY(json_member_string(&proof, "checkpoint", &note, err));
	if (note.len == 0 || note.len > LIMIT_CHECKPOINT_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "%s.checkpoint: empty, or over %u bytes",
				  proof.path, LIMIT_CHECKPOINT_BYTES);
	json_name(out, "inclusionProof");
	json_begin_object(out);
	NOTAR_TRY(put_int(&proof, "logIndex", out, err));
	json_name(out, "rootHash");
	NOTAR_TRY(put_hash_of(&proof, "rootHash", out, err));
	NOTAR_TRY(put_int(&proof, "treeSize", out, err));
	NOTAR_TRY(put_hashes(&proof, out, err));
	json_name(out, "checkpoint");
	json_begin_object(out);
	json_pair_span(out, "envelope", note);
	json_end_object(out);
	json_end_object(out);
	return NOTAR_OK;
}

static enum notar_code
put_promise(const struct json *verification, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { .cap = LIMIT_SIGNATURE_BYTES };
	struct span text;

	NOTAR_TRY(json_member_string(verification, "signedEntryTimestamp", &text, err));
	NOTAR_TRY(base64_decode(text, &bytes, "signedEntryTimestamp", err));
	json_name(out, "inclusionPromise");
	json_begin_object(out);
	json_name(out, "signedEntryTimestamp");
	json_put_base64(out, buf_span(&bytes));
	json_end_object(out);
	return NOTAR_OK;
}

static enum notar_code
put_word(const struct json *object, const char *name, const char *as, struct buf *out,
	 struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_member_string(object, name, &text, err));
	if (text.len == 0 || text.len > WORD_CHARS)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: empty or too long", object->path,
				  name);
	json_pair_span(out, as, text);
	return NOTAR_OK;
}

/* What kind of entry it is stands in its body only. */
static enum notar_code
put_kind(struct span body, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct json top;

	NOTAR_TRY(json_parse(body, limits, "log entry's body", &root, &top, err));
	json_name(out, "kindVersion");
	json_begin_object(out);
	NOTAR_TRY(put_word(&top, "kind", "kind", out, err));
	NOTAR_TRY(put_word(&top, "apiVersion", "version", out, err));
	json_end_object(out);
	return NOTAR_OK;
}

static enum notar_code
put_entry(const struct json *entry, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) body = { .cap = LIMIT_LOG_BODY_BYTES };
	struct json verification;
	struct span text;

	NOTAR_TRY(json_member_string(entry, "body", &text, err));
	NOTAR_TRY(base64_decode(text, &body, "log entry's body", err));
	NOTAR_TRY(json_member(entry, "verification", &verification, err));
	json_begin_object(out);
	NOTAR_TRY(put_int(entry, "logIndex", out, err));
	json_name(out, "logId");
	json_begin_object(out);
	json_name(out, "keyId");
	NOTAR_TRY(put_hash_of(entry, "logID", out, err));
	json_end_object(out);
	NOTAR_TRY(put_kind(buf_span(&body), out, err));
	NOTAR_TRY(put_int(entry, "integratedTime", out, err));
	NOTAR_TRY(put_promise(&verification, out, err));
	NOTAR_TRY(put_proof(&verification, out, err));
	json_name(out, "canonicalizedBody");
	json_put_base64(out, buf_span(&body));
	json_end_object(out);
	return NOTAR_OK;
}

/* Appends only what is whole. */
static enum notar_code
hand_over(const struct buf *made, struct buf *out, struct notar_error *err)
{
	NOTAR_TRY(buf_finish(made, "log entry", err));
	buf_append_span(out, buf_span(made));
	return buf_finish(out, "log entry", err);
}

enum notar_code
rekor_entry_read_v1(struct span answer, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) made = { 0 };
	struct json top, entry, second;
	void *cursor = NULL;
	const char *name = NULL;

	NOTAR_TRY(json_parse(answer, limits, "log's answer", &root, &top, err));
	NOTAR_TRY(json_as_object(&top, err));
	if (!json_next_member(&top, &cursor, &name, &entry) ||
	    json_next_member(&top, &cursor, &name, &second))
		return notar_fail(err, NOTAR_E_FORMAT, "log's answer: not exactly one entry");
	NOTAR_TRY(put_entry(&entry, &made, err));
	return hand_over(&made, out, err);
}

/* Absent, null, 0 or "0": such a log gives no time of its own. */
static enum notar_code
check_no_time(const struct json *top, struct notar_error *err)
{
	struct json at;
	struct span text;
	int64_t zero;

	NOTAR_TRY(json_optional(top, "integratedTime", &at, err));
	if (at.value == NULL)
		return NOTAR_OK;
	if (!json_holds_string(&at))
		return json_as_int(&at, 0, 0, &zero, err);
	NOTAR_TRY(json_as_string(&at, &text, err));
	return span_is(text, "0") ? NOTAR_OK :
				    notar_fail(err, NOTAR_E_FORMAT,
					       "%s: a time, from a log of version 2", at.path);
}

static enum notar_code
check_no_promise(const struct json *top, struct notar_error *err)
{
	struct json at;

	NOTAR_TRY(json_optional(top, "inclusionPromise", &at, err));
	return at.value == NULL ? NOTAR_OK :
				  notar_fail(err, NOTAR_E_FORMAT,
					     "%s: a promise, from a log of version 2", at.path);
}

enum notar_code
rekor_entry_read_v2(struct span answer, struct buf *out, struct notar_error *err)
{
	static const char *const kept[] = { "logIndex", "logId", "kindVersion", "inclusionProof",
					    "canonicalizedBody" };
	static const char *const known[] = { "logIndex",          "logId",
					     "kindVersion",       "inclusionProof",
					     "canonicalizedBody", "integratedTime",
					     "inclusionPromise" };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(buf) made = { 0 };
	struct json top, at;

	NOTAR_TRY(json_parse(answer, limits, "log's answer", &root, &top, err));
	NOTAR_TRY(json_only(&top, known, NOTAR_COUNT(known), err));
	NOTAR_TRY(check_no_time(&top, err));
	NOTAR_TRY(check_no_promise(&top, err));
	json_begin_object(&made);
	for (size_t i = 0; i < NOTAR_COUNT(kept); i++) {
		/* The first entry's index is 0, which Protobuf's JSON may leave out. */
		bool is_index = i == 0;

		NOTAR_TRY(is_index ? json_optional(&top, kept[i], &at, err) :
				     json_member(&top, kept[i], &at, err));
		if (at.value == NULL)
			continue;
		json_name(&made, kept[i]);
		json_put_value(&made, at.value);
	}
	json_end_object(&made);
	return hand_over(&made, out, err);
}
