/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

/*
 * The only way JSON enters and leaves notar.
 *
 * Reading is strict: a cap on bytes and on depth before anything is built, duplicate names
 * rejected, no NUL in strings, nothing behind the document. Typed getters name the path of
 * what is wrong ("layers[2].digest: not a string").
 *
 * Writing is a stream of calls onto a struct buf: compact, members in the order written, so
 * that what gets signed is the same bytes every time.
 */

#define JSON_PATH_BYTES 160

/* jansson's value; only base/json.c includes its header. */
struct json_t;

/* A place in a document: a borrowed value and its path for messages. value is NULL for
 * "absent". Valid while the document's root lives. Cheap to copy. */
struct json {
	struct json_t *value;
	char path[JSON_PATH_BYTES];
};

void json_root_free(struct json_t *root); /* NULL is allowed */
NOTAR_AUTO_FOREIGN(json_root, struct json_t, json_root_free)
/* Owner of a document: NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL; */

struct json_limits {
	size_t bytes;
	unsigned depth;
};

/* NOTAR_E_LIMIT for too large or too deep, NOTAR_E_FORMAT for anything else. The caller owns
 * *root (json_root_free) and *top borrows from it. what ("manifest") opens each message. */
NOTAR_MUST_USE enum notar_code
json_parse(struct span text, struct json_limits limits, const char *what, struct json_t **root,
	   struct json *top, struct notar_error *err);

/* A member that must be there and not null. */
NOTAR_MUST_USE enum notar_code
json_member(const struct json *object, const char *name, struct json *out, struct notar_error *err);

/* A member that may be absent or null: out->value is NULL then. NOTAR_E_FORMAT only when
 * object is not an object. */
NOTAR_MUST_USE enum notar_code json_optional(const struct json *object, const char *name,
					     struct json *out, struct notar_error *err);

/* Whether an object has the member, be it null. */
bool json_has(const struct json *object, const char *name);

/* NOTAR_E_FORMAT naming the first member that is not in names[0..count). */
NOTAR_MUST_USE enum notar_code json_only(const struct json *object, const char *const *names,
					 size_t count, struct notar_error *err);

/* Borrowed UTF-8, without a NUL inside; lives as long as the root. */
NOTAR_MUST_USE enum notar_code
json_as_string(const struct json *at, struct span *out, struct notar_error *err);
/* The same as a C string (jansson keeps one). */
NOTAR_MUST_USE enum notar_code
json_as_cstr(const struct json *at, const char **out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
json_as_int(const struct json *at, int64_t min, int64_t max, int64_t *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
json_as_bool(const struct json *at, bool *out, struct notar_error *err);
/* Counts items or members; NOTAR_E_FORMAT when at is not an array (object). */
NOTAR_MUST_USE enum notar_code
json_as_array(const struct json *at, size_t max, size_t *count, struct notar_error *err);
NOTAR_MUST_USE enum notar_code json_as_object(const struct json *at, struct notar_error *err);
/* The i-th item of an array that json_as_array has counted. */
struct json json_item(const struct json *array, size_t i);

/* Members in document order: start with *cursor = NULL; false at the end. */
bool
json_next_member(const struct json *object, void **cursor, const char **name, struct json *value);

/* What kind of value it is, for documents that allow several. */
bool json_holds_string(const struct json *at);
bool json_holds_array(const struct json *at);
bool json_holds_object(const struct json *at);

/* Shorthands: member and type in one. The optional ones give `fallback` when absent. */
NOTAR_MUST_USE enum notar_code json_member_string(const struct json *object, const char *name,
						  struct span *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
json_optional_string(const struct json *object, const char *name, struct span *out,
		     struct notar_error *err); /* empty span with NULL ptr when absent */
NOTAR_MUST_USE enum notar_code
json_member_int(const struct json *object, const char *name, int64_t min, int64_t max, int64_t *out,
		struct notar_error *err);
NOTAR_MUST_USE enum notar_code
json_optional_int(const struct json *object, const char *name, int64_t min, int64_t max,
		  int64_t fallback, int64_t *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
json_optional_bool(const struct json *object, const char *name, bool fallback, bool *out,
		   struct notar_error *err);

/*
 * The writer. Commas are placed by looking at what was written last. Strings are escaped
 * minimally: quote, backslash, control characters; other UTF-8 as it is, invalid UTF-8 as
 * U+FFFD. Errors stick in the buf.
 */
void json_begin_object(struct buf *b);
void json_end_object(struct buf *b);
void json_begin_array(struct buf *b);
void json_end_array(struct buf *b);
void json_name(struct buf *b, const char *name);
void json_put_span(struct buf *b, struct span text);
void json_put_str(struct buf *b, const char *text); /* NULL writes null */
void json_put_int(struct buf *b, int64_t value);
void json_put_bool(struct buf *b, bool value);
void json_put_null(struct buf *b);
void json_put_raw(struct buf *b, struct span document); /* already JSON; empty writes null */
void json_put_base64(struct buf *b, struct span bytes); /* standard, padded, quoted */
/* "name":value in one. */
void json_pair_str(struct buf *b, const char *name, const char *text);
void json_pair_span(struct buf *b, const char *name, struct span text);
void json_pair_int(struct buf *b, const char *name, int64_t value);
void json_pair_bool(struct buf *b, const char *name, bool value);

/* Appends a jansson value compactly, members in their own order (for rewriting a document
 * whose unknown members must survive). */
void json_put_value(struct buf *b, const struct json_t *value);

#endif
