/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TRUSTED_ROOT_INTERNAL_H
#define PKI_TRUSTED_ROOT_INTERNAL_H

#include "base/json_proto.h"
#include "pki/trusted_root.h"

/* Appends a text; nothing when it is absent. */
NOTAR_MUST_USE enum notar_code
root_text(const struct json *object, const char *name, struct buf *out, struct notar_error *err);
/* Appends decoded bytes; they must be there and not be empty. */
NOTAR_MUST_USE enum notar_code
root_bytes(const struct json *object, const char *name, struct buf *out, struct notar_error *err);
/* "validFor", whose ends are open where they are absent; has_start says which was there. */
NOTAR_MUST_USE enum notar_code root_validity(const struct json *object, struct validity *out,
					     bool *has_start, struct notar_error *err);

void root_log_release(struct root_log *log);
void root_authority_release(struct root_authority *authority);

/* *is_known is false, and nothing is kept, for a key of a kind that notar does not know. */
NOTAR_MUST_USE enum notar_code
root_log_read(const struct json *at, struct root_log *out, bool *is_known, struct notar_error *err);
NOTAR_MUST_USE enum notar_code
root_authority_read(const struct json *at, bool is_tsa, struct root_authority *out,
		    struct notar_error *err);

#endif
