/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/dsse.h"

#include "base/codec.h"
#include "base/limits.h"

void
dsse_release(struct dsse *dsse)
{
	buf_release(&dsse->payload);
	buf_release(&dsse->payload_type);
	buf_release(&dsse->signature);
}

static enum notar_code
read_signature(const struct json *at, struct dsse *out, struct notar_error *err)
{
	static const char *const names[] = { "sig", "keyid" };
	struct json list;
	size_t count;
	struct span text;

	NOTAR_TRY(json_member(at, "signatures", &list, err));
	NOTAR_TRY(json_as_array(&list, LIMIT_SIGNATURES, &count, err));
	if (count != 1)
		return notar_fail(err, NOTAR_E_FORMAT, "%s: %zu signatures, not one", list.path,
				  count);
	struct json one = json_item(&list, 0);

	NOTAR_TRY(json_only(&one, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(&one, "sig", &text, err));
	out->signature.cap = LIMIT_SIGNATURE_BYTES;
	NOTAR_TRY(base64_decode_lenient(text, &out->signature, "dsse signature", err));
	if (out->signature.len == 0)
		return notar_fail(err, NOTAR_E_FORMAT, "%s[0].sig: empty", list.path);
	return NOTAR_OK;
}

enum notar_code
dsse_read(const struct json *at, struct dsse *out, struct notar_error *err)
{
	static const char *const names[] = { "payload", "payloadType", "signatures" };
	NOTAR_AUTO_OF(dsse) dsse = { 0 };
	struct span text;

	NOTAR_TRY(json_only(at, names, NOTAR_COUNT(names), err));
	NOTAR_TRY(json_member_string(at, "payloadType", &text, err));
	buf_append_span(&dsse.payload_type, text);
	NOTAR_TRY(buf_finish(&dsse.payload_type, "payloadType", err));
	NOTAR_TRY(json_member_string(at, "payload", &text, err));
	NOTAR_TRY(base64_decode_lenient(text, &dsse.payload, "dsse payload", err));
	NOTAR_TRY(read_signature(at, &dsse, err));
	*out = dsse;
	dsse = (struct dsse){ 0 };
	return NOTAR_OK;
}

void
dsse_pae(struct span payload_type, struct span payload, struct buf *out)
{
	buf_printf(out, "DSSEv1 %zu ", payload_type.len);
	buf_append_span(out, payload_type);
	buf_printf(out, " %zu ", payload.len);
	buf_append_span(out, payload);
}

void
dsse_write(struct span payload_type, struct span payload, struct span signature, struct buf *out)
{
	json_begin_object(out);
	json_name(out, "payload");
	json_put_base64(out, payload);
	json_pair_span(out, "payloadType", payload_type);
	json_name(out, "signatures");
	json_begin_array(out);
	json_begin_object(out);
	json_name(out, "sig");
	json_put_base64(out, signature);
	json_end_object(out);
	json_end_array(out);
	json_end_object(out);
}
