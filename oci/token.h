/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OCI_TOKEN_H
#define OCI_TOKEN_H

#include "base/buf.h"
#include "base/secret.h"

/* What a token service answers (distribution token specification, OAuth 2; section 4.2). */
struct token {
	struct secret value; /* visible ASCII: it goes into a header */
	int64_t lifetime_s;
};
void token_release(struct token *token);

/* NOTAR_E_FORMAT when there is no usable token in it, NOTAR_E_LIMIT. */
NOTAR_MUST_USE enum notar_code
token_parse(struct span body, struct token *out, struct notar_error *err);

#endif
