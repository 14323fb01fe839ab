/* SPDX-License-Identifier: Apache-2.0 */
#include "store/policy_row.h"

#include "base/buf.h"
#include "base/digest.h"
#include "store/change_log.h"

/* Row: SHA-256 of the document (32), then the document. */
#define HASH_BYTES 32

uint64_t
policy_row_generation(struct store_reader *reader)
{
	return store_counter(reader, META_POLICY_GENERATION);
}

enum notar_code
policy_row_get(struct store_reader *reader, struct policy_row *out, struct notar_error *err)
{
	struct span row;

	NOTAR_TRY(store_get(reader, TABLE_META, span_str(META_POLICY), &row, err));
	struct reader r = { .rest = row };
	struct span hash = reader_take(&r, HASH_BYTES);
	struct notar_digest actual = digest_of(NOTAR_SHA256, r.rest);

	if (r.failed || memcmp(actual.bytes, hash.ptr, HASH_BYTES) != 0)
		return notar_fail(err, NOTAR_E_STORE, "the stored policy is damaged");
	*out = (struct policy_row){ policy_row_generation(reader), r.rest };
	return NOTAR_OK;
}

static bool
is_there(struct store_write *write, struct span document)
{
	struct policy_row row;
	struct notar_error err;

	return policy_row_get(store_write_reader(write), &row, &err) == NOTAR_OK &&
	       span_equal(row.document, document);
}

enum notar_code
policy_row_put(struct store *store, struct span document, int64_t at_s, bool *changed,
	       struct notar_error *err)
{
	struct notar_digest hash = digest_of(NOTAR_SHA256, document);
	NOTAR_AUTO_OF(buf) row = { 0 };
	NOTAR_AUTO(store_write) *write = NULL;
	uint64_t generation;

	buf_append(&row, hash.bytes, HASH_BYTES);
	buf_append_span(&row, document);
	NOTAR_TRY(buf_finish(&row, "policy row", err));
	NOTAR_TRY(store_write_begin(store, STORE_SYNCED, &write, err));
	*changed = !is_there(write, document);
	if (!*changed)
		return NOTAR_OK;
	NOTAR_TRY(store_put(write, TABLE_META, span_str(META_POLICY), buf_span(&row), err));
	NOTAR_TRY(store_bump_counter(write, META_POLICY_GENERATION, &generation, err));
	NOTAR_TRY(change_log_append(write, CHANGE_POLICY, hash.bytes, at_s, err));
	return store_write_commit(NOTAR_TAKE(write), err);
}
