/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "store/env.h"

/* An absent counter stands at 0. */
static enum notar_code
read_counter(struct store_reader *reader, const char *name, uint64_t *out, struct notar_error *err)
{
	struct span row;
	enum notar_code code = store_get(reader, TABLE_META, span_str(name), &row, err);

	*out = 0;
	if (code != NOTAR_OK)
		return code == NOTAR_E_NOT_FOUND ? NOTAR_OK : code;
	struct reader r = { .rest = row };
	uint64_t value = reader_be(&r, 8);

	if (reader_finish(&r, name, err) != NOTAR_OK || value == UINT64_MAX)
		return notar_fail(err, NOTAR_E_STORE, "the counter \"%s\" is damaged", name);
	*out = value;
	return NOTAR_OK;
}

uint64_t
store_counter(struct store_reader *reader, const char *name)
{
	struct notar_error err;
	uint64_t value;

	return read_counter(reader, name, &value, &err) == NOTAR_OK ? value : 0;
}

enum notar_code
store_bump_counter(struct store_write *write, const char *name, uint64_t *out,
		   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) row = { 0 };
	uint64_t value;

	NOTAR_TRY(read_counter(store_write_reader(write), name, &value, err));
	buf_append_be(&row, ++value, 8);
	NOTAR_TRY(buf_finish(&row, name, err));
	NOTAR_TRY(store_put(write, TABLE_META, span_str(name), buf_span(&row), err));
	*out = value;
	return NOTAR_OK;
}

uint64_t
store_trust_generation(struct store_reader *reader)
{
	return store_counter(reader, META_TRUST_GENERATION);
}
