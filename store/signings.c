/* SPDX-License-Identifier: Apache-2.0 */
#include "store/signings.h"

#include "store/table.h"

#define ROW_VERSION 1

static struct span
make_key(const struct fact *fact, uint8_t out[SIGNING_KEY_BYTES])
{
	memcpy(out, fact->key_id, FACT_ID_BYTES);
	size_t len = FACT_ID_BYTES + table_make_digest(&fact->subject, out + FACT_ID_BYTES);

	memcpy(out + len, fact->sig_id, FACT_ID_BYTES);
	return (struct span){ out, len + FACT_ID_BYTES };
}

enum notar_code
signing_put(struct store_write *write, const struct fact *fact, struct notar_error *err)
{
	static const uint8_t version = ROW_VERSION;
	uint8_t key[SIGNING_KEY_BYTES];

	return store_put(write, TABLE_SIGNINGS, make_key(fact, key), span_of(&version, 1), err);
}

enum notar_code
signing_delete(struct store_write *write, const struct fact *fact, struct notar_error *err)
{
	uint8_t key[SIGNING_KEY_BYTES];

	return store_delete(write, TABLE_SIGNINGS, make_key(fact, key), err);
}

struct walk {
	signing_visit *visit;
	void *context;
	struct span after;
};

static bool
visit_row(void *context, struct span key, struct span row)
{
	struct walk *walk = context;
	struct reader r = { .rest = key };
	struct notar_digest subject;
	struct notar_error err;

	(void)row;
	if (span_equal(key, walk->after))
		return true;
	(void)reader_take(&r, FACT_ID_BYTES);
	table_take_digest(&r, &subject);
	(void)reader_take(&r, FACT_ID_BYTES);
	if (reader_finish(&r, "signing key", &err) != NOTAR_OK || subject.alg == NOTAR_DIGEST_NONE)
		return true;
	return walk->visit(walk->context, &subject, key);
}

enum notar_code
signings_each(struct store_reader *reader, const uint8_t key_id[FACT_ID_BYTES], struct span after,
	      signing_visit *visit, void *context, struct notar_error *err)
{
	struct walk walk = { visit, context, after };

	return store_each(reader, TABLE_SIGNINGS, span_of(key_id, FACT_ID_BYTES), after, visit_row,
			  &walk, err);
}
