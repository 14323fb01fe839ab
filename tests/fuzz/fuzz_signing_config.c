/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/signing_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_S 1790000000

/* What is chosen can be asked: complete, within its bounds, and out of the document. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(signing_config) config = { 0 };
	struct signing_choice choice = { 0 };

	if (signing_config_parse(span_of(data, size), &config, NULL) != NOTAR_OK ||
	    signing_config_choose(&config, NOW_S, &choice, NULL) != NOTAR_OK)
		return 0;
	if (choice.authority == NULL || choice.log_count > SIGNING_SERVICES ||
	    choice.stamper_count > SIGNING_SERVICES || choice.log_count > config.logs.count ||
	    choice.stamper_count > config.stampers.count)
		abort();
	for (size_t i = 0; i < choice.log_count; i++)
		if (choice.logs[i].url == NULL || choice.logs[i].version < 1 ||
		    choice.logs[i].version > 2)
			abort();
	(void)!signing_choice_check(&choice, NULL);
	return 0;
}
