/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "verifier/gate_path.h"

/* "METHOD URI". Whatever passes as no manifest must not name one for a server that unescapes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = { data, size };
	size_t end = span_find(all, ' ');
	struct gate_request request;

	gate_path_read((struct span){ data, end }, span_from(all, end + 1), &request);
	if (request.wish == GATE_MANIFEST &&
	    (request.reference[0] == '\0' || strchr(request.reference, '/') != NULL ||
	     strstr(request.name, "..") == request.name))
		__builtin_trap();
	if (request.wish == GATE_REFUSE && request.problem == NULL)
		__builtin_trap();
	return 0;
}
