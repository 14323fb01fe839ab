/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_PLUGIN_TABLE_H
#define VERIFIER_PLUGIN_TABLE_H

#include "trust/evaluate_plugin.h"

/*
 * What plugins have answered, for a while and in memory only: a plugin's yes may rest on what was
 * true that minute, so it is not written down. Bounded: what is old makes room. No lock of its own;
 * times are milliseconds of the monotonic clock, given by the caller.
 */
#define PLUGIN_ANSWER_MS (10 * 60 * 1000)
#define PLUGIN_FAILURE_MS 5000 /* long enough that a question is not put to it twice */

struct plugin_table;
struct plugin_table *plugin_table_new(void); /* NULL: no memory */
void plugin_table_free(struct plugin_table *table);
NOTAR_AUTO_DEFINE(plugin_table)

/* An answer, or a failure, from now on. Replaces what was there. */
void plugin_table_put(struct plugin_table *table, const uint8_t key[PLUGIN_KEY_BYTES],
		      const struct plugin_answer *answer, int64_t now_ms);

/* False, and *out zeroed, for what is not there or has run out. */
bool plugin_table_get(const struct plugin_table *table, const uint8_t key[PLUGIN_KEY_BYTES],
		      int64_t now_ms, struct plugin_answer *out);

#endif
