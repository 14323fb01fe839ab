/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_PLUGIN_H
#define KEYS_PLUGIN_H

#include "base/buf.h"

/*
 * notation's plugins as programs: where they are and how one is asked (specs/notary-project.md
 * sections 16.1 and 17). What their answers mean is pki/plugin_answer.h's.
 *
 * A key of a plugin is named plugin://NAME/KEYID: NAME up to the first slash, KEYID all behind it,
 * byte for byte. Nothing is percent-decoded: a KEYID may be a URL, as Azure's are, and reaches the
 * plugin as it was typed.
 */
#define PLUGIN_SCHEME "plugin://"

struct plugin_name {
	struct span plugin; /* fact_is_plugin_name() */
	struct span key_id; /* not empty; UTF-8 without control characters */
};

bool plugin_is_uri(const char *key);

/* Borrows from uri. NOTAR_E_USAGE. */
NOTAR_MUST_USE enum notar_code
plugin_name_parse(const char *uri, struct plugin_name *out, struct notar_error *err);

/*
 * The path of the plugin's program, {libexec}/plugins/{name}/notation-{name}. libexec is
 * NOTATION_LIBEXEC, else NOTATION_CONFIG, else XDG_CONFIG_HOME/notation, else
 * HOME/.config/notation. A relative path is NOTAR_E_USAGE in the first two and passed over in
 * XDG_CONFIG_HOME: what is run does not depend on where one stands.
 *
 * NOTAR_E_NOT_FOUND when it is not there; NOTAR_E_KEY when it is a link, no regular file or not
 * executable. Appends.
 */
NOTAR_MUST_USE enum notar_code
plugin_find(struct span plugin, struct buf *path, struct notar_error *err);

/* What a plugin said, in memory of its own. */
struct plugin_said {
	struct buf output, errors;
	int status;
};
void plugin_said_release(struct plugin_said *said);

/*
 * Runs `path command` with the request on its standard input. Blocks, at most limit_ms. A status
 * other than 0 is no error here. NOTAR_E_LIMIT, NOTAR_E_TIMEOUT, NOTAR_E_IO, NOTAR_E_NOT_FOUND.
 */
NOTAR_MUST_USE enum notar_code
plugin_run(const char *path, const char *command, struct span request, int64_t limit_ms,
	   struct plugin_said *out, struct notar_error *err);

#endif
