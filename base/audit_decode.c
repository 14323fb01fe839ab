/* SPDX-License-Identifier: Apache-2.0 */
#include "base/audit.h"
#include "base/clock.h"
#include "base/codec.h"
#include "base/json.h"

/* Reading one record of the audit log, and following their chain. */

#define TIME_CHARS (AUDIT_TIME_BYTES - 1)

static const uint8_t zeros[SHA256_BYTES];

void
audit_record_release(struct audit_record *record)
{
	json_root_free(record->root);
	*record = (struct audit_record){ 0 };
}

static bool
take_hex(struct reader *r, const char *opens, uint8_t out[SHA256_BYTES])
{
	struct span word = reader_take(r, strlen(opens));
	struct span hex = reader_take(r, AUDIT_HEX_BYTES);
	struct span quote = reader_take(r, 1);

	return !r->failed && span_is(word, opens) && span_is(quote, "\"") &&
	       hex_decode(hex, out, SHA256_BYTES, "hash", NULL) == NOTAR_OK;
}

/* Both hashes stand at fixed places from the end; nothing is parsed before they fit. */
static enum notar_code
check_hash(struct span line, struct audit_record *out, struct notar_error *err)
{
	size_t hash_part = strlen(AUDIT_HASH_OPENS) + AUDIT_HEX_BYTES + 2;
	size_t prev_part = strlen(AUDIT_PREV_OPENS) + AUDIT_HEX_BYTES + 1;
	uint8_t want[SHA256_BYTES];

	if (line.len >= AUDIT_LINE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "over %u bytes", AUDIT_LINE_BYTES);
	if (line.len < hash_part + prev_part)
		return notar_fail(err, NOTAR_E_FORMAT, "not a record: too short");
	struct reader r = { .rest = span_from(line, line.len - hash_part - prev_part) };

	if (!take_hex(&r, AUDIT_PREV_OPENS, out->prev) ||
	    !take_hex(&r, AUDIT_HASH_OPENS, out->hash) || !span_is(r.rest, "}"))
		return notar_fail(err, NOTAR_E_FORMAT, "not a record: no prev and hash at its end");
	audit_hash(out->prev, span_of(line.ptr, line.len - hash_part), want);
	if (memcmp(want, out->hash, SHA256_BYTES) != 0)
		return notar_fail(err, NOTAR_E_FORMAT, "the hash does not fit the record");
	return NOTAR_OK;
}

static enum notar_code
read_field(const struct json *value, const char *name, struct audit_record *out,
	   struct notar_error *err)
{
	if (audit_is_own(name))
		return NOTAR_OK;
	if (out->count == AUDIT_FIELDS)
		return notar_fail(err, NOTAR_E_LIMIT, "over %d fields", AUDIT_FIELDS);
	struct audit_field *field = &out->fields[out->count++];

	field->name = name;
	field->kind = json_holds_string(value) ? AUDIT_SPAN : AUDIT_INT;
	if (field->kind == AUDIT_SPAN)
		return json_as_string(value, &field->span, err);
	return json_as_int(value, INT64_MIN, INT64_MAX, &field->number, err);
}

static enum notar_code
read_members(const struct json *top, struct audit_record *out, struct notar_error *err)
{
	struct json value;
	const char *name;
	void *cursor = NULL;
	int64_t seq, time_s;

	NOTAR_TRY(json_member_int(top, "seq", 1, INT64_MAX, &seq, err));
	NOTAR_TRY(json_member_string(top, "time", &out->time, err));
	NOTAR_TRY(json_member_string(top, "event", &out->event, err));
	while (json_next_member(top, &cursor, &name, &value))
		NOTAR_TRY(read_field(&value, name, out, err));
	NOTAR_TRY(clock_parse_rfc3339(out->time, &time_s, err));
	if (out->time.len != TIME_CHARS)
		return notar_fail(err, NOTAR_E_FORMAT, "not a time with milliseconds, UTC");
	unsigned ms = 0;

	for (size_t i = 20; i < 23; i++)
		ms = ms * 10 + (unsigned)(out->time.ptr[i] - '0') % 10;
	out->seq = (uint64_t)seq;
	out->time_ms = time_s * 1000 + (int64_t)ms;
	return NOTAR_OK;
}

/* Order of members, blanks, escapes: whatever differs from what the writer writes shows here. */
static enum notar_code
check_spelling(struct span line, const struct audit_record *record, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) body = { .cap = AUDIT_LINE_BYTES };
	NOTAR_AUTO_OF(buf) again = { .cap = (size_t)2 * AUDIT_LINE_BYTES };
	NOTAR_AUTO_CHARS *event = span_dup(record->event);
	uint8_t hash[SHA256_BYTES];

	if (event == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for an event");
	if (audit_encode_body(&body, event, record->fields, record->count, err) != NOTAR_OK)
		return notar_fail(err, NOTAR_E_FORMAT, "not a record's members");
	memcpy(hash, record->prev, SHA256_BYTES);
	audit_encode(&again, record->seq, record->time_ms, buf_span(&body), hash);
	buf_cut(&again, again.len - (again.len > 0 ? 1 : 0));
	NOTAR_TRY(buf_finish(&again, "a record", err));
	if (!span_equal(buf_span(&again), line))
		return notar_fail(err, NOTAR_E_FORMAT, "not a record as it is written");
	return NOTAR_OK;
}

enum notar_code
audit_decode(struct span line, struct audit_record *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(audit_record) record = { 0 };
	struct json top;

	NOTAR_TRY(check_hash(line, &record, err));
	NOTAR_TRY(json_parse(line, (struct json_limits){ AUDIT_LINE_BYTES, 1 }, "record",
			     &record.root, &top, err));
	NOTAR_TRY(read_members(&top, &record, err));
	NOTAR_TRY(check_spelling(line, &record, err));
	*out = record;
	record = (struct audit_record){ 0 };
	return NOTAR_OK;
}

struct span
audit_record_text(const struct audit_record *record, const char *name)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->fields[i].kind == AUDIT_SPAN &&
		    strcmp(record->fields[i].name, name) == 0)
			return record->fields[i].span;
	return (struct span){ 0 };
}

enum notar_code
audit_chain_add(struct audit_chain *chain, const struct audit_record *r, struct notar_error *err)
{
	if (chain->count > 0 && r->seq != chain->seq + 1)
		return notar_fail(err, NOTAR_E_FORMAT, "record %llu follows record %llu",
				  (unsigned long long)r->seq, (unsigned long long)chain->seq);
	if (chain->count > 0 && memcmp(r->prev, chain->hash, SHA256_BYTES) != 0)
		return notar_fail(err, NOTAR_E_FORMAT,
				  "record %llu is not chained to the one before it",
				  (unsigned long long)r->seq);
	if ((r->seq == 1) != (memcmp(r->prev, zeros, SHA256_BYTES) == 0))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "record %llu: the first record, and no other, starts a chain",
				  (unsigned long long)r->seq);
	if (chain->count == 0) {
		chain->first_seq = r->seq;
		chain->first_ms = r->time_ms;
		memcpy(chain->first_prev, r->prev, SHA256_BYTES);
	}
	chain->count++;
	chain->seq = r->seq;
	chain->last_ms = r->time_ms;
	memcpy(chain->hash, r->hash, SHA256_BYTES);
	return NOTAR_OK;
}
