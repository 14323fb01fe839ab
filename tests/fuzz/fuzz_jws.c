/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/jws.h"

#include "base/codec.h"
#include "tests/fuzz/notary_properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What our writer makes of it says the same, and is what a signer would have signed. */
static void
write_again(const struct notary_envelope *envelope)
{
	NOTAR_AUTO_OF(buf) protected = { 0 }, tbs = { 0 }, out = { 0 };
	NOTAR_AUTO_OF(notary_envelope) again = { 0 };
	const struct notary_draft draft = draft_of(envelope);

	jws_write_protected(&draft, &protected);
	jws_write_tbs(buf_span(&protected), draft.payload, &tbs);
	jws_write(buf_span(&protected), draft.payload, buf_span(&envelope->signature),
		  &envelope->chain, buf_span(&envelope->timestamp), "fuzz", &out);
	if (out.len > LIMIT_NOTARY_ENVELOPE_BYTES)
		return;
	if (jws_parse(buf_span(&out), &again, NULL) != NOTAR_OK ||
	    !span_equal(buf_span(&again.to_be_signed), buf_span(&tbs)) || again.extra_count != 0 ||
	    !span_is(buf_span(&again.agent), "fuzz"))
		abort();
	expect_equal(envelope, &again);
}

/* The signed bytes are two base64url texts around a dot, the second of them the payload. */
static void
expect_carried(const struct notary_envelope *envelope, struct span in)
{
	struct span tbs = buf_span(&envelope->to_be_signed);
	struct span payload = span_from(tbs, span_find(tbs, '.') + 1);
	NOTAR_AUTO_OF(buf) decoded = { 0 };

	if (envelope->format != FACT_JWS || tbs.len > in.len + 1 ||
	    span_find(payload, '.') != payload.len ||
	    base64url_decode(payload, &decoded, "payload", NULL) != NOTAR_OK ||
	    !span_equal(buf_span(&decoded), buf_span(&envelope->payload)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NOTAR_AUTO_OF(notary_envelope) envelope = { 0 };
	struct notar_error err = { 0 };

	if (jws_parse(span_of(data, size), &envelope, &err) != NOTAR_OK) {
		expect_nothing(&envelope, &err);
		return 0;
	}
	expect_whole(&envelope, size);
	expect_carried(&envelope, span_of(data, size));
	write_again(&envelope);
	return 0;
}
