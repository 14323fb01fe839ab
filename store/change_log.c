/* SPDX-License-Identifier: Apache-2.0 */
#include "store/change_log.h"

#include <unistd.h>

#include "base/buf.h"

#define ROW_VERSION 1
#define META_LOG_NUMBER "log number"

const char *
change_action_name(enum change_action action)
{
	switch (action) {
	case CHANGE_KEY_ADDED:
		return "key_added";
	case CHANGE_KEY_STAGED:
		return "key_staged";
	case CHANGE_KEY_ACTIVATED:
		return "key_activated";
	case CHANGE_KEY_RETIRED:
		return "key_retired";
	case CHANGE_KEY_REVOKED:
		return "key_revoked";
	case CHANGE_KEY_COMPROMISED:
		return "key_compromised";
	case CHANGE_KEY_EDITED:
		return "key_edited";
	case CHANGE_POLICY:
		return "policy_imported";
	}
	return "unknown";
}

enum notar_code
change_log_append(struct store_write *write, enum change_action action, const uint8_t subject[32],
		  int64_t at_s, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) key = { 0 };
	NOTAR_AUTO_OF(buf) row = { 0 };
	uint64_t number;

	NOTAR_TRY(store_bump_counter(write, META_LOG_NUMBER, &number, err));
	buf_append_be(&key, number, 8);
	buf_append_byte(&row, ROW_VERSION);
	buf_append_byte(&row, (uint8_t)action);
	buf_append_be(&row, (uint64_t)at_s, 8);
	buf_append_be(&row, getuid(), 4);
	buf_append(&row, subject, 32);
	NOTAR_TRY(buf_finish(&key, "log key", err));
	NOTAR_TRY(buf_finish(&row, "log row", err));
	return store_put(write, TABLE_LOG, buf_span(&key), buf_span(&row), err);
}

enum notar_code
change_decode(struct span key, struct span row, struct change *out, struct notar_error *err)
{
	struct reader k = { .rest = key }, r = { .rest = row };
	uint64_t number = reader_be(&k, 8);
	uint64_t version = reader_be(&r, 1);
	uint64_t action = reader_be(&r, 1);
	uint64_t at = reader_be(&r, 8);
	uint64_t uid = reader_be(&r, 4);
	struct span subject = reader_take(&r, 32);

	if (reader_finish(&k, "log key", err) != NOTAR_OK ||
	    reader_finish(&r, "log row", err) != NOTAR_OK || version != ROW_VERSION ||
	    action < CHANGE_KEY_ADDED || action > CHANGE_ACTION_LAST || at > INT64_MAX)
		return notar_fail(err, NOTAR_E_STORE, "a log row is not from this schema");
	*out = (struct change){ .number = number,
				.action = (enum change_action)action,
				.at_s = (int64_t)at,
				.uid = (uint32_t)uid };
	memcpy(out->subject, subject.ptr, 32);
	return NOTAR_OK;
}

struct each {
	change_visit *visit;
	void *context;
	enum notar_code code;
	struct notar_error *err;
};

static bool
visit_row(void *context, struct span key, struct span row)
{
	struct each *each = context;
	struct change change;

	each->code = change_decode(key, row, &change, each->err);
	return each->code == NOTAR_OK && each->visit(each->context, &change);
}

enum notar_code
change_log_each(struct store_reader *reader, uint64_t from, change_visit *visit, void *context,
		struct notar_error *err)
{
	struct each each = { visit, context, NOTAR_OK, err };
	NOTAR_AUTO_OF(buf) key = { 0 };

	buf_append_be(&key, from, 8);
	NOTAR_TRY(buf_finish(&key, "log key", err));
	NOTAR_TRY(store_each(reader, TABLE_LOG, (struct span){ 0 }, buf_span(&key), visit_row,
			     &each, err));
	return each.code;
}
