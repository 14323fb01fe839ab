/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_PULL_H
#define BASE_JSON_PULL_H

#include "base/json.h"

/*
 * A strict reader that builds nothing: for documents of which little is wanted and much comes, as
 * AdmissionReviews do. pull_check accepts just what json_parse accepts (a fuzz target holds the two
 * together): the whole document is checked once, names that stand twice included, wherever they
 * stand. Behind it values are looked up in the received bytes, and what is not asked for is
 * skipped.
 *
 * A value is a span that begins with it and ends with the document; an empty one is absent. Spans
 * borrow from the text.
 */

/* NOTAR_E_LIMIT, NOTAR_E_FORMAT or NOTAR_E_NOMEM, as json_parse. *top is an object or an array. */
NOTAR_MUST_USE enum notar_code
pull_check(struct span text, struct json_limits limits, const char *what, struct span *top,
	   struct notar_error *err);

/* All below: only in text that pull_check has accepted. */

enum pull_kind {
	PULL_ABSENT,
	PULL_NULL,
	PULL_BOOL,
	PULL_NUMBER,
	PULL_STRING,
	PULL_ARRAY,
	PULL_OBJECT
};
enum pull_kind pull_kind(struct span value);

/* The members of an object, or the items of an array, in order. *at starts as the value itself.
 * False at the end. name is what stands between its quotes, escapes and all. */
bool pull_next_member(struct span *at, struct span *name, struct span *value);
bool pull_next_item(struct span *at, struct span *value);

/* The values of these members in one pass; absent ones are empty. */
void pull_members(struct span object, const char *const *names, size_t count, struct span *values);
struct span pull_member(struct span object, const char *name);

/* The longest name that may be looked up. */
#define PULL_NAME_BYTES 42

/* Whether a name, as pull_next_member gives it, is this one. */
bool pull_name_is(struct span name, const char *text);

/* What a string stands for, written to out, which has room for as much as the string takes in the
 * text. Returns how many bytes. */
size_t pull_string(struct span value, uint8_t *out);
size_t pull_string_room(struct span value);

bool pull_is_true(struct span value);

#endif
