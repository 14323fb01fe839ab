/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_CONFIG_CALLERS_H
#define VERIFIER_CONFIG_CALLERS_H

#include "base/json.h"
#include "verifier/config.h"

/*
 * The configuration's "callers": who may ask and read, how they prove who they are, how much
 * each may do. Members, for the manual and its check: anonymous, unix, rate, connections, named,
 * each of which has name, token_sha256, certificate, uid, rights, rate, connections.
 */

/* at->value NULL: whoever can connect may ask, who comes by a Unix socket may read too. */
NOTAR_MUST_USE enum notar_code
config_callers_read(const struct json *at, struct config_callers *out, struct notar_error *err);
void config_callers_release(struct config_callers *callers);

#endif
