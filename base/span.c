/* SPDX-License-Identifier: Apache-2.0 */
#include "base/span.h"

#include <stdlib.h>

enum notar_code
reader_finish(const struct reader *r, const char *what, struct notar_error *err)
{
	if (r->failed)
		return notar_fail(err, NOTAR_E_FORMAT, "%s is cut short", what);
	if (r->rest.len > 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s has %zu bytes left over", what,
				  r->rest.len);
	return NOTAR_OK;
}

char *
span_dup(struct span a)
{
	if (a.len > 0 && memchr(a.ptr, 0, a.len) != NULL)
		return NULL;
	char *copy = malloc(a.len + 1);

	if (copy == NULL)
		return NULL;
	if (a.len > 0)
		memcpy(copy, a.ptr, a.len);
	copy[a.len] = '\0';
	return copy;
}
