/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_PROTO_H
#define BASE_JSON_PROTO_H

#include "base/json.h"

/*
 * The Protobuf JSON mapping, as Sigstore's documents use it (specs/sigstore.md section 8.1): a
 * member may be written lowerCamelCase or in its original snake_case, null is absent, and 64-bit
 * integers are texts or numbers. Names here are given in lowerCamelCase.
 */

/* out->value is NULL when it is in neither spelling; in both, be one of them null, is
 * NOTAR_E_FORMAT. */
NOTAR_MUST_USE enum notar_code json_proto_optional(const struct json *object, const char *name,
						   struct json *out, struct notar_error *err);
NOTAR_MUST_USE enum notar_code json_proto_member(const struct json *object, const char *name,
						 struct json *out, struct notar_error *err);

/* As json_only, in either spelling. */
NOTAR_MUST_USE enum notar_code json_proto_only(const struct json *object, const char *const *names,
					       size_t count, struct notar_error *err);

#endif
