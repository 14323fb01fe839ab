/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "signer/command.h"

int
output_flush(struct buf *b, struct notar_error *err)
{
	if (buf_finish(b, "output", err) != NOTAR_OK)
		return -1;
	if ((b->len > 0 && fwrite(b->ptr, b->len, 1, stdout) != 1) || fflush(stdout) != 0)
		return command_fail(err, NOTAR_E_IO, "cannot write to standard output");
	return 0;
}

enum notar_code
access_from(const struct options *options, struct notar_access *out, struct notar_error *err)
{
	*out = (struct notar_access){ .plain_http = options->plain_http,
				      .ca_file = options->ca_file,
				      .username = getenv("NOTAR_REGISTRY_USERNAME"),
				      .password = getenv("NOTAR_REGISTRY_PASSWORD") };
	/* Half of a pair would silently be somebody else, or nobody. */
	if ((out->username == NULL) != (out->password == NULL))
		return notar_fail(
			err, NOTAR_E_USAGE,
			"NOTAR_REGISTRY_USERNAME and NOTAR_REGISTRY_PASSWORD go together");
	return options_timeout(options, &out->timeout_ms, err);
}
