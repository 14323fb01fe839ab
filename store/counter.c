/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "store/env.h"

uint64_t
store_counter(struct store_reader *reader, const char *name)
{
	struct notar_error err;
	struct span row;

	if (store_get(reader, TABLE_META, span_str(name), &row, &err) != NOTAR_OK)
		return 0;
	struct reader r = { .rest = row };
	uint64_t value = reader_be(&r, 8);

	return reader_finish(&r, "counter", &err) == NOTAR_OK ? value : 0;
}

enum notar_code
store_bump_counter(struct store_write *write, const char *name, uint64_t *out,
		   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) row = { 0 };
	uint64_t value = store_counter(store_write_reader(write), name) + 1;

	buf_append_be(&row, value, 8);
	NOTAR_TRY(buf_finish(&row, "counter", err));
	NOTAR_TRY(store_put(write, TABLE_META, span_str(name), buf_span(&row), err));
	*out = value;
	return NOTAR_OK;
}

uint64_t
store_trust_generation(struct store_reader *reader)
{
	return store_counter(reader, META_TRUST_GENERATION);
}
