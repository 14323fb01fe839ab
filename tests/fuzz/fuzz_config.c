/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A configuration that is taken has somewhere to listen and workers to work. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO(config) *config = NULL;
	struct notar_error err = { 0 };

	if (config_load(span_of(data, size), &config, &err) != NOTAR_OK) {
		if (config != NULL || err.msg[0] == '\0')
			abort();
		return 0;
	}
	if (config->listen[0] == NULL || config->workers < 1 || config->queue < 1)
		abort();
	return 0;
}
