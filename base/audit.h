/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_AUDIT_H
#define BASE_AUDIT_H

#include "base/buf.h"
#include "base/digest.h"

/*
 * The audit log's records and their chain, as notar-audit(5) describes them. Pure: no files, no
 * clock; base/audit_file.h writes them, base/audit_read.h reads them.
 *
 * A record is one line of compact JSON with one spelling:
 *   {"seq":N,"time":"…Z","event":"…",fields…,"prev":"<64 hex>","hash":"<64 hex>"}
 * hash is SHA-256 over the 32 bytes of prev and the line up to, not including, `,"hash":`.
 * prev is the hash of the record before; the very first has zeros.
 */

#define AUDIT_LINE_BYTES (64U << 10) /* of one record, with its newline */
#define AUDIT_VALUE_BYTES 512        /* of a string as it stands in the line */
#define AUDIT_NAME_CHARS 32
#define AUDIT_FIELDS 32
#define AUDIT_TIME_BYTES 25 /* "2026-01-31T00:00:00.000Z" and its NUL */

/* How every line ends; the hash covers what stands before AUDIT_HASH_OPENS. */
#define AUDIT_PREV_OPENS ",\"prev\":\""
#define AUDIT_HASH_OPENS ",\"hash\":\""
#define AUDIT_HEX_BYTES ((size_t)2 * SHA256_BYTES)

/* A string that is too long is cut, not in the middle of a character; what is not UTF-8, and
 * NUL, becomes U+FFFD. A NULL str leaves the member out. */
struct audit_field {
	const char *name;
	enum { AUDIT_STR, AUDIT_SPAN, AUDIT_INT } kind;
	const char *str;
	struct span span;
	int64_t number;
};

#define AUDIT_F_STR(n, v) ((struct audit_field){ .name = (n), .kind = AUDIT_STR, .str = (v) })
#define AUDIT_F_SPAN(n, v) ((struct audit_field){ .name = (n), .kind = AUDIT_SPAN, .span = (v) })
#define AUDIT_F_INT(n, v) ((struct audit_field){ .name = (n), .kind = AUDIT_INT, .number = (v) })

/*
 * Appends what a caller says of a record, "event" and the fields: the part that needs neither
 * number nor chain. NOTAR_E_USAGE, with nothing appended, for over AUDIT_FIELDS fields, a name
 * that is not [A-Za-z][A-Za-z0-9_]*, is over AUDIT_NAME_CHARS, is the record's own or repeated.
 * NOTAR_E_NOMEM and NOTAR_E_LIMIT stick in the buf.
 */
NOTAR_MUST_USE enum notar_code
audit_encode_body(struct buf *out, const char *event, const struct audit_field *fields,
		  size_t count, struct notar_error *err);

/* Appends the whole line and its newline. hash holds the hash of the record before and, when
 * everything fitted, this record's afterwards. seq counts from 1. */
void audit_encode(struct buf *out, uint64_t seq, int64_t time_ms, struct span body,
		  uint8_t hash[SHA256_BYTES]);

/* The hash of a record: what it is chained to, and its line up to its hash. */
void audit_hash(const uint8_t prev[SHA256_BYTES], struct span covered, uint8_t out[SHA256_BYTES]);

/* A member that every record has, so no field's name. */
bool audit_is_own(const char *name);

/* Milliseconds since the epoch, UTC. Returns out. */
const char *audit_format_time(int64_t time_ms, char out[AUDIT_TIME_BYTES]);

/* One record that was read. Spans and names borrow from root. */
struct audit_record {
	uint64_t seq;
	int64_t time_ms;
	struct span time, event;
	struct audit_field fields[AUDIT_FIELDS]; /* AUDIT_SPAN or AUDIT_INT */
	size_t count;
	uint8_t prev[SHA256_BYTES], hash[SHA256_BYTES];
	struct json_t *root;
};

void audit_record_release(struct audit_record *record);

/*
 * Reads one line, given without its newline. Strict: the hash fits, and the bytes are just those
 * that audit_encode writes. NOTAR_E_FORMAT or NOTAR_E_LIMIT otherwise. *out, which the caller
 * releases, is written only on success.
 */
NOTAR_MUST_USE enum notar_code
audit_decode(struct span line, struct audit_record *out, struct notar_error *err);

/* The string of a field; an empty span with a NULL ptr when there is none. */
struct span audit_record_text(const struct audit_record *record, const char *name);

/* Where a chain stands. Zero it to start. */
struct audit_chain {
	uint64_t count;
	uint64_t first_seq, seq;
	int64_t first_ms, last_ms;
	uint8_t first_prev[SHA256_BYTES]; /* what the first record is chained to */
	uint8_t hash[SHA256_BYTES];
};

/* Takes the next record. NOTAR_E_FORMAT, with the chain unchanged, when it does not follow. A
 * chain may start at any record: older files may be archived elsewhere. */
NOTAR_MUST_USE enum notar_code
audit_chain_add(struct audit_chain *chain, const struct audit_record *record,
		struct notar_error *err);

#endif
