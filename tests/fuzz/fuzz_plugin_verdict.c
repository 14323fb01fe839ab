/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/plugin_verdict.h"
#include "pki/semver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a plugin says, of itself or of a signature: a yes only to what was asked, and with every
 * attribute processed only if it names them. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(buf) attributes = { 0 };
	struct plugin_about about = { 0 };
	struct plugin_answer answer = { 0 };
	struct span text = span_of(data, size);
	size_t half = span_find(text, '\n');

	fact_annotation_append(&attributes, span_str("a"), span_str("1"));
	if (plugin_read_about(text, span_str("p"), &about, NULL) == NOTAR_OK &&
	    plugin_check_about(&about, span_str("1.0.0"), NULL) == NOTAR_OK &&
	    semver_compare(span_str(about.version), span_str("1.0.0")) < 0)
		abort();
	if (plugin_read_verdict(text, PLUGIN_CAN_CHECK_IDENTITY, buf_span(&attributes), &answer,
				NULL) != NOTAR_OK) {
		if (answer.known)
			abort();
	} else if (!answer.known || !answer.identity_asked || answer.revocation_ok) {
		abort();
	}
	plugin_message_set(answer.message, text);
	if (strlen(answer.message) >= PLUGIN_MESSAGE_BYTES)
		abort();
	struct span one = span_of(data, half), other = span_from(text, half + 1);

	if (half < size && semver_is_valid(one) && semver_is_valid(other) &&
	    (semver_compare(one, other) < 0) != (semver_compare(other, one) > 0))
		abort();
	return 0;
}
