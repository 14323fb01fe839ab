/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "envelope/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A statement that is taken holds the digest asked for; none is about a digest it does not hold. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct notar_digest hello = digest_of(NOTAR_SHA256, span_str("hello"));
	const struct notar_digest never = digest_of(NOTAR_SHA512, span_of(data, size));
	NOTAR_AUTO_OF(statement) statement = { 0 };
	NOTAR_AUTO_OF(statement) other = { 0 };
	struct notar_error err = { 0 };

	if (statement_read(span_of(data, size), &never, &other, &err) == NOTAR_OK)
		abort();
	if (statement_read(span_of(data, size), &hello, &statement, &err) == NOTAR_OK &&
	    (statement.predicate_type.len == 0 || statement.subject.value == NULL))
		abort();
	return 0;
}
