/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/docker_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What login writes, it finds again; what is not understood is not overwritten. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(credentials) before = { 0 };
	NOTAR_AUTO_OF(credentials) after = { 0 };
	NOTAR_AUTO_OF(buf) made = { 0 };
	char helper[DOCKER_CONFIG_HELPER_CHARS + 1];
	struct span document = span_of(data, size);
	struct notar_error err = { 0 };
	bool changed;

	(void)!docker_config_helper(document, "r.example", helper, &err);
	(void)!docker_config_find(document, "r.example", "team/app", &before, &err);
	if (docker_config_edit(document, "r.example", span_str("YW5uOng="), &made, &changed,
			       &err) != NOTAR_OK)
		return 0;
	if (docker_config_find(buf_span(&made), "r.example", NULL, &after, &err) != NOTAR_OK ||
	    !span_is(secret_borrow(&after.username), "ann"))
		abort();
	return 0;
}
