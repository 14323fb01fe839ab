/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/plugin_key.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "keys/plugin.h"
#include "pki/chain.h"
#include "pki/plugin_answer.h"

struct plugin_key {
	struct buf uri;          /* what name borrows from */
	struct plugin_name name; /* of plugin and key */
	struct buf path;         /* the program, as a C string */
	struct buf config;       /* a JSON object; empty without pairs */
	const struct suite *suite;
	int64_t limit_ms;
};

void
plugin_key_free(struct plugin_key *key)
{
	if (key == NULL)
		return;
	buf_release(&key->uri);
	buf_release(&key->path);
	buf_release(&key->config);
	free(key);
}

const struct suite *
plugin_key_suite(const struct plugin_key *key)
{
	return key->suite;
}

static enum notar_code
write_config(const struct plugin_options *options, struct buf *out, struct notar_error *err)
{
	if (options->config_count > LIMIT_PLUGIN_CONFIG)
		return notar_fail(err, NOTAR_E_USAGE, "over %d pairs for the plugin",
				  LIMIT_PLUGIN_CONFIG);
	if (options->config_count == 0)
		return NOTAR_OK;
	json_begin_object(out);
	for (size_t i = 0; i < options->config_count; i++) {
		const struct notar_annotation *pair = &options->config[i];

		for (size_t k = 0; k < i; k++)
			if (strcmp(pair->name, options->config[k].name) == 0)
				return notar_fail(err, NOTAR_E_USAGE, "twice for the plugin: %.80s",
						  pair->name);
		json_pair_str(out, pair->name, pair->value);
	}
	json_end_object(out);
	return buf_finish(out, "plugin's config", err);
}

/* An open object with what every request has. */
static void
begin_request(const struct plugin_key *key, struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "contractVersion", "1.0");
	json_pair_span(out, "keyId", key->name.key_id);
	if (key->config.len > 0) {
		json_name(out, "pluginConfig");
		json_put_raw(out, buf_span(&key->config));
	}
}

/* Runs one command; what the plugin says when it fails becomes our error. */
static enum notar_code
ask(const struct plugin_key *key, const char *command, const struct buf *request,
    struct plugin_said *said, struct notar_error *err)
{
	const char *path = (const char *)key->path.ptr;

	NOTAR_TRY(buf_finish(request, "request to a plugin", err));
	NOTAR_TRY(plugin_run(path, command, buf_span(request), key->limit_ms, said, err));
	return said->status == 0 ? NOTAR_OK :
				   plugin_fail(buf_span(&said->errors), said->status, err);
}

static enum notar_code
about(const struct plugin_key *key, const char *command, enum notar_code code,
      struct notar_error *err)
{
	return code == NOTAR_OK ? NOTAR_OK :
				  notar_context(err, "plugin %.*s, %s", (int)key->name.plugin.len,
						(const char *)key->name.plugin.ptr, command);
}

static enum notar_code
get_metadata(const struct plugin_key *key, struct notar_error *err)
{
	static const char command[] = "get-plugin-metadata";
	NOTAR_AUTO_OF(plugin_said) said = { 0 };
	NOTAR_AUTO_OF(buf) request = { 0 };

	json_begin_object(&request);
	if (key->config.len > 0) {
		json_name(&request, "pluginConfig");
		json_put_raw(&request, buf_span(&key->config));
	}
	json_end_object(&request);
	enum notar_code code = ask(key, command, &request, &said, err);

	if (code == NOTAR_OK)
		code = plugin_read_metadata(buf_span(&said.output), key->name.plugin, err);
	return about(key, command, code, err);
}

static enum notar_code
describe_key(struct plugin_key *key, struct notar_error *err)
{
	static const char command[] = "describe-key";
	NOTAR_AUTO_OF(plugin_said) said = { 0 };
	NOTAR_AUTO_OF(buf) request = { 0 };

	begin_request(key, &request);
	json_end_object(&request);
	enum notar_code code = ask(key, command, &request, &said, err);

	if (code == NOTAR_OK)
		code = plugin_read_key(buf_span(&said.output), key->name.key_id, &key->suite, err);
	return about(key, command, code, err);
}

enum notar_code
plugin_key_open(const char *uri, const struct plugin_options *options, struct plugin_key **out,
		struct notar_error *err)
{
	static const struct plugin_options none = { 0 };
	NOTAR_AUTO(plugin_key) *key = calloc(1, sizeof(*key));

	if (key == NULL)
		return notar_fail(err, NOTAR_E_NOMEM, "no memory for a key");
	options = options == NULL ? &none : options;
	key->limit_ms = options->limit_ms > 0 ? options->limit_ms : LIMIT_PLUGIN_MS;
	buf_append_str(&key->uri, uri);
	const char *own = buf_cstr(&key->uri);

	if (own == NULL)
		return buf_finish(&key->uri, "key's name", err);
	NOTAR_TRY(plugin_name_parse(own, &key->name, err));
	NOTAR_TRY(write_config(options, &key->config, err));
	NOTAR_TRY(plugin_find(key->name.plugin, &key->path, err));
	NOTAR_TRY(get_metadata(key, err));
	NOTAR_TRY(describe_key(key, err));
	*out = NOTAR_TAKE(key);
	return NOTAR_OK;
}

/* Nothing that the plugin says of itself is taken for true (section 16.3). */
static enum notar_code
check_signature(const struct plugin_key *key, struct span message, struct span signature,
		const struct cert_list *chain, struct notar_error *err)
{
	const struct key *leaf = NULL;
	const struct suite *suite = NULL;
	int64_t now_s = clock_now_s();

	NOTAR_TRY(chain_check(chain, CHAIN_CODE_SIGNING, err));
	NOTAR_TRY(chain_check_validity(chain, now_s, now_s, err));
	NOTAR_TRY(cert_key(chain->certs[0], &leaf, err));
	NOTAR_TRY(suite_of_key(leaf, &suite, err));
	if (suite != key->suite)
		return notar_fail(err, NOTAR_E_KEY, "the certificate's key is %s, described was %s",
				  suite->key_spec, key->suite->key_spec);
	if (key_verify(leaf, message, signature, SIG_RAW, err) != NOTAR_OK)
		return notar_context(err, "the signature does not hold under the certificate");
	return NOTAR_OK;
}

static enum notar_code
generate(const struct plugin_key *key, const char *command, struct span message,
	 struct buf *signature, struct cert_list *chain, struct notar_error *err)
{
	NOTAR_AUTO_OF(plugin_said) said = { 0 };
	NOTAR_AUTO_OF(buf) request = { 0 };

	begin_request(key, &request);
	json_pair_str(&request, "keySpec", key->suite->key_spec);
	json_pair_str(&request, "hashAlgorithm", key->suite->hash_name);
	json_name(&request, "payload");
	json_put_base64(&request, message);
	json_end_object(&request);
	NOTAR_TRY(ask(key, command, &request, &said, err));
	NOTAR_TRY(plugin_read_signature(buf_span(&said.output), key->name.key_id, key->suite,
					signature, chain, err));
	return check_signature(key, message, buf_span(signature), chain, err);
}

enum notar_code
plugin_key_sign(const struct plugin_key *key, struct span to_be_signed, struct buf *signature,
		struct cert_list *chain, struct notar_error *err)
{
	static const char command[] = "generate-signature";
	NOTAR_AUTO_OF(buf) made = { .cap = LIMIT_SIGNATURE_BYTES };
	NOTAR_AUTO_OF(cert_list) certs = { 0 };

	if (chain->count > 0)
		return notar_fail(err, NOTAR_E_INTERNAL, "a chain that is not empty");
	NOTAR_TRY(
		about(key, command, generate(key, command, to_be_signed, &made, &certs, err), err));
	buf_append_span(signature, buf_span(&made));
	NOTAR_TRY(buf_finish(signature, "signature", err));
	*chain = certs;
	certs = (struct cert_list){ 0 };
	return NOTAR_OK;
}
