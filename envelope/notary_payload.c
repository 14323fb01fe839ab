/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/notary_payload.h"

#include "base/limits.h"
#include "envelope/notary.h"

void
notary_payload_release(struct notary_payload *payload)
{
	json_root_free(payload->root);
	*payload = (struct notary_payload){ 0 };
}

enum notar_code
notary_payload_read(struct span bytes, struct notary_payload *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_NOTARY_ENVELOPE_BYTES,
					    LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_OF(notary_payload) read = { 0 };
	struct json top, target;

	NOTAR_TRY(json_parse(bytes, limits, "payload", &read.root, &top, err));
	NOTAR_TRY(json_member(&top, "targetArtifact", &target, err));
	NOTAR_TRY(json_member_string(&target, "mediaType", &read.media_type, err));
	NOTAR_TRY(json_member_string(&target, "digest", &read.digest, err));
	NOTAR_TRY(json_member_int(&target, "size", 0, INT64_MAX, &read.size, err));
	NOTAR_TRY(json_optional(&target, "annotations", &read.annotations, err));
	if (read.annotations.value != NULL)
		NOTAR_TRY(json_as_object(&read.annotations, err));
	*out = read;
	read = (struct notary_payload){ 0 };
	return NOTAR_OK;
}

static int
compare(struct span a, struct span b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static void
write_pair(const struct annotation *annotation, struct buf *out)
{
	json_put_span(out, annotation->name);
	buf_append_byte(out, ':');
	json_put_span(out, annotation->value);
}

/* In the order of names, so that the same metadata is the same bytes, whoever typed it. */
static const struct annotation *
next_in_order(const struct annotation *annotations, size_t count, const struct annotation *last)
{
	const struct annotation *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct annotation *a = &annotations[i];

		if ((last == NULL || compare(a->name, last->name) > 0) &&
		    (best == NULL || compare(a->name, best->name) < 0))
			best = a;
	}
	return best;
}

void
notary_payload_write(const char *media_type, const char *digest, int64_t size,
		     const struct annotation *annotations, size_t count, struct buf *out)
{
	json_begin_object(out);
	json_name(out, "targetArtifact");
	json_begin_object(out);
	if (count > 0) {
		json_name(out, "annotations");
		json_begin_object(out);
		for (const struct annotation *a = next_in_order(annotations, count, NULL);
		     a != NULL; a = next_in_order(annotations, count, a))
			write_pair(a, out);
		json_end_object(out);
	}
	json_pair_str(out, "digest", digest);
	json_pair_str(out, "mediaType", media_type);
	json_pair_int(out, "size", size);
	json_end_object(out);
	json_end_object(out);
}

enum notar_code
notary_metadata_check(const struct annotation *annotations, size_t count, struct notar_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct annotation *a = &annotations[i];

		if (a->name.len == 0 || a->value.len == 0)
			return notar_fail(err, NOTAR_E_USAGE,
					  "metadata with an empty name or an empty value");
		if (span_starts_with(a->name, NOTARY_PREFIX))
			return notar_fail(err, NOTAR_E_USAGE,
					  "metadata \"%.*s\": names that begin "
					  "with " NOTARY_PREFIX " are reserved",
					  (int)(a->name.len < 80 ? a->name.len : 80),
					  (const char *)a->name.ptr);
		for (size_t k = 0; k < i; k++)
			if (span_equal(a->name, annotations[k].name))
				return notar_fail(err, NOTAR_E_USAGE,
						  "metadata \"%.*s\" is given twice",
						  (int)(a->name.len < 80 ? a->name.len : 80),
						  (const char *)a->name.ptr);
	}
	return NOTAR_OK;
}
