/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/token.h"

#include "base/json.h"
#include "base/limits.h"

#define DEFAULT_LIFETIME_S 60
#define LONGEST_LIFETIME_S (7 * 86400)

void
token_release(struct token *token)
{
	secret_release(&token->value);
}

static enum notar_code
check_chars(struct span text, struct notar_error *err)
{
	if (text.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "token answer: no token in it");
	if (text.len > LIMIT_TOKEN_CHARS)
		return notar_fail(err, NOTAR_E_LIMIT, "token answer: a token over %u characters",
				  LIMIT_TOKEN_CHARS);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7f)
			return notar_fail(err, NOTAR_E_FORMAT,
					  "token answer: a character that is none of a token's");
	return NOTAR_OK;
}

/* Services have been seen to answer 0: the default then. */
static enum notar_code
read_lifetime(const struct json *top, int64_t *out, struct notar_error *err)
{
	NOTAR_TRY(json_optional_int(top, "expires_in", INT64_MIN, INT64_MAX, DEFAULT_LIFETIME_S,
				    out, err));
	if (*out <= 0)
		*out = DEFAULT_LIFETIME_S;
	if (*out > LONGEST_LIFETIME_S)
		*out = LONGEST_LIFETIME_S;
	return NOTAR_OK;
}

enum notar_code
token_parse(struct span body, struct token *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	const struct json_limits limits = { LIMIT_TOKEN_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	struct json top;
	struct span text;
	int64_t lifetime = 0;

	NOTAR_TRY(json_parse(body, limits, "token answer", &root, &top, err));
	NOTAR_TRY(json_optional_string(&top, "access_token", &text, err));
	if (text.len == 0)
		NOTAR_TRY(json_optional_string(&top, "token", &text, err));
	NOTAR_TRY(check_chars(text, err));
	NOTAR_TRY(read_lifetime(&top, &lifetime, err));
	NOTAR_TRY(secret_copy(text, &out->value, err));
	out->lifetime_s = lifetime;
	return NOTAR_OK;
}
