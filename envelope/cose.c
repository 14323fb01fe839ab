/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/cose.h"

#include <stdio.h>

#include "base/json.h"
#include "base/limits.h"
#include "envelope/cbor.h"
#include "envelope/notary_header.h"

#define TAG_SIGN1 18
#define TAG_EPOCH 1
#define LABEL_ALG 1
#define LABEL_CRIT 2
#define LABEL_CONTENT_TYPE 3
#define LABEL_X5CHAIN 33

/* What a map's key is: a number, or a text. */
struct label {
	bool is_text;
	int64_t number;
	struct span text;
	char digits[24]; /* of a number */
};

static enum notar_code
malformed(const char *what, struct notar_error *err)
{
	return notar_fail(err, NOTAR_E_FORMAT, "cose: %s", what);
}

static void
take_label(struct reader *r, struct label *out)
{
	*out = (struct label){ .is_text = cbor_next(r) == CBOR_TEXT };
	if (out->is_text)
		out->text = cbor_text(r);
	else
		out->number = cbor_int(r);
	(void)snprintf(out->digits, sizeof(out->digits), "%lld", (long long)out->number);
}

static struct span
label_name(const struct label *label)
{
	return label->is_text ? label->text : span_str(label->digits);
}

static int64_t
take_time(struct reader *r, bool *has)
{
	if (cbor_tag(r) != TAG_EPOCH)
		r->failed = true;
	*has = true;
	return cbor_int(r);
}

/* Labels in crit: text names, or numbers of extensions; those are compared as their digits, which
 * live in digits. Never the registered ones (section 6.1). */
static void
take_critical(struct reader *r, struct notary_header *h, char digits[][24])
{
	size_t count = cbor_array(r);

	if (count > NOTARY_ATTRIBUTES_MAX)
		r->failed = true;
	for (size_t i = 0; i < count && !r->failed; i++) {
		struct label label;

		take_label(r, &label);
		if (!label.is_text && label.number >= 0 && label.number <= 8)
			r->failed = true;
		memcpy(digits[i], label.digits, sizeof(label.digits));
		h->critical[i] = label.is_text ? label.text : span_str(digits[i]);
	}
	h->critical_count = r->failed ? 0 : count;
}

static enum notar_code
take_extra(struct reader *r, const struct label *label, struct notary_envelope *out,
	   struct notar_error *err)
{
	NOTAR_AUTO_OF(buf) value = { .cap = LIMIT_NOTARY_ENVELOPE_BYTES };

	/* As a plugin would be told it; what has no JSON form is told by its bytes. */
	switch (cbor_next(r)) {
	case CBOR_TEXT:
		json_put_span(&value, cbor_text(r));
		break;
	case CBOR_UINT:
	case CBOR_NEGATIVE:
		json_put_int(&value, cbor_int(r));
		break;
	default:
		json_put_base64(&value, cbor_skip(r));
		break;
	}
	NOTAR_TRY(buf_finish(&value, "attribute", err));
	return notary_add_extra(out, label_name(label), buf_span(&value), err);
}

/* As in a JWS: it names something to be found, so blank is not "absent". */
static enum notar_code
take_name(struct reader *r, struct buf *out, struct notar_error *err)
{
	struct span text = cbor_text(r);

	if (!r->failed && (text.len == 0 || text.ptr[0] == ' '))
		return malformed("a verification plugin's name or version is blank", err);
	buf_append_span(out, text);
	return buf_finish(out, "verification plugin", err);
}

static enum notar_code
take_number_member(struct reader *r, const struct label *label, struct notary_header *h,
		   char digits[][24], struct notary_envelope *out, struct notar_error *err)
{
	switch (label->number) {
	case LABEL_ALG:
		out->suite = suite_of_cose(cbor_int(r));
		return out->suite != NULL ? NOTAR_OK :
					    malformed("the algorithm is not allowed", err);
	case LABEL_CRIT:
		take_critical(r, h, digits);
		return NOTAR_OK;
	case LABEL_CONTENT_TYPE:
		h->content_type = cbor_text(r);
		return NOTAR_OK;
	}
	return take_extra(r, label, out, err);
}

static enum notar_code
take_text_member(struct reader *r, const struct label *label, struct notary_header *h,
		 struct notary_envelope *out, struct notar_error *err)
{
	if (span_is(label->text, NOTARY_SCHEME))
		h->scheme = cbor_text(r);
	else if (span_is(label->text, NOTARY_SIGNING_TIME))
		h->signed_s = take_time(r, &h->has_signed);
	else if (span_is(label->text, NOTARY_AUTHENTIC_TIME))
		h->authentic_s = take_time(r, &h->has_authentic);
	else if (span_is(label->text, NOTARY_EXPIRY))
		h->expires_s = take_time(r, &h->has_expiry);
	else if (span_is(label->text, NOTARY_PLUGIN))
		return take_name(r, &out->plugin, err);
	else if (span_is(label->text, NOTARY_PLUGIN_MIN))
		return take_name(r, &out->plugin_min_version, err);
	else
		return take_extra(r, label, out, err);
	return NOTAR_OK;
}

static enum notar_code
read_protected(struct span bytes, struct notary_envelope *out, struct notar_error *err)
{
	struct notary_header header = { 0 };
	char digits[NOTARY_ATTRIBUTES_MAX][24];
	struct reader whole = { .rest = bytes };
	struct reader r = { .rest = bytes };

	/* Once for the form alone: one map, its keys different, nothing behind it. */
	if (cbor_next(&whole) != CBOR_MAP || cbor_skip(&whole).len == 0 || whole.rest.len > 0)
		return malformed("the protected header is not one well-formed map", err);
	for (size_t left = cbor_map(&r); left > 0 && !r.failed; left--) {
		struct label label;

		take_label(&r, &label);
		if (r.failed)
			break;
		NOTAR_TRY(label.is_text ?
				  take_text_member(&r, &label, &header, out, err) :
				  take_number_member(&r, &label, &header, digits, out, err));
	}
	if (r.failed)
		return malformed("an attribute of the protected header is of another type", err);
	if (out->suite == NULL)
		return malformed("no algorithm", err);
	return notary_header_finish(&header, out, err);
}

static enum notar_code
take_chain(struct reader *r, struct notary_envelope *out, struct notar_error *err)
{
	size_t count = cbor_array(r);

	if (r->failed || count == 0)
		return malformed("x5chain is no array of certificates", err);
	for (size_t i = 0; i < count; i++) {
		struct span der = cbor_bytes(r);

		if (r->failed)
			return malformed("x5chain holds something else than bytes", err);
		NOTAR_TRY(cert_list_add(&out->chain, der, LIMIT_CHAIN_CERTIFICATES, err));
	}
	return NOTAR_OK;
}

/* Whether the protected map, which is well-formed, has this label. Labels have one spelling. */
static bool
is_protected(struct span protected, struct span label)
{
	struct reader r = { .rest = protected };

	for (size_t left = cbor_map(&r); left > 0; left--) {
		if (span_equal(cbor_skip(&r), label))
			return true;
		(void)cbor_skip(&r);
	}
	return false;
}

static enum notar_code
read_unprotected(struct span bytes, struct span protected, struct notary_envelope *out,
		 struct notar_error *err)
{
	struct reader r = { .rest = bytes };

	out->timestamp.cap = LIMIT_TIMESTAMP_BYTES;
	for (size_t left = cbor_map(&r); left > 0 && !r.failed; left--) {
		const uint8_t *start = r.rest.ptr;
		struct label label;

		take_label(&r, &label);
		if (r.failed)
			break;
		if (!label.is_text && label.number == LABEL_CRIT)
			return malformed("crit outside of the protected header", err);
		if (is_protected(protected, span_of(start, (size_t)(r.rest.ptr - start))))
			return malformed("a label in both headers", err);
		if (!label.is_text && label.number == LABEL_X5CHAIN)
			NOTAR_TRY(take_chain(&r, out, err));
		else if (label.is_text && span_is(label.text, NOTARY_AGENT))
			buf_append_span(&out->agent, cbor_text(&r));
		else if (label.is_text && span_is(label.text, NOTARY_TIMESTAMP))
			buf_append_span(&out->timestamp, cbor_bytes(&r));
		else
			(void)cbor_skip(&r);
	}
	if (r.failed)
		return malformed("an attribute of the unprotected header is of another type", err);
	if (out->chain.count == 0)
		return malformed("no x5chain", err);
	NOTAR_TRY(buf_finish(&out->agent, "signing agent", err));
	return buf_finish(&out->timestamp, "timestamp", err);
}

static enum notar_code
read_parts(struct span bytes, struct notary_envelope *out, struct notar_error *err)
{
	struct reader r = { .rest = bytes };

	if (cbor_tag(&r) != TAG_SIGN1 || cbor_array(&r) != 4 || r.failed)
		return malformed("not a tagged COSE_Sign1", err);
	struct span protected = cbor_bytes(&r);
	bool is_map = cbor_next(&r) == CBOR_MAP;
	struct span unprotected = cbor_skip(&r);
	struct span payload = cbor_bytes(&r);
	struct span signature = cbor_bytes(&r);

	if (r.failed || !is_map || r.rest.len > 0)
		return malformed("not the four parts of a COSE_Sign1 and nothing else", err);
	if (signature.len == 0 || payload.len == 0)
		return malformed("no payload, or no signature", err);
	NOTAR_TRY(read_protected(protected, out, err));
	NOTAR_TRY(read_unprotected(unprotected, protected, out, err));
	buf_append_span(&out->payload, payload);
	buf_append_span(&out->signature, signature);
	cose_write_tbs(protected, payload, &out->to_be_signed);
	NOTAR_TRY(buf_finish(&out->payload, "payload", err));
	NOTAR_TRY(buf_finish(&out->signature, "signature", err));
	return buf_finish(&out->to_be_signed, "signed bytes", err);
}

enum notar_code
cose_parse(struct span bytes, struct notary_envelope *out, struct notar_error *err)
{
	NOTAR_AUTO_OF(notary_envelope) read = { .format = FACT_COSE };

	if (bytes.len > LIMIT_NOTARY_ENVELOPE_BYTES)
		return notar_fail(err, NOTAR_E_LIMIT, "cose: over %u bytes",
				  LIMIT_NOTARY_ENVELOPE_BYTES);
	NOTAR_TRY(read_parts(bytes, &read, err));
	*out = read;
	read = (struct notary_envelope){ 0 };
	return NOTAR_OK;
}
