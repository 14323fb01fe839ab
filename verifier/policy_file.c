/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/policy_file.h"

#include "base/file.h"
#include "base/limits.h"

static enum notar_code
blame(const char *path, struct notar_error *err)
{
	if (err->code != NOTAR_E_NOMEM)
		err->code = NOTAR_E_CONFIG;
	return notar_context(err, "policy %s", path);
}

enum notar_code
policy_file_read(const char *path, struct buf *text, struct policy **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };

	if (file_read(path, LIMIT_POLICY_BYTES, &bytes, err) != NOTAR_OK ||
	    policy_load(buf_span(&bytes), out, err) != NOTAR_OK)
		return blame(path, err);
	if (text != NULL) {
		*text = bytes;
		bytes = (struct buf){ 0 };
	}
	return NOTAR_OK;
}
