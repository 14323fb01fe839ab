/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/log_entry.h"

#include "base/codec.h"
#include "base/json_proto.h"

void
log_entry_release(struct log_entry *entry)
{
	buf_release(&entry->promise);
	buf_release(&entry->proof.hashes);
	buf_release(&entry->proof.checkpoint);
	buf_release(&entry->body);
	buf_release(&entry->kind);
	buf_release(&entry->version);
}

bool
log_entry_is_tiled(const struct log_entry *entry)
{
	return span_is(buf_span(&entry->kind), "hashedrekord") &&
	       span_is(buf_span(&entry->version), "0.0.2");
}

/* An int64 that counts something: a number, or a string of the same digits. Absent is 0. */
static enum notar_code
read_count(const struct json *object, const char *name, int64_t *out, struct notar_error *err)
{
	struct json at;
	struct span text;
	int64_t value = 0;

	NOTAR_TRY(json_proto_optional(object, name, &at, err));
	if (at.value != NULL && !json_holds_string(&at))
		return json_as_int(&at, 0, INT64_MAX, out, err);
	if (at.value != NULL) {
		NOTAR_TRY(json_as_string(&at, &text, err));
		if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0'))
			return notar_fail(err, NOTAR_E_FORMAT, "%s: no number", at.path);
		for (size_t i = 0; i < text.len; i++) {
			int digit = text.ptr[i] - '0';

			if (digit < 0 || digit > 9 || value > (INT64_MAX - digit) / 10)
				return notar_fail(err, NOTAR_E_FORMAT,
						  "%s: no number from 0 to 2^63-1", at.path);
			value = value * 10 + digit;
		}
	}
	*out = value;
	return NOTAR_OK;
}

static enum notar_code
read_place(const struct json *object, const char *name, uint64_t *out, struct notar_error *err)
{
	int64_t value = 0;

	NOTAR_TRY(read_count(object, name, &value, err));
	*out = (uint64_t)value;
	return NOTAR_OK;
}

/* Bytes that must be there, at most cap of them. */
static enum notar_code
read_bytes(const struct json *at, size_t cap, struct buf *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_as_string(at, &text, err));
	if (text.len > cap / 3 * 4 + 4)
		return notar_fail(err, NOTAR_E_LIMIT, "%s: over %zu bytes", at->path, cap);
	NOTAR_TRY(base64_decode_lenient(text, out, at->path, err));
	if (out->len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", at->path);
	return NOTAR_OK;
}

static enum notar_code
read_hash(const struct json *at, uint8_t out[MERKLE_HASH_BYTES], struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };

	NOTAR_TRY(read_bytes(at, LIMIT_SIGNATURE_BYTES, &bytes, err));
	if (bytes.len != MERKLE_HASH_BYTES)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: not %d bytes", at->path,
				  MERKLE_HASH_BYTES);
	memcpy(out, bytes.ptr, MERKLE_HASH_BYTES);
	return NOTAR_OK;
}

static enum notar_code
read_log_id(const struct json *entry, uint8_t out[FACT_ID_BYTES], struct notar_error *err)
{
	static const char *const names[] = { "keyId" };
	struct json at, id;

	_Static_assert(FACT_ID_BYTES == MERKLE_HASH_BYTES, "a log's id is a hash");
	NOTAR_TRY(json_proto_member(entry, "logId", &at, err));
	NOTAR_TRY(json_proto_only(&at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_proto_member(&at, "keyId", &id, err));
	return read_hash(&id, out, err);
}

static enum notar_code
read_kind(const struct json *entry, struct log_entry *out, struct notar_error *err)
{
	static const char *const names[] = { "kind", "version" };
	struct span kind, version;
	struct json at;

	NOTAR_TRY(json_proto_member(entry, "kindVersion", &at, err));
	NOTAR_TRY(json_proto_only(&at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(&at, "kind", &kind, err));
	NOTAR_TRY(json_member_string(&at, "version", &version, err));
	buf_append_span(&out->kind, kind);
	buf_append_span(&out->version, version);
	NOTAR_TRY(buf_finish(&out->kind, at.path, err));
	return buf_finish(&out->version, at.path, err);
}

static enum notar_code
read_promise(const struct json *entry, struct log_entry *out, struct notar_error *err)
{
	static const char *const names[] = { "signedEntryTimestamp" };
	struct json at, promise;

	NOTAR_TRY(json_proto_optional(entry, "inclusionPromise", &at, err));
	if (at.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_proto_only(&at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_proto_member(&at, names[0], &promise, err));
	out->has_promise = true;
	return read_bytes(&promise, LIMIT_SIGNATURE_BYTES, &out->promise, err);
}

static enum notar_code
read_hashes(const struct json *proof, struct buf *out, struct notar_error *err)
{
	uint8_t hash[MERKLE_HASH_BYTES];
	size_t count = 0;
	struct json at;

	NOTAR_TRY(json_proto_optional(proof, "hashes", &at, err));
	if (at.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_as_array(&at, LIMIT_PROOF_HASHES, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct json item = json_item(&at, i);

		NOTAR_TRY(read_hash(&item, hash, err));
		buf_append(out, hash, sizeof(hash));
	}
	return buf_finish(out, at.path, err);
}

static enum notar_code
read_checkpoint(const struct json *proof, struct buf *out, struct notar_error *err)
{
	static const char *const names[] = { "envelope" };
	struct span text;
	struct json at;

	NOTAR_TRY(json_proto_member(proof, "checkpoint", &at, err));
	NOTAR_TRY(json_proto_only(&at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(&at, "envelope", &text, err));
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: empty", at.path);
	out->cap = LIMIT_CHECKPOINT_BYTES;
	buf_append_span(out, text);
	return buf_finish(out, at.path, err);
}

static enum notar_code
read_proof(const struct json *entry, struct log_entry *out, struct notar_error *err)
{
	static const char *const names[] = { "logIndex", "rootHash", "treeSize", "hashes",
					     "checkpoint" };
	struct log_proof *proof = &out->proof;
	struct json at, root;

	NOTAR_TRY(json_proto_optional(entry, "inclusionProof", &at, err));
	if (at.value == NULL)
		return NOTAR_OK;
	NOTAR_TRY(json_proto_only(&at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(read_place(&at, "logIndex", &proof->index, err));
	NOTAR_TRY(read_place(&at, "treeSize", &proof->size, err));
	NOTAR_TRY(json_proto_member(&at, "rootHash", &root, err));
	NOTAR_TRY(read_hash(&root, proof->root, err));
	NOTAR_TRY(read_hashes(&at, &proof->hashes, err));
	NOTAR_TRY(read_checkpoint(&at, &proof->checkpoint, err));
	out->has_proof = true;
	return NOTAR_OK;
}

/* What the body says that it is, which is what it is. */
static enum notar_code
read_body_kind(const struct log_entry *entry, struct json_t **root, struct span *kind,
	       struct span *version, struct notar_error *err)
{
	static const char *const names[] = { "apiVersion", "kind", "spec" };
	const struct json_limits limits = { LIMIT_LOG_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct json top;

	NOTAR_TRY(json_parse(buf_span(&entry->body), limits, "log entry", root, &top, err));
	NOTAR_TRY(json_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(&top, "kind", kind, err));
	return json_member_string(&top, "apiVersion", version, err);
}

static enum notar_code
check_body(const struct log_entry *entry, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct span kind, version;

	NOTAR_TRY(read_body_kind(entry, &root, &kind, &version, err));
	if (!span_equal(kind, buf_span(&entry->kind)) ||
	    !span_equal(version, buf_span(&entry->version)))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "log entry: its body is of another kind than kindVersion");
	return NOTAR_OK;
}

enum notar_code
log_entry_read(const struct json *at, struct log_entry *out, struct notar_error *err)
{
	static const char *const names[] = { "logIndex",         "logId",
					     "kindVersion",      "integratedTime",
					     "inclusionPromise", "inclusionProof",
					     "canonicalizedBody" };
	NOTAR_AUTO_OF(log_entry) e = { 0 };
	struct json body;

	NOTAR_TRY(json_as_object(at, err));
	NOTAR_TRY(json_proto_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(read_place(at, "logIndex", &e.index, err));
	NOTAR_TRY(read_count(at, "integratedTime", &e.integrated_s, err));
	NOTAR_TRY(read_log_id(at, e.log_id, err));
	NOTAR_TRY(read_kind(at, &e, err));
	NOTAR_TRY(read_promise(at, &e, err));
	NOTAR_TRY(read_proof(at, &e, err));
	NOTAR_TRY(json_proto_member(at, "canonicalizedBody", &body, err));
	NOTAR_TRY(read_bytes(&body, LIMIT_LOG_BODY_BYTES, &e.body, err));
	NOTAR_TRY(check_body(&e, err));
	*out = e;
	e = (struct log_entry){ 0 };
	return NOTAR_OK;
}
