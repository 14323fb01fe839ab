/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"
#include "envelope/log_entry.h"

/* Cosign's annotation dev.sigstore.cosign/bundle (section 1.2): JSON as Go writes its structs, so
 * numbers are numbers, and the log's id is in hexadecimal. It has a promise and no proof. */

static enum notar_code
read_base64(const struct json *object, const char *name, struct buf *out, struct notar_error *err)
{
	struct span text;

	NOTAR_TRY(json_member_string(object, name, &text, err));
	NOTAR_TRY(base64_decode(text, out, name, err));
	if (out->len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s.%s: empty", object->path, name);
	return NOTAR_OK;
}

static enum notar_code
read_payload(const struct json *top, struct log_entry *out, struct notar_error *err)
{
	static const char *const names[] = { "body", "integratedTime", "logIndex", "logID" };
	int64_t index = 0;
	struct span id;
	struct json at;

	NOTAR_TRY(json_member(top, "Payload", &at, err));
	NOTAR_TRY(json_only(&at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_int(&at, "integratedTime", 0, INT64_MAX, &out->integrated_s, err));
	NOTAR_TRY(json_member_int(&at, "logIndex", 0, INT64_MAX, &index, err));
	NOTAR_TRY(json_member_string(&at, "logID", &id, err));
	NOTAR_TRY(hex_decode(id, out->log_id, FACT_ID_BYTES, "logID", err));
	out->index = (uint64_t)index;
	return read_base64(&at, "body", &out->body, err);
}

/* Here only the body says of which kind it is. */
static enum notar_code
read_kind(struct log_entry *entry, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_LOG_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct span kind, version;
	struct json top;

	NOTAR_TRY(json_parse(buf_span(&entry->body), limits, "log entry", &root, &top, err));
	NOTAR_TRY(json_member_string(&top, "kind", &kind, err));
	NOTAR_TRY(json_member_string(&top, "apiVersion", &version, err));
	buf_append_span(&entry->kind, kind);
	buf_append_span(&entry->version, version);
	NOTAR_TRY(buf_finish(&entry->kind, "log entry", err));
	return buf_finish(&entry->version, "log entry", err);
}

enum notar_code
log_entry_read_annotation(struct span text, struct log_entry *out, struct notar_error *err)
{
	static const char *const names[] = { "SignedEntryTimestamp", "Payload" };
	const struct json_limits limits = { 2 * LIMIT_LOG_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	NOTAR_AUTO_OF(log_entry) e = { .has_promise = true };
	struct json top;

	NOTAR_TRY(json_parse(text, limits, "log annotation", &root, &top, err));
	NOTAR_TRY(json_only(&top, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(read_base64(&top, names[0], &e.promise, err));
	if (e.promise.len > LIMIT_SIGNATURE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "log annotation: a signature of %zu bytes",
				  e.promise.len);
	NOTAR_TRY(read_payload(&top, &e, err));
	NOTAR_TRY(read_kind(&e, err));
	*out = e;
	e = (struct log_entry){ 0 };
	return NOTAR_OK;
}
