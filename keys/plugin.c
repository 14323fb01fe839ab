/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/fact.h"
#include "base/limits.h"
#include "base/utf8.h"

bool
plugin_is_uri(const char *key)
{
	return strncmp(key, PLUGIN_SCHEME, strlen(PLUGIN_SCHEME)) == 0;
}

static bool
is_key_id(struct span id)
{
	uint32_t code;

	if (id.len == 0 || id.len > LIMIT_PLUGIN_KEY_ID_BYTES)
		return false;
	for (size_t n; id.len > 0; id = span_from(id, n)) {
		n = utf8_next(id, &code);
		if (n == 0 || !utf8_is_shown(code))
			return false;
	}
	return true;
}

enum notar_code
plugin_name_parse(const char *uri, struct plugin_name *out, struct notar_error *err)
{
	if (!plugin_is_uri(uri))
		return notar_fail(err, NOTAR_E_USAGE, "not " PLUGIN_SCHEME "NAME/KEYID: %.80s",
				  uri);
	struct span rest = span_str(uri + strlen(PLUGIN_SCHEME));
	size_t slash = span_find(rest, '/');
	struct span name = span_of(rest.ptr, slash), key_id = span_from(rest, slash + 1);

	if (!fact_is_plugin_name(name))
		return notar_fail(err, NOTAR_E_USAGE,
				  "not a plugin's name (letters, digits, \".\", \"_\", \"-\"): "
				  "\"%.*s\"",
				  (int)(name.len < 80 ? name.len : 80), (const char *)name.ptr);
	if (!is_key_id(key_id))
		return notar_fail(err, NOTAR_E_USAGE,
				  "no usable key behind the plugin's name: " PLUGIN_SCHEME
				  "NAME/KEYID is wanted, KEYID of 1 to %d bytes",
				  LIMIT_PLUGIN_KEY_ID_BYTES);
	*out = (struct plugin_name){ name, key_id };
	return NOTAR_OK;
}

/* {libexec} of section 17. */
static enum notar_code
append_libexec(struct buf *path, struct notar_error *err)
{
	static const struct {
		const char *variable, *below;
		bool may_be_relative; /* and is passed over then */
	} places[] = {
		{ "NOTATION_LIBEXEC", "", false },
		{ "NOTATION_CONFIG", "", false },
		{ "XDG_CONFIG_HOME", "/notation", true },
		{ "HOME", "/.config/notation", false },
	};

	for (size_t i = 0; i < NOTAR_COUNT(places); i++) {
		const char *value = getenv(places[i].variable);

		if (value == NULL || value[0] == '\0' ||
		    (value[0] != '/' && places[i].may_be_relative))
			continue;
		if (value[0] != '/')
			return notar_fail(err, NOTAR_E_USAGE, "%s: not an absolute path: %.200s",
					  places[i].variable, value);
		buf_printf(path, "%s%s", value, places[i].below);
		return NOTAR_OK;
	}
	return notar_fail(err, NOTAR_E_USAGE,
			  "no folder for plugins: neither NOTATION_LIBEXEC nor HOME is set");
}

static enum notar_code
check_program(const char *path, struct notar_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return notar_fail(
			err, errno == ENOENT || errno == ENOTDIR ? NOTAR_E_NOT_FOUND : NOTAR_E_IO,
			"no plugin at %s: %s", path, strerrordesc_np(errno));
	if (S_ISLNK(st.st_mode))
		return notar_fail(err, NOTAR_E_KEY, "%s: a plugin must not be a symbolic link",
				  path);
	if (!S_ISREG(st.st_mode))
		return notar_fail(err, NOTAR_E_KEY, "%s: not a regular file", path);
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0 ||
	    (st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return notar_fail(err, NOTAR_E_KEY, "%s: not executable", path);
	return NOTAR_OK;
}

enum notar_code
plugin_find(struct span plugin, struct buf *path, struct notar_error *err)
{
	const char *name = (const char *)plugin.ptr;
	size_t start = path->len;

	if (!fact_is_plugin_name(plugin))
		return notar_fail(err, NOTAR_E_USAGE, "not a plugin's name");
	NOTAR_TRY(append_libexec(path, err));
	buf_printf(path, "/plugins/%.*s/notation-%.*s", (int)plugin.len, name, (int)plugin.len,
		   name);
	const char *text = buf_cstr(path);

	return text == NULL ? buf_finish(path, "path", err) : check_program(text + start, err);
}

void
plugin_said_release(struct plugin_said *said)
{
	buf_release(&said->output);
	buf_release(&said->errors);
}

/* Room for a stream, one byte more than it may have. */
static struct child_stream
make_room(struct buf *b, size_t most)
{
	uint8_t *bytes = buf_extend(b, most + 1);

	return (struct child_stream){ bytes, bytes == NULL ? 0 : b->len, 0 };
}

enum notar_code
plugin_run(const char *path, const char *command, struct span request, int64_t limit_ms,
	   struct plugin_said *out, struct notar_error *err)
{
	const char *const argv[] = { path, command, NULL };
	const struct child_call call = { argv, request, limit_ms };
	NOTAR_AUTO_OF(plugin_said) said = { 0 };
	struct child_stream output = make_room(&said.output, LIMIT_PLUGIN_OUTPUT_BYTES);
	struct child_stream errors = make_room(&said.errors, LIMIT_PLUGIN_ERRORS_BYTES);

	if (output.bytes == NULL || errors.bytes == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a plugin's answer");
	NOTAR_TRY(child_run(&call, &output, &errors, &said.status, err));
	buf_cut(&said.output, output.len);
	buf_cut(&said.errors, errors.len);
	*out = said;
	said = (struct plugin_said){ 0 };
	return NOTAR_OK;
}
