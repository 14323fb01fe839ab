/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/notary_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/limits.h"
#include "tests/lib/key_fixture.h"

struct notary_draft
fixture_draft(void)
{
	return (struct notary_draft){ .suite = suite_of_jws(span_str("ES256")),
				      .scheme = NOTARY_X509,
				      .signed_s = FIXTURE_SIGNED_S,
				      .expires_s = FIXTURE_EXPIRES_S,
				      .payload = span_str(FIXTURE_PAYLOAD) };
}

void
fixture_certificates(struct cert_list *out, size_t count)
{
	NOTAR_AUTO_OF(buf) der = fixture_bytes("tests/vectors/trust-stores/ca.der");

	for (size_t i = 0; i < count; i++)
		assert_int_equal(cert_list_add(out, buf_span(&der), count, NULL), NOTAR_OK);
}

struct buf
fixture_replaced(struct span whole, struct span from, struct span to)
{
	struct buf out = { 0 };
	const uint8_t *at = memmem(whole.ptr, whole.len, from.ptr, from.len);

	if (at == NULL)
		fail_msg("nothing to replace: \"%.*s\"", (int)from.len, (const char *)from.ptr);
	size_t offset = (size_t)(at - whole.ptr);

	buf_append(&out, whole.ptr, offset);
	buf_append_span(&out, to);
	buf_append_span(&out, span_from(whole, offset + from.len));
	assert_int_equal(buf_finish(&out, "bytes", NULL), NOTAR_OK);
	return out;
}

void
fixture_expect_sha256(struct span bytes, const char *hex)
{
	const struct notar_digest digest = digest_of(NOTAR_SHA256, bytes);
	char text[2 * FACT_ID_BYTES + 1];

	assert_string_equal(hex_encode(span_of(digest.bytes, FACT_ID_BYTES), text), hex);
}
