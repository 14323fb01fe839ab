/* SPDX-License-Identifier: Apache-2.0 */
#include "store/facts.h"

#include "store/table.h"

#define KEY_BYTES (TABLE_DIGEST_BYTES + FACT_ID_BYTES)

static struct span
make_key(const struct notar_digest *subject, const uint8_t sig_id[FACT_ID_BYTES],
	 uint8_t out[KEY_BYTES])
{
	size_t len = table_make_digest(subject, out);

	memcpy(out + len, sig_id, FACT_ID_BYTES);
	return (struct span){ out, len + FACT_ID_BYTES };
}

enum notar_code
fact_row_get(struct store_reader *reader, const struct notar_digest *subject,
	     const uint8_t sig_id[FACT_ID_BYTES], struct span *row, struct notar_error *err)
{
	uint8_t key[KEY_BYTES];
	struct span found;
	struct fact fact;

	NOTAR_TRY(store_get(reader, TABLE_FACTS, make_key(subject, sig_id, key), &found, err));
	NOTAR_TRY(fact_decode(found, &fact, err));
	if (!notar_digest_equal(&fact.subject, subject) ||
	    memcmp(fact.sig_id, sig_id, FACT_ID_BYTES) != 0)
		return notar_fail(err, NOTAR_E_STORE, "a fact's row is about something else");
	*row = found;
	return NOTAR_OK;
}

enum notar_code
fact_row_put(struct store_write *write, const struct notar_digest *subject,
	     const uint8_t sig_id[FACT_ID_BYTES], struct span row, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) united = { 0 };
	uint8_t key[KEY_BYTES];
	struct span at = make_key(subject, sig_id, key), earlier;

	if (store_get(store_write_reader(write), TABLE_FACTS, at, &earlier, NULL) != NOTAR_OK)
		return store_put(write, TABLE_FACTS, at, row, err);
	fact_unite(row, earlier, &united);
	NOTAR_TRY(buf_finish(&united, "fact", err));
	return store_put(write, TABLE_FACTS, at, buf_span(&united), err);
}

enum notar_code
fact_row_delete(struct store_write *write, const struct notar_digest *subject,
		const uint8_t sig_id[FACT_ID_BYTES], struct notar_error *err)
{
	uint8_t key[KEY_BYTES];

	return store_delete(write, TABLE_FACTS, make_key(subject, sig_id, key), err);
}
