/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/fetch_source.h"

#include "base/clock.h"

/* The same image in the layout that stands in for its registry: a mirror that was carried in. */
static enum notar_code
open_layout(const struct reference *ref, const char *folder, struct source **out,
	    struct notar_error *err)
{
	const struct source_options options = { 0 };
	struct reference inside = *ref;

	if (strlen(folder) >= sizeof(inside.path))
		return notar_fail(err, NOTAR_E_LIMIT, "too long a path of a layout");
	inside.place = REFERENCE_LAYOUT;
	inside.host[0] = '\0';
	memcpy(inside.path, folder, strlen(folder) + 1);
	return source_open(&inside, &options, out, err);
}

enum notar_code
fetch_source_open(const struct reference *ref, const struct config *config, struct source **out,
		  struct notar_error *err)
{
	const struct config_registry *registry = config_registry_for(config, ref->host);
	struct reference there = *ref;
	struct source_options options = {
		.deadline_ms = clock_deadline_ms(config->fetch_timeout_s * 1000),
		.guard_private = true,
	};

	if (registry != NULL && registry->layout != NULL)
		return open_layout(ref, registry->layout, out, err);
	if (registry != NULL) {
		options.plain_http = registry->plain_http;
		options.ca_file = registry->ca_file;
	}
	if (registry != NULL && registry->upstream != NULL)
		memcpy(there.host, registry->upstream, strlen(registry->upstream) + 1);
	return source_open(&there, &options, out, err);
}
