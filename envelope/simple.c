/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/simple.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/limits.h"

#define PAYLOAD_TYPE "cosign container image signature"
#define ZERO_TIME "0001-01-01T00:00:00Z"

const char *
simple_tag(const struct notar_digest *digest, const char *suffix, char out[SIMPLE_TAG_BYTES])
{
	char text[NOTAR_DIGEST_TEXT_BYTES];
	char *colon = strchr(notar_digest_format(digest, text), ':');

	if (colon != NULL) {
		*colon = '-';
		/* A tag holds 128 characters: sha512 keeps its first 64 (distribution-spec). */
		if (strlen(colon + 1) > 64)
			colon[65] = '\0';
	}
	(void)snprintf(out, SIMPLE_TAG_BYTES, "%s%s", text, suffix);
	return out;
}

void
simple_payload_release(struct simple_payload *payload)
{
	json_root_free(payload->root);
	*payload = (struct simple_payload){ 0 };
}

static enum notar_code
check_critical(const struct json *top, const struct notar_digest *digest,
	       struct simple_payload *out, struct notar_error *err)
{
	struct json critical, identity, image;
	struct span type, text;
	struct notar_digest signed_digest;

	NOTAR_TRY(json_member(top, "critical", &critical, err));
	NOTAR_TRY(json_member(&critical, "identity", &identity, err));
	NOTAR_TRY(json_member(&critical, "image", &image, err));
	NOTAR_TRY(json_member_string(&critical, "type", &type, err));
	if (!span_is(type, PAYLOAD_TYPE))
		return notar_fail(err, NOTAR_E_FORMAT,
				  "simple signing: critical.type is not "
				  "\"" PAYLOAD_TYPE "\"");
	NOTAR_TRY(json_member_string(&identity, "docker-reference", &out->docker_reference, err));
	NOTAR_TRY(json_member_string(&image, "docker-manifest-digest", &text, err));
	NOTAR_TRY(digest_parse_span(text, &signed_digest, err));
	if (!notar_digest_equal(&signed_digest, digest))
		return notar_fail(err, NOTAR_E_DIGEST, "the payload is about another digest");
	return NOTAR_OK;
}

enum notar_code
simple_payload_read(struct span bytes, const struct notar_digest *digest,
		    struct simple_payload *out, struct notar_error *err)
{
	const struct json_limits limits = { LIMIT_ENVELOPE_BYTES, LIMIT_JSON_DEPTH_ENVELOPE };
	NOTAR_AUTO_OF(simple_payload) p = { 0 };
	struct json top;

	NOTAR_TRY(json_parse(bytes, limits, "simple signing", &p.root, &top, err));
	NOTAR_TRY(json_as_object(&top, err));
	NOTAR_TRY(check_critical(&top, digest, &p, err));
	NOTAR_TRY(json_optional(&top, "optional", &p.optional, err));
	if (p.optional.value != NULL)
		NOTAR_TRY(json_as_object(&p.optional, err));
	*out = p;
	p = (struct simple_payload){ 0 };
	return NOTAR_OK;
}

void
simple_payload_write(const char *docker_reference, const struct notar_digest *digest,
		     const struct annotation *annotations, size_t count, struct buf *out)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_begin_object(out);
	json_name(out, "critical");
	json_begin_object(out);
	json_name(out, "identity");
	json_begin_object(out);
	json_pair_str(out, "docker-reference", docker_reference);
	json_end_object(out);
	json_name(out, "image");
	json_begin_object(out);
	json_pair_str(out, "docker-manifest-digest", notar_digest_format(digest, text));
	json_end_object(out);
	json_pair_str(out, "type", PAYLOAD_TYPE);
	json_end_object(out);
	json_name(out, "optional");
	if (count == 0) {
		json_put_null(out);
	} else {
		json_begin_object(out);
		for (size_t i = 0; i < count; i++) {
			json_put_span(out, annotations[i].name);
			buf_append_byte(out, ':');
			json_put_span(out, annotations[i].value);
		}
		json_end_object(out);
	}
	json_end_object(out);
}

static void
put_digest(struct buf *out, const struct notar_digest *digest)
{
	char text[NOTAR_DIGEST_TEXT_BYTES];

	json_put_str(out, notar_digest_format(digest, text));
}

void
simple_config_write(const struct manifest *old, const struct simple_layer *layer, struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "architecture", "");
	json_pair_str(out, "created", ZERO_TIME);
	json_name(out, "history");
	json_begin_array(out);
	for (size_t i = 0; i <= (old == NULL ? 0 : old->count); i++) {
		json_begin_object(out);
		json_pair_str(out, "created", ZERO_TIME);
		json_end_object(out);
	}
	json_end_array(out);
	json_pair_str(out, "os", "");
	json_name(out, "rootfs");
	json_begin_object(out);
	json_pair_str(out, "type", "layers");
	json_name(out, "diff_ids");
	json_begin_array(out);
	for (size_t i = 0; old != NULL && i < old->count; i++)
		put_digest(out, &old->entries[i].digest);
	put_digest(out, &layer->digest);
	json_end_array(out);
	json_end_object(out);
	json_name(out, "config");
	json_begin_object(out);
	json_end_object(out);
	json_end_object(out);
}

static void
write_layer(const struct simple_layer *layer, struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "mediaType", layer->media_type);
	json_pair_int(out, "size", layer->size);
	json_name(out, "digest");
	put_digest(out, &layer->digest);
	json_name(out, "annotations");
	json_begin_object(out);
	json_name(out, SIMPLE_SIGNATURE_ANNOTATION);
	json_put_base64(out, layer->signature);
	if (layer->predicate_type != NULL)
		json_pair_str(out, SIMPLE_PREDICATE_ANNOTATION, layer->predicate_type);
	json_end_object(out);
	json_end_object(out);
}

/* The old layers exactly as they were, unknown members included. */
static void
copy_layers(const struct manifest *old, struct buf *out)
{
	struct notar_error err;
	struct json layers;
	struct json top = { .value = old->root };
	size_t count;

	if (json_member(&top, "layers", &layers, &err) != NOTAR_OK ||
	    json_as_array(&layers, LIMIT_MANIFEST_LAYERS, &count, &err) != NOTAR_OK) {
		out->failed = NOTAR_E_INTERNAL;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_append_byte(out, ',');
		json_put_value(out, json_item(&layers, i).value);
	}
	if (count > 0)
		buf_append_byte(out, ',');
}

void
simple_manifest_write(const struct manifest *old, const struct simple_layer *layer,
		      const struct notar_digest *config_digest, size_t config_bytes,
		      struct buf *out)
{
	json_begin_object(out);
	json_pair_int(out, "schemaVersion", 2);
	json_pair_str(out, "mediaType", OCI_TYPE_MANIFEST);
	json_name(out, "config");
	json_begin_object(out);
	json_pair_str(out, "mediaType", OCI_TYPE_CONFIG);
	json_pair_int(out, "size", (int64_t)config_bytes);
	json_name(out, "digest");
	put_digest(out, config_digest);
	json_end_object(out);
	json_name(out, "layers");
	buf_append_byte(out, '[');
	if (old != NULL)
		copy_layers(old, out);
	write_layer(layer, out);
	buf_append_byte(out, ']');
	json_end_object(out);
}
