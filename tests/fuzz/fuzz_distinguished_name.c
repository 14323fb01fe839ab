/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/distinguished_name.h"

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name of the policy, a zero byte, and the DER of a subject. A name that is taken is part of
 * itself, and what matches has as many attributes as were asked for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO(distinguished_name) *name = NULL;
	struct span input = span_of(data, size);
	size_t end = span_find(input, 0);
	struct span subject = span_from(input, end + 1);
	struct notar_error err = { 0 };
	char why[160] = "";

	if (distinguished_name_parse(span_of(data, end), &name, &err) != NOTAR_OK) {
		if (name != NULL || err.msg[0] == '\0')
			abort();
		return 0;
	}
	if (!distinguished_name_is_part_of(name, name))
		abort();
	if (distinguished_name_matches(name, subject, why) != (why[0] == '\0'))
		abort();
	/* C, ST and O at least, of eleven bytes each. */
	if (why[0] == '\0' && subject.len < 2 + 3 * 11)
		abort();
	return 0;
}
