/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "base/limits.h"
#include "pki/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The corpus is over this message and this nonce, so that what is behind those checks is reached
 * (tests/vectors/timestamp/make). */
static const char message[] = "the raw bytes of a signature";

static void
try_token(struct span token)
{
	NOTAR_AUTO_OF(timestamp) found = { 0 };
	struct notar_error err = { 0 };

	if (timestamp_verify(token, span_str(message), &found, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || found.chain.count != 0)
			abort();
		return;
	}
	if (found.chain.count == 0 || found.chain.count > LIMIT_CHAIN_CERTIFICATES ||
	    found.from_s > found.to_s)
		abort();
	for (size_t i = 0; i + 1 < found.chain.count; i++)
		if (cert_is_issued_by(found.chain.certs[i], found.chain.certs[i + 1], NULL) !=
		    NOTAR_OK)
			abort();
	for (size_t i = 0; i < found.chain.count; i++) {
		NOTAR_AUTO_OF(cert_list) chain = { 0 };

		if (timestamp_anchor(&found, found.chain.certs[i], &chain, &err) == NOTAR_OK &&
		    (chain.count != i + 1 || !chain.certs[i]->is_self_signed))
			abort();
	}
}

/* A token, or a reply with one that then lies inside it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct notar_digest imprint = digest_of(NOTAR_SHA256, span_str(message));
	struct span in = span_of(data, size), token = { 0 };
	struct notar_error err = { 0 };
	uint8_t nonce[TIMESTAMP_NONCE_BYTES];

	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(0x81 + i);
	try_token(in);
	if (timestamp_reply(in, &imprint, nonce, &token, &err) != NOTAR_OK) {
		if (err.msg[0] == '\0' || token.ptr != NULL)
			abort();
		return 0;
	}
	if (token.ptr < data || token.len > (size_t)(data + size - token.ptr))
		abort();
	try_token(token);
	return 0;
}
