/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/refusal.h"

#include "base/json.h"
#include "base/limits.h"

#define SAID_CHARS 200

/* A service may quote what it was sent, and "eyJ" opens every JWT. */
static bool
may_be_shown(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (span_starts_with(span_from(text, i), "eyJ"))
			return false;
	return text.len > 0;
}

enum notar_code
refusal(const struct http_response *response, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_ERROR_BODY_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	enum notar_code code =
		response->status == 401 || response->status == 403 ? NOTAR_E_AUTH : NOTAR_E_NET;
	struct notar_error ignored = { 0 };
	struct span said = { 0 };
	struct json top;

	if (json_parse(buf_span(&response->body), limits, "answer", &root, &top, &ignored) !=
		    NOTAR_OK ||
	    json_member_string(&top, "message", &said, &ignored) != NOTAR_OK || !may_be_shown(said))
		return notar_fail(err, code, "status %d", response->status);
	return notar_fail(err, code, "status %d: %.*s", response->status,
			  (int)(said.len < SAID_CHARS ? said.len : SAID_CHARS),
			  (const char *)said.ptr);
}
