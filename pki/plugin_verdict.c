/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/plugin_verdict.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "pki/semver.h"

static const struct json_limits limits = { LIMIT_PLUGIN_OUTPUT_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };

void
plugin_message_set(char message[PLUGIN_MESSAGE_BYTES], struct span text)
{
	size_t len = 0;
	uint32_t code;

	for (size_t n; text.len > 0; text = span_from(text, n)) {
		n = utf8_next(text, &code);
		bool shown = n > 0 && utf8_is_shown(code);

		n = n == 0 ? 1 : n;
		if (len + (shown ? n : 1) >= PLUGIN_MESSAGE_BYTES)
			break;
		memcpy(message + len, shown ? (const char *)text.ptr : " ", shown ? n : 1);
		len += shown ? n : 1;
	}
	message[len] = '\0';
}

enum notar_code
plugin_check_about(const struct plugin_about *about, struct span min_version,
		   struct notar_error *err)
{
	struct span version = span_str(about->version);

	if ((about->capabilities & (PLUGIN_CAN_CHECK_IDENTITY | PLUGIN_CAN_CHECK_REVOCATION)) == 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED, "it does not verify signatures");
	if (!semver_is_valid(version))
		return notar_fail(err, NOTAR_E_FORMAT, "metadata.version: not a semantic version");
	if (min_version.len == 0)
		return NOTAR_OK;
	if (!semver_is_valid(min_version))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "the least version that is wanted is not a semantic one");
	if (semver_compare(version, min_version) < 0)
		return notar_fail(err, NOTAR_E_UNSUPPORTED,
				  "it has version %s, the signature wants %.*s or later",
				  about->version, (int)min_version.len,
				  (const char *)min_version.ptr);
	return NOTAR_OK;
}

/* --- what it is asked --- */

static void
put_extended(struct span attributes, struct buf *out)
{
	struct span name, value;

	json_name(out, "extendedAttributes");
	json_begin_object(out);
	while (fact_annotation_next(&attributes, &name, &value)) {
		NOTAR_AUTO_CHARS *text = span_dup(name);

		if (text == NULL) {
			out->failed = NOTAR_E_NOMEM;
			return;
		}
		json_name(out, text);
		json_put_raw(out, value);
	}
	json_end_object(out);
}

static void
put_critical(const struct fact *fact, struct buf *out)
{
	char time[CLOCK_TEXT_BYTES];

	json_name(out, "criticalAttributes");
	json_begin_object(out);
	json_pair_str(out, "contentType", "application/vnd.cncf.notary.payload.v1+json");
	json_pair_str(out, "signingScheme",
		      fact->by_authority ? "notary.x509.signingAuthority" : "notary.x509");
	if (fact->expires_s != 0)
		json_pair_str(out, "expiry", clock_format_rfc3339(fact->expires_s, time));
	if (fact->by_authority)
		json_pair_str(out, "authenticSigningTime",
			      clock_format_rfc3339(fact->signed_s, time));
	put_extended(fact->attributes, out);
	json_end_object(out);
}

void
plugin_write_signature(const struct fact *fact, const struct cert_list *chain, struct buf *out)
{
	struct span rest = fact->attributes, name, value;

	json_begin_object(out);
	put_critical(fact, out);
	json_name(out, "unprocessedAttributes");
	json_begin_array(out);
	while (fact_annotation_next(&rest, &name, &value))
		json_put_span(out, name);
	json_end_array(out);
	json_name(out, "certificateChain");
	json_begin_array(out);
	for (size_t i = 0; i < chain->count; i++)
		json_put_base64(out, buf_span(&chain->certs[i]->der));
	json_end_array(out);
	json_end_object(out);
}

void
plugin_write_request(struct span signature, struct span identities, unsigned checks,
		     struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "contractVersion", PLUGIN_CONTRACT);
	json_name(out, "signature");
	json_put_raw(out, signature);
	json_name(out, "trustPolicy");
	json_begin_object(out);
	json_name(out, "trustedIdentities");
	json_put_raw(out, identities);
	json_name(out, "signatureVerification");
	json_begin_array(out);
	if ((checks & PLUGIN_CAN_CHECK_IDENTITY) != 0)
		json_put_str(out, PLUGIN_IDENTITY_CHECK);
	if ((checks & PLUGIN_CAN_CHECK_REVOCATION) != 0)
		json_put_str(out, PLUGIN_REVOCATION_CHECK);
	json_end_array(out);
	json_end_object(out);
	json_end_object(out);
}

/* --- what it answers --- */

/* One result; the first no gives the message. */
static enum notar_code
read_result(const struct json *results, const char *check, bool *ok, struct plugin_answer *answer,
	    struct notar_error *err)
{
	struct json result, success;
	struct span reason;

	NOTAR_TRY(json_member(results, check, &result, err));
	NOTAR_TRY(json_as_object(&result, err));
	NOTAR_TRY(json_member(&result, "success", &success, err));
	NOTAR_TRY(json_as_bool(&success, ok, err));
	NOTAR_TRY(json_optional_string(&result, "reason", &reason, err));
	if (!*ok && answer->message[0] == '\0')
		plugin_message_set(answer->message, reason);
	return NOTAR_OK;
}

static enum notar_code
read_results(const struct json *top, unsigned checks, struct plugin_answer *answer,
	     struct notar_error *err)
{
	struct json results;

	NOTAR_TRY(json_member(top, "verificationResults", &results, err));
	NOTAR_TRY(json_as_object(&results, err));
	answer->identity_asked = (checks & PLUGIN_CAN_CHECK_IDENTITY) != 0;
	answer->revocation_asked = (checks & PLUGIN_CAN_CHECK_REVOCATION) != 0;
	if (answer->identity_asked)
		NOTAR_TRY(read_result(&results, PLUGIN_IDENTITY_CHECK, &answer->identity_ok, answer,
				      err));
	if (answer->revocation_asked)
		NOTAR_TRY(read_result(&results, PLUGIN_REVOCATION_CHECK, &answer->revocation_ok,
				      answer, err));
	return NOTAR_OK;
}

static bool
is_processed(const struct json *list, size_t count, struct span name)
{
	for (size_t i = 0; i < count; i++) {
		const struct json item = json_item(list, i);
		struct span text;

		if (json_as_string(&item, &text, NULL) == NOTAR_OK && span_equal(text, name))
			return true;
	}
	return false;
}

static enum notar_code
read_processed(const struct json *top, struct span attributes, struct plugin_answer *answer,
	       struct notar_error *err)
{
	struct json list;
	struct span name, value;
	size_t count = 0;

	NOTAR_TRY(json_optional(top, "processedAttributes", &list, err));
	if (list.value != NULL)
		NOTAR_TRY(json_as_array(&list, LIMIT_PLUGIN_ATTRIBUTES, &count, err));
	for (size_t i = 0; i < count; i++) {
		const struct json item = json_item(&list, i);
		struct span text;

		NOTAR_TRY(json_as_string(&item, &text, err));
	}
	answer->all_processed = true;
	while (fact_annotation_next(&attributes, &name, &value))
		answer->all_processed = answer->all_processed && is_processed(&list, count, name);
	if (!answer->all_processed)
		plugin_message_set(answer->message,
				   span_str("it did not process every critical attribute"));
	return NOTAR_OK;
}

enum notar_code
plugin_read_verdict(struct span answer, unsigned checks, struct span attributes,
		    struct plugin_answer *out, struct notar_error *err)
{
	NOTAR_AUTO_PTR(json_root, struct json_t) *root = NULL;
	struct plugin_answer found = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(answer, limits, "answer", &root, &top, err));
	NOTAR_TRY(read_results(&top, checks, &found, err));
	NOTAR_TRY(read_processed(&top, attributes, &found, err));
	found.known = true;
	*out = found;
	return NOTAR_OK;
}
