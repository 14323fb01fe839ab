/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/bundle_write.h"

static void
write_key(struct span key_id, struct buf *out)
{
	json_name(out, "publicKey");
	json_begin_object(out);
	json_name(out, "hint");
	json_put_base64(out, key_id);
	json_end_object(out);
}

static void
write_certificate(struct span leaf, struct buf *out)
{
	json_name(out, "certificate");
	json_begin_object(out);
	json_name(out, "rawBytes");
	json_put_base64(out, leaf);
	json_end_object(out);
}

static void
write_entries(const struct bundle_material_parts *parts, struct buf *out)
{
	json_name(out, "tlogEntries");
	json_begin_array(out);
	for (size_t i = 0; i < parts->entry_count; i++)
		json_put_raw(out, parts->entries[i]);
	json_end_array(out);
}

static void
write_stamps(const struct bundle_material_parts *parts, struct buf *out)
{
	json_name(out, "timestampVerificationData");
	json_begin_object(out);
	json_name(out, "rfc3161Timestamps");
	json_begin_array(out);
	for (size_t i = 0; i < parts->stamp_count; i++) {
		json_begin_object(out);
		json_name(out, "signedTimestamp");
		json_put_base64(out, parts->stamps[i]);
		json_end_object(out);
	}
	json_end_array(out);
	json_end_object(out);
}

static void
begin(struct buf *out)
{
	json_begin_object(out);
	json_pair_str(out, "mediaType", BUNDLE_TYPE);
	json_name(out, "verificationMaterial");
	json_begin_object(out);
}

static void
write_keyless(const struct bundle_material_parts *parts, struct buf *out)
{
	begin(out);
	write_certificate(parts->leaf, out);
	if (parts->entry_count > 0)
		write_entries(parts, out);
	if (parts->stamp_count > 0)
		write_stamps(parts, out);
	json_end_object(out);
}

static void
write_material(struct span key_id, struct buf *out)
{
	begin(out);
	write_key(key_id, out);
	json_end_object(out);
}

static void
write_dsse(struct span payload, struct span signature, struct buf *out)
{
	json_name(out, "dsseEnvelope");
	dsse_write(span_str(DSSE_TYPE_INTOTO), payload, signature, out);
	json_end_object(out);
}

static void
write_message(const struct notar_digest *digest, struct span signature, struct buf *out)
{
	json_name(out, "messageSignature");
	json_begin_object(out);
	json_name(out, "messageDigest");
	json_begin_object(out);
	json_pair_str(out, "algorithm", digest->alg == NOTAR_SHA256 ? "SHA2_256" : "SHA2_512");
	json_name(out, "digest");
	json_put_base64(out, span_of(digest->bytes, notar_digest_len(digest->alg)));
	json_end_object(out);
	json_name(out, "signature");
	json_put_base64(out, signature);
	json_end_object(out);
	json_end_object(out);
}

void
bundle_write_dsse(struct span key_id, struct span payload, struct span signature, struct buf *out)
{
	write_material(key_id, out);
	write_dsse(payload, signature, out);
}

void
bundle_write_message(struct span key_id, const struct notar_digest *digest, struct span signature,
		     struct buf *out)
{
	write_material(key_id, out);
	write_message(digest, signature, out);
}

void
bundle_write_keyless_dsse(const struct bundle_material_parts *parts, struct span payload,
			  struct span signature, struct buf *out)
{
	write_keyless(parts, out);
	write_dsse(payload, signature, out);
}

void
bundle_write_keyless_message(const struct bundle_material_parts *parts,
			     const struct notar_digest *digest, struct span signature,
			     struct buf *out)
{
	write_keyless(parts, out);
	write_message(digest, signature, out);
}
