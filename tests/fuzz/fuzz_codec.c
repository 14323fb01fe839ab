/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/codec.h"
#include "base/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef enum notar_code
decode_call(struct span text, struct buf *out, const char *what, struct notar_error *err);
typedef void append_call(struct buf *out, struct span bytes);

/* A strict decoder takes only what its encoder writes. */
static void
check_base64(struct span text, decode_call *decode, append_call *append)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	NOTAR_AUTO_OF(buf) again = { 0 };

	if (decode(text, &bytes, "input", NULL) != NOTAR_OK) {
		if (bytes.len != 0)
			abort();
		return;
	}
	append(&again, buf_span(&bytes));
	if (!span_equal(text, buf_span(&again)))
		abort();
}

/* The lenient one takes all that the strict ones take, as the same bytes. */
static void
check_lenient(struct span text, decode_call *strict)
{
	NOTAR_AUTO_OF(buf) bytes = { 0 };
	NOTAR_AUTO_OF(buf) lenient = { 0 };

	if (strict(text, &bytes, "input", NULL) != NOTAR_OK)
		return;
	if (base64_decode_lenient(text, &lenient, "input", NULL) != NOTAR_OK ||
	    !span_equal(buf_span(&bytes), buf_span(&lenient)))
		abort();
}

static void
check_digest(struct span text)
{
	struct notar_digest digest;
	char again[NOTAR_DIGEST_TEXT_BYTES];

	if (digest_parse_span(text, &digest, NULL) == NOTAR_OK &&
	    !span_is(text, notar_digest_format(&digest, again)))
		abort();
}

static void
check_time(struct span text)
{
	int64_t time_s, again_s;
	char again[CLOCK_TEXT_BYTES];

	if (clock_parse_rfc3339(text, &time_s, NULL) != NOTAR_OK)
		return;
	(void)clock_format_rfc3339(time_s, again);
	if (clock_parse_rfc3339(span_str(again), &again_s, NULL) != NOTAR_OK || again_s != time_s)
		abort();
	(void)!clock_parse_duration(text, &time_s, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of(data, size);
	uint8_t bytes[8];
	char hex[2 * sizeof(bytes) + 1];

	check_base64(text, base64_decode, base64_append);
	check_base64(text, base64url_decode, base64url_append);
	check_lenient(text, base64_decode);
	check_lenient(text, base64url_decode);
	if (hex_decode(text, bytes, sizeof(bytes), "input", NULL) == NOTAR_OK &&
	    !span_is(text, hex_encode(span_of(bytes, sizeof(bytes)), hex)))
		abort();
	check_digest(text);
	check_time(text);
	return 0;
}
