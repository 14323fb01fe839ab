/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "oci/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing is taken for a manifest and for an index. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(manifest) as_manifest = { 0 };
	NOTAR_AUTO_OF(manifest) as_index = { 0 };
	struct span bytes = span_of(data, size);
	struct notar_error err = { 0 };
	bool one =
		manifest_parse(bytes, span_str(OCI_TYPE_MANIFEST), &as_manifest, &err) == NOTAR_OK;
	bool two = manifest_parse(bytes, span_str(OCI_TYPE_INDEX), &as_index, &err) == NOTAR_OK;

	if ((one && two) || (one && as_manifest.is_index) || (two && !as_index.is_index))
		abort();
	if (one && as_manifest.count > LIMIT_MANIFEST_LAYERS)
		abort();
	return 0;
}
