/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/env.h"

/*
 * What a store says of itself, in TABLE_META: its schema and the size of its map. A store of
 * another schema, older or newer, is refused as a whole: guessing at rows could allow.
 *
 * write is NULL to only read; else a store without a schema gets ours and *map. *map becomes
 * the recorded size. NOTAR_E_STORE for what is not a store of this schema.
 */
NOTAR_MUST_USE enum notar_code schema_agree(struct store_reader *reader, struct store_write *write,
					    uint64_t *map, struct notar_error *err);

#endif
