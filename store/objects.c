/* SPDX-License-Identifier: Apache-2.0 */
#include "store/objects.h"

#include "base/digest.h"
#include "base/limits.h"

void
object_id(struct span bytes, uint8_t out[OBJECT_ID_BYTES])
{
	struct notar_digest digest = digest_of(NOTAR_SHA256, bytes);

	memcpy(out, digest.bytes, OBJECT_ID_BYTES);
}

enum notar_code
object_get(struct store_reader *reader, const uint8_t id[OBJECT_ID_BYTES], struct span *out,
	   struct notar_error *err)
{
	uint8_t actual[OBJECT_ID_BYTES];
	struct span row;

	NOTAR_TRY(store_get(reader, TABLE_OBJECTS, span_of(id, OBJECT_ID_BYTES), &row, err));
	object_id(row, actual);
	if (memcmp(actual, id, OBJECT_ID_BYTES) != 0)
		return notar_fail(err, NOTAR_E_DIGEST, "a stored object is damaged");
	*out = row;
	return NOTAR_OK;
}

enum notar_code
object_put(struct store_write *write, struct span bytes, struct notar_error *err)
{
	uint8_t id[OBJECT_ID_BYTES];

	if (bytes.len > LIMIT_STORE_OBJECT_BYTES)
		return notar_fail(err, NOTAR_E_USAGE, "too large an object to store");
	object_id(bytes, id);
	return store_put(write, TABLE_OBJECTS, span_of(id, sizeof(id)), bytes, err);
}

enum notar_code
object_delete(struct store_write *write, const uint8_t id[OBJECT_ID_BYTES], struct notar_error *err)
{
	return store_delete(write, TABLE_OBJECTS, span_of(id, OBJECT_ID_BYTES), err);
}
