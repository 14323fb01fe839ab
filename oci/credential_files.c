/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/credential_files.h"

#include "base/buf.h"

static const struct {
	const char *variable;
	const char *below;
	const char *only_without; /* this other variable */
} places[] = {
	{ "DOCKER_CONFIG", "/config.json", NULL },
	{ "HOME", "/.docker/config.json", "DOCKER_CONFIG" },
	{ "REGISTRY_AUTH_FILE", "", NULL },
	{ "XDG_RUNTIME_DIR", "/containers/auth.json", "REGISTRY_AUTH_FILE" },
	{ "HOME", "/.config/containers/auth.json", "REGISTRY_AUTH_FILE" },
};

_Static_assert(NOTAR_COUNT(places) == CREDENTIAL_FILES, "the header says how many");

static const char *
variable(const char *name)
{
	const char *value = name == NULL ? NULL : secure_getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

enum notar_code
credential_file_path(size_t i, char **out, struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) path = { .cap = 4096 };
	const char *root = variable(places[i].variable);

	*out = NULL;
	if (root == NULL || variable(places[i].only_without) != NULL)
		return NOTAR_OK;
	buf_append_str(&path, root);
	buf_append_str(&path, places[i].below);
	*out = buf_take_cstr(&path);
	return *out != NULL ? NOTAR_OK :
			      notar_fail(err, NOTAR_E_CONFIG, "%s: too long", places[i].variable);
}
