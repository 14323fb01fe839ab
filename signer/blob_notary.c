/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/blob_notary.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "envelope/judge_notary.h"
#include "envelope/notary_payload.h"
#include "keys/plugin.h"
#include "signer/seal.h"
#include "signer/sign_files.h"
#include "sync/policy_file.h"

#define BLOB_BYTES (1U << 30)
#define DEFAULT_MEDIA_TYPE "application/octet-stream"
#define TIMEOUT_MS 60000

NOTAR_AUTO_FOREIGN(report, struct notar_report, notar_report_free)

/* type "/" subtype of RFC 6838's characters, and perhaps parameters. */
static bool
is_media_type(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789!#$&-^_.+";
	size_t type = strspn(text, allowed);

	if (type == 0 || text[type] != '/' || strlen(text) > LIMIT_MEDIA_TYPE_CHARS)
		return false;
	size_t subtype = strspn(text + type + 1, allowed);

	return subtype > 0 && (text[type + 1 + subtype] == '\0' || text[type + 1 + subtype] == ';');
}

static enum notar_code
write_payload(const struct options *options, const struct suite *suite, struct span blob,
	      struct buf *out, struct notar_error *err)
{
	const char *type = options->media_type != NULL ? options->media_type : DEFAULT_MEDIA_TYPE;
	char digest[NOTARY_DIGEST_TEXT_BYTES];

	if (!is_media_type(type))
		return notar_fail(err, NOTAR_E_USAGE, "--media-type: no media type: %.80s", type);
	NOTAR_TRY(notary_digest_text(suite, blob, digest, err));
	notary_payload_write(type, digest, (int64_t)blob.len, NULL, 0, out);
	return buf_finish(out, "payload", err);
}

/* One of the two. */
static enum notar_code
open_key(const struct options *options, struct signing_key **key, struct plugin_key **plugin,
	 struct notar_error *err)
{
	const char *uri = options->keys.values[0];
	struct notar_annotation config[OPTIONS_MAX_VALUES];
	NOTAR_AUTO_CHARS *storage = NULL;
	char prompt[] = "passphrase of the key";
	const struct passphrase_source source = { passphrase_secret, prompt };

	NOTAR_TRY(options_pairs(&options->plugin_config, "plugin-config", config, &storage, err));
	const struct plugin_options asked = { .config = config,
					      .config_count = options->plugin_config.count };

	if (plugin_is_uri(uri))
		return plugin_key_open(uri, &asked, plugin, err);
	if (asked.config_count > 0)
		return notar_fail(err, NOTAR_E_USAGE, "--plugin-config: no plugin holds this key");
	return signing_key_open(uri, &source, key, err);
}

static enum notar_code
check_together(const struct options *options, const struct notar_sign_options *how,
	       struct notar_error *err)
{
	bool plugin = plugin_is_uri(options->keys.values[0]);

	if (plugin && how->certificate_chain != NULL)
		return notar_fail(err, NOTAR_E_USAGE,
				  "--cert-chain: a plugin brings its own certificate chain");
	if (!plugin && how->certificate_chain == NULL)
		return notar_fail(err, NOTAR_E_USAGE, "--cert-chain: needed for %s",
				  options->format);
	if ((how->timestamp_url == NULL) != (how->timestamp_root == NULL))
		return notar_fail(err, NOTAR_E_USAGE, "--timestamp-url and --tsa-ca go together");
	return NOTAR_OK;
}

static enum notar_code
read_certificates(const char *pem, size_t max, struct cert_list *out, struct notar_error *err)
{
	return pem == NULL ? NOTAR_OK : cert_list_add_file(out, span_str(pem), max, err);
}

enum notar_code
blob_notary_sign(const struct options *options, struct span blob, struct buf *out,
		 struct notar_error *err)
{
	NOTAR_AUTO(signing_key) *key = NULL;
	NOTAR_AUTO(plugin_key) *plugin = NULL;
	NOTAR_AUTO_OF(sign_files) files = { 0 };
	NOTAR_AUTO_OF(cert_list) chain = { 0 };
	NOTAR_AUTO_OF(cert_list) roots = { 0 };
	NOTAR_AUTO_OF(buf) payload = { 0 };
	NOTAR_AUTO_OF(buf) thumbprints = { 0 };
	struct notar_sign_options how = { 0 };
	const struct suite *suite;

	NOTAR_TRY(sign_files_read(options, &files, &how, err));
	NOTAR_TRY(check_together(options, &how, err));
	NOTAR_TRY(read_certificates(how.certificate_chain, LIMIT_CHAIN_CERTIFICATES, &chain, err));
	NOTAR_TRY(read_certificates(how.timestamp_root, 1, &roots, err));
	NOTAR_TRY(open_key(options, &key, &plugin, err));
	const struct seal_options seal_how = {
		.format = how.format == NOTAR_FORMAT_JWS ? FACT_JWS : FACT_COSE,
		.key = key,
		.plugin = plugin,
		.chain = &chain,
		.expiry_s = how.expiry_s,
		.timestamp_url = how.timestamp_url,
		.timestamp_root = roots.count > 0 ? roots.certs[0] : NULL,
		.deadline_ms = clock_deadline_ms(TIMEOUT_MS),
	};

	NOTAR_TRY(seal_suite(&seal_how, &suite, err));
	NOTAR_TRY(write_payload(options, suite, blob, &payload, err));
	return seal(&seal_how, buf_span(&payload), clock_now_s(), out, &thumbprints, err);
}
