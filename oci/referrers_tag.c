/* SPDX-License-Identifier: Apache-2.0 */
#include "base/codec.h"
#include "base/digest.h"
#include "oci/media_type.h"
#include "oci/referrers.h"
#include "oci/registry_internal.h"

/* At most 32 characters of the algorithm and 64 of the rest; ours fit the first bound. */
#define ENCODED_MOST 64

const char *
referrers_tag(const struct notar_digest *subject, char out[REFERRERS_TAG_BYTES])
{
	char text[NOTAR_DIGEST_TEXT_BYTES];
	size_t colon = strcspn(notar_digest_format(subject, text), ":");

	text[colon] = '-';
	size_t len = strnlen(text, colon + 1 + ENCODED_MOST);
	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

enum notar_code
registry_referrers_tag(struct source *source, const struct notar_digest *subject,
		       struct referrers *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(content) content = { 0 };
	NOTAR_AUTO_OF(referrers) list = { 0 };
	char tag[REFERRERS_TAG_BYTES];
	enum notar_code code =
		registry_manifest(source, referrers_tag(subject, tag), NULL, &content, err);

	if (code == NOTAR_E_NOT_FOUND) {
		*out = (struct referrers){ 0 };
		return NOTAR_OK;
	}
	NOTAR_TRY(code);
	if (!media_type_is_index(span_str(content.media_type)))
		return notar_fail(err, NOTAR_E_FORMAT, "the tag %s holds no list of referrers",
				  tag);
	NOTAR_TRY(referrers_add_index(buf_span(&content.bytes), span_str(content.media_type), &list,
				      err));
	*out = list;
	list = (struct referrers){ 0 };
	return NOTAR_OK;
}
