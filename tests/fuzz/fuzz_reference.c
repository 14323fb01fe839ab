/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "oci/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written so that it parses to the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reference ref, again;
	char text[REFERENCE_TEXT_BYTES], name[REFERENCE_NAME_BYTES], other[REFERENCE_NAME_BYTES];
	struct notar_error err = { 0 };

	if (reference_parse(span_of(data, size), REFERENCE_DOCKER_NAMES, &ref, &err) != NOTAR_OK)
		return 0;
	if (ref.place != REFERENCE_REGISTRY)
		return 0;
	(void)reference_format(&ref, text);
	if (reference_parse(span_str(text), REFERENCE_STRICT, &again, &err) != NOTAR_OK ||
	    strcmp(reference_repository(&ref, name), reference_repository(&again, other)) != 0 ||
	    strcmp(ref.tag, again.tag) != 0 ||
	    !!notar_digest_equal(&ref.digest, &again.digest) !=
		    (ref.digest.alg != NOTAR_DIGEST_NONE))
		abort();
	return 0;
}
