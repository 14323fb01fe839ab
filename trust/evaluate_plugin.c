/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/evaluate_plugin.h"

#include "base/digest.h"

bool
policy_x509_names_plugin(const struct policy_x509 *signer, struct span plugin)
{
	for (size_t i = 0; i < signer->plugin_count; i++)
		if (span_is(plugin, signer->plugins[i]))
			return true;
	return false;
}

unsigned
plugin_checks_of(const struct policy_x509 *signer)
{
	return signer->revocation == X509_SKIP ?
		       PLUGIN_CAN_CHECK_IDENTITY :
		       PLUGIN_CAN_CHECK_IDENTITY | PLUGIN_CAN_CHECK_REVOCATION;
}

static void
add_number(struct digest_stream *s, uint64_t number)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(number >> (56 - 8 * i));
	digest_add(s, span_of(bytes, sizeof(bytes)));
}

static void
add_sized(struct digest_stream *s, struct span part)
{
	add_number(s, part.len);
	digest_add(s, part);
}

void
plugin_key_of(const struct policy_x509 *signer, const struct fact *fact,
	      uint8_t key[PLUGIN_KEY_BYTES])
{
	struct digest_stream s;

	digest_start(&s, NOTAR_SHA256);
	add_sized(&s, span_of(fact->sig_id, FACT_ID_BYTES));
	add_sized(&s, fact->chain);
	add_sized(&s, fact->plugin);
	add_sized(&s, fact->plugin_min_version);
	add_number(&s, signer->identity_text_count);
	for (size_t i = 0; i < signer->identity_text_count; i++)
		add_sized(&s, span_str(signer->identity_texts[i]));
	add_number(&s, plugin_checks_of(signer));
	struct notar_digest digest = digest_end(&s);
	memcpy(key, digest.bytes, PLUGIN_KEY_BYTES);
}
