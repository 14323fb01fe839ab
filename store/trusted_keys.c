/* SPDX-License-Identifier: Apache-2.0 */
#include "store/trusted_keys.h"

#include "base/digest.h"
#include "store/env.h"
#include "store/table.h"

#define ROW_VERSION 1

const char *
trusted_key_status_name(enum trusted_key_status status)
{
	switch (status) {
	case TRUSTED_KEY_STAGED:
		return "staged";
	case TRUSTED_KEY_ACTIVE:
		return "active";
	case TRUSTED_KEY_RETIRED:
		return "retired";
	case TRUSTED_KEY_REVOKED:
		return "revoked";
	case TRUSTED_KEY_COMPROMISED:
		return "compromised";
	}
	return "unknown";
}

static void
put_text(struct buf *out, struct span text)
{
	buf_append_be(out, text.len, 2);
	buf_append_span(out, text);
}

void
trusted_key_encode(const struct trusted_key *key, struct buf *out)
{
	buf_append_byte(out, ROW_VERSION);
	buf_append_byte(out, (uint8_t)key->status);
	buf_append_be(out, (uint64_t)key->not_before_s, 8);
	buf_append_be(out, (uint64_t)key->not_after_s, 8);
	buf_append_be(out, (uint64_t)key->compromised_since_s, 8);
	buf_append_be(out, (uint64_t)key->added_s, 8);
	buf_append_be(out, (uint64_t)key->changed_s, 8);
	put_text(out, key->signer);
	put_text(out, key->origin);
	put_text(out, key->spki);
}

static struct span
take_text(struct reader *r)
{
	return reader_take(r, (size_t)reader_be(r, 2));
}

enum notar_code
trusted_key_decode(struct span id, struct span row, struct trusted_key *out,
		   struct notar_error *err)
{
	struct reader r = { .rest = row };
	struct trusted_key key = { 0 };
	uint64_t version = reader_be(&r, 1);
	uint64_t status = reader_be(&r, 1);

	key.not_before_s = table_take_time(&r);
	key.not_after_s = table_take_time(&r);
	key.compromised_since_s = table_take_time(&r);
	key.added_s = table_take_time(&r);
	key.changed_s = table_take_time(&r);
	key.signer = take_text(&r);
	key.origin = take_text(&r);
	key.spki = take_text(&r);
	if (reader_finish(&r, "key row", err) != NOTAR_OK || version != ROW_VERSION ||
	    status < TRUSTED_KEY_STAGED || status > TRUSTED_KEY_STATUS_LAST ||
	    key.signer.len > LIMIT_SIGNER_CHARS || key.origin.len == 0 ||
	    key.origin.len > LIMIT_ORIGIN_CHARS || id.len != TRUSTED_KEY_ID_BYTES)
		return notar_fail(err, NOTAR_E_STORE, "a key's row is not from this schema");
	memcpy(key.id, id.ptr, TRUSTED_KEY_ID_BYTES);
	key.status = (enum trusted_key_status)status;
	*out = key;
	return NOTAR_OK;
}

enum notar_code
trusted_key_get(struct store_reader *reader, const uint8_t id[TRUSTED_KEY_ID_BYTES],
		struct trusted_key *out, struct notar_error *err)
{
	struct span key = { id, TRUSTED_KEY_ID_BYTES }, row;

	NOTAR_TRY(store_get(reader, TABLE_KEYS, key, &row, err));
	return trusted_key_decode(key, row, out, err);
}

struct each {
	trusted_key_visit *visit;
	void *context;
	enum notar_code code;
	struct notar_error *err;
};

/* Whoever takes keys to verify with gets those that the rows are named after. A look-up by id
 * asks for a status only, and is spared the hash. */
static enum notar_code
check_spki(const struct trusted_key *key, struct notar_error *err)
{
	struct notar_digest hash = digest_of(NOTAR_SHA256, key->spki);

	return memcmp(hash.bytes, key->id, TRUSTED_KEY_ID_BYTES) == 0 ?
		       NOTAR_OK :
		       notar_fail(err, NOTAR_E_STORE, "a key's row holds another key");
}

static bool
visit_row(void *context, struct span id, struct span row)
{
	struct each *each = context;
	struct trusted_key key;

	each->code = trusted_key_decode(id, row, &key, each->err);
	if (each->code == NOTAR_OK)
		each->code = check_spki(&key, each->err);
	return each->code == NOTAR_OK && each->visit(each->context, &key);
}

enum notar_code
trusted_keys_each(struct store_reader *reader, trusted_key_visit *visit, void *context,
		  struct notar_error *err)
{
	struct each each = { visit, context, NOTAR_OK, err };

	NOTAR_TRY(store_each(reader, TABLE_KEYS, (struct span){ 0 }, (struct span){ 0 }, visit_row,
			     &each, err));
	return each.code;
}
