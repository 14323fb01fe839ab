/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_NOTARY_PAYLOAD_H
#define ENVELOPE_NOTARY_PAYLOAD_H

#include "base/json.h"
#include "envelope/statement.h"

/* The payload of Notary Project signatures: a descriptor (specs/notary-project.md section 3).
 * Pure. */
struct notary_payload {
	struct json_t *root;
	struct span media_type;
	struct span digest; /* as text: of a blob it may be sha384 */
	int64_t size;
	struct json annotations; /* value NULL when absent */
};
void notary_payload_release(struct notary_payload *payload);

/* NOTAR_E_FORMAT. Members it does not know are ignored, as notation does. */
NOTAR_MUST_USE enum notar_code
notary_payload_read(struct span bytes, struct notary_payload *out, struct notar_error *err);

/* Appends the payload. The caller has checked the annotations. */
void notary_payload_write(const char *media_type, const char *digest, int64_t size,
			  const struct annotation *annotations, size_t count, struct buf *out);

/* NOTAR_E_USAGE for user metadata that may not be: reserved, empty, or twice. */
NOTAR_MUST_USE enum notar_code
notary_metadata_check(const struct annotation *annotations, size_t count, struct notar_error *err);

#endif
