/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/plugin_table.h"

#include <stdlib.h>

/* Keys are hashes, so their first byte says which shelf; a shelf that is full gives up its oldest.
 * An answer that had to go is asked for again. */
#define SHELVES 256
#define PLACES 8

struct entry {
	uint8_t key[PLUGIN_KEY_BYTES];
	struct plugin_answer answer;
	int64_t put_ms, until_ms; /* until_ms 0: free */
};

struct plugin_table {
	struct entry entries[SHELVES][PLACES];
};

struct plugin_table *
plugin_table_new(void)
{
	return calloc(1, sizeof(struct plugin_table));
}

void
plugin_table_free(struct plugin_table *table)
{
	free(table);
}

static bool
is_for(const struct entry *e, const uint8_t key[PLUGIN_KEY_BYTES])
{
	return e->until_ms != 0 && memcmp(e->key, key, PLUGIN_KEY_BYTES) == 0;
}

static struct entry *
place_for(struct entry shelf[PLACES], const uint8_t key[PLUGIN_KEY_BYTES])
{
	struct entry *oldest = &shelf[0];

	for (size_t i = 0; i < PLACES; i++)
		if (is_for(&shelf[i], key))
			return &shelf[i];
	for (size_t i = 1; i < PLACES; i++)
		if (shelf[i].until_ms < oldest->until_ms)
			oldest = &shelf[i];
	return oldest;
}

void
plugin_table_put(struct plugin_table *table, const uint8_t key[PLUGIN_KEY_BYTES],
		 const struct plugin_answer *answer, int64_t now_ms)
{
	struct entry *to = place_for(table->entries[key[0]], key);

	*to = (struct entry){ .answer = *answer,
			      .put_ms = now_ms,
			      .until_ms = now_ms +
					  (answer->known ? PLUGIN_ANSWER_MS : PLUGIN_FAILURE_MS) };
	memcpy(to->key, key, PLUGIN_KEY_BYTES);
}

bool
plugin_table_get(const struct plugin_table *table, const uint8_t key[PLUGIN_KEY_BYTES],
		 int64_t now_ms, struct plugin_answer *out)
{
	const struct entry *shelf = table->entries[key[0]];

	*out = (struct plugin_answer){ 0 };
	for (size_t i = 0; i < PLACES; i++) {
		const struct entry *e = &shelf[i];

		/* A clock that runs backwards must not make an answer last. */
		if (!is_for(e, key) || now_ms < e->put_ms || now_ms >= e->until_ms)
			continue;
		*out = e->answer;
		return true;
	}
	return false;
}
