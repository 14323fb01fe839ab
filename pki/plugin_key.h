/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PLUGIN_KEY_H
#define PKI_PLUGIN_KEY_H

#include "notar/verify.h"
#include "pki/cert.h"
#include "pki/suite.h"

/*
 * A key that a notation plugin holds (SIGNATURE_GENERATOR.RAW; specs/notary-project.md section
 * 16.3), and the only part of pki/ that is not pure: each call runs the plugin and blocks for it.
 *
 * It signs Notary Project envelopes only. Its algorithm is known from the beginning, its public
 * half is not: that comes with the certificates of each signature, and may change between two.
 * Immutable after opening, so threads may share it.
 */
struct plugin_key;
void plugin_key_free(struct plugin_key *key);
NOTAR_AUTO_DEFINE(plugin_key)

struct plugin_options {
	const struct notar_annotation *config; /* pluginConfig: names and values; copied */
	size_t config_count;                   /* at most LIMIT_PLUGIN_CONFIG */
	int64_t limit_ms;                      /* for each run; 0: LIMIT_PLUGIN_MS */
};

/*
 * uri is plugin://NAME/KEYID (keys/plugin.h). Runs get-plugin-metadata and describe-key. options
 * may be NULL.
 *
 * NOTAR_E_USAGE        uri, pairs of the config, or the plugin refuses what it was asked
 * NOTAR_E_NOT_FOUND    no such plugin
 * NOTAR_E_KEY          it is nothing that is run, or its key none that signs
 * NOTAR_E_UNSUPPORTED  it makes no raw signatures, or speaks another contract
 * NOTAR_E_FORMAT       it answers nonsense
 * NOTAR_E_AUTH, _THROTTLED, _TIMEOUT, _LIMIT, _IO
 */
NOTAR_MUST_USE enum notar_code
plugin_key_open(const char *uri, const struct plugin_options *options, struct plugin_key **out,
		struct notar_error *err);

/* Static memory. */
const struct suite *plugin_key_suite(const struct plugin_key *key);

/*
 * Runs generate-signature. Appends the signature in SIG_RAW's form; chain, which must be empty,
 * gets the certificates, leaf first, root last. What comes back has been checked: the signature
 * holds under the leaf's key, that key is of the suite, the chain keeps the rules of section 8 and
 * every certificate is valid now. Whom the chain belongs to is for the caller to say.
 *
 * NOTAR_E_SIGNATURE, NOTAR_E_FORMAT, NOTAR_E_KEY when one of these is not so; else as
 * plugin_key_open. On failure signature and chain are as they were.
 */
NOTAR_MUST_USE enum notar_code
plugin_key_sign(const struct plugin_key *key, struct span to_be_signed, struct buf *signature,
		struct cert_list *chain, struct notar_error *err);

#endif
