/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_OBJECTS_H
#define STORE_OBJECTS_H

#include "store/env.h"

/* Table "objects": fetched bytes that may be needed again, by their SHA-256 (32 bytes). */
#define OBJECT_ID_BYTES 32

void object_id(struct span bytes, uint8_t out[OBJECT_ID_BYTES]);

/* NOTAR_E_NOT_FOUND; NOTAR_E_DIGEST when the bytes are not those any more. Borrowed. */
NOTAR_MUST_USE enum notar_code
object_get(struct store_reader *reader, const uint8_t id[OBJECT_ID_BYTES], struct span *out,
	   struct notar_error *err);
/* NOTAR_E_USAGE over LIMIT_STORE_OBJECT_BYTES. */
NOTAR_MUST_USE enum notar_code
object_put(struct store_write *write, struct span bytes, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
object_delete(struct store_write *write, const uint8_t id[OBJECT_ID_BYTES],
	      struct notar_error *err);

#endif
