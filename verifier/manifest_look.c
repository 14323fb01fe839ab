/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/manifest_look.h"

#include "base/limits.h"
#include "oci/manifest.h"

/* No container runtime unpacks these. The beginnings end where a version follows. */
static const char *const carriers[] = {
	"application/vnd.dev.cosign.simplesigning.v1+json",
	"application/vnd.dsse.envelope.v1+json",
	"application/vnd.in-toto+json",
	"application/jose+json",
	"application/cose",
	"application/vnd.cyclonedx+json",
	"application/vnd.cyclonedx+xml",
	"application/spdx+json",
	"text/spdx",
	"text/spdx+json",
};
static const char bundle_prefix[] = "application/vnd.dev.sigstore.bundle";

static bool
is_carrier(struct span media_type)
{
	for (size_t i = 0; i < NOTAR_COUNT(carriers); i++)
		if (span_is(media_type, carriers[i]))
			return true;
	return media_type.len >= sizeof(bundle_prefix) - 1 &&
	       memcmp(media_type.ptr, bundle_prefix, sizeof(bundle_prefix) - 1) == 0;
}

static enum manifest_kind
kind_of(const struct manifest *m)
{
	if (m->is_index)
		return MANIFEST_INDEX;
	for (size_t i = 0; i < m->count; i++)
		if (!is_carrier(m->entries[i].media_type))
			return MANIFEST_IMAGE;
	return m->count > 0 ? MANIFEST_ARTIFACT : MANIFEST_IMAGE;
}

/* "linux/arm64/v8", at the end of the room. */
static struct span
platform_of(const struct descriptor *d, struct buf *room)
{
	static const char *const parts[] = { "os", "architecture", "variant" };
	size_t start = room->len;
	struct notar_error err;

	for (size_t i = 0; d->platform.value != NULL && i < NOTAR_COUNT(parts); i++) {
		struct span part;

		if (json_optional_string(&d->platform, parts[i], &part, &err) != NOTAR_OK ||
		    part.len == 0 || part.len > LIMIT_PLATFORM_CHARS)
			continue;
		if (room->len > start)
			buf_append_byte(room, '/');
		buf_append_span(room, part);
	}
	return span_from(buf_span(room), start);
}

static enum notar_code
read_children(const struct manifest *m, struct manifest_row *row, struct buf *room,
	      struct notar_error *err)
{
	if (m->count > MANIFEST_CHILDREN)
		return notar_fail(err, NOTAR_E_LIMIT, "an index of over %d manifests",
				  MANIFEST_CHILDREN);
	/* So much that the room never moves, and spans into it stay. */
	(void)buf_extend(room, MANIFEST_CHILDREN * (size_t)(3 * LIMIT_PLATFORM_CHARS + 2));
	buf_cut(room, 0);
	for (size_t i = 0; i < m->count; i++) {
		row->children[i].digest = m->entries[i].digest;
		row->children[i].platform = platform_of(&m->entries[i], room);
	}
	row->count = m->count;
	return buf_finish(room, "platforms", err);
}

enum notar_code
manifest_look(struct span bytes, struct span media_type, struct buf *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(manifest) m = { 0 };
	NOTAR_AUTO_OF(buf) room = { 0 };
	struct manifest_row row = { 0 };

	NOTAR_TRY(manifest_parse(bytes, media_type, &m, err));
	row.kind = kind_of(&m);
	row.media_type = m.media_type;
	if (m.has_subject)
		row.subject = m.subject.digest;
	if (m.is_index)
		NOTAR_TRY(read_children(&m, &row, &room, err));
	manifest_row_encode(&row, out);
	return buf_finish(out, "manifest row", err);
}
