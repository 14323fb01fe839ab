/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_NOTARY_PROPERTIES_H
#define TESTS_FUZZ_NOTARY_PROPERTIES_H

#include "base/limits.h"
#include "envelope/notary.h"

/* What must be so of an envelope, whichever reader it came from. */

/* After a failure: a reason, and nothing else. */
static inline void
expect_nothing(const struct notary_envelope *envelope, const struct notar_error *err)
{
	static const struct notary_envelope nothing;

	if (err->msg[0] == '\0' || memcmp(envelope, &nothing, sizeof(nothing)) != 0)
		abort();
}

static inline void
expect_whole(const struct notary_envelope *envelope, size_t input_bytes)
{
	if (envelope->suite == NULL || envelope->chain.count == 0 ||
	    envelope->chain.count > LIMIT_CHAIN_CERTIFICATES || envelope->signature.len == 0 ||
	    envelope->to_be_signed.len == 0 || envelope->payload.len > input_bytes ||
	    envelope->signature.len > input_bytes ||
	    envelope->timestamp.len > LIMIT_TIMESTAMP_BYTES)
		abort();
	if (envelope->scheme != NOTARY_X509 && envelope->scheme != NOTARY_X509_AUTHORITY)
		abort();
	/* An expiry is after the signing time, and never reads as "none". */
	if (envelope->expires_s != 0 &&
	    (envelope->expires_s < 0 || envelope->expires_s <= envelope->signed_s))
		abort();
	for (size_t i = 0; i < envelope->extra_count; i++)
		if (envelope->extras[i].value.len == 0)
			abort();
}

/* Of one that was written from another. */
static inline void
expect_equal(const struct notary_envelope *a, const struct notary_envelope *b)
{
	if (a->suite != b->suite || a->scheme != b->scheme || a->signed_s != b->signed_s ||
	    a->expires_s != b->expires_s || a->chain.count != b->chain.count ||
	    !span_equal(buf_span(&a->payload), buf_span(&b->payload)) ||
	    !span_equal(buf_span(&a->signature), buf_span(&b->signature)) ||
	    !span_equal(buf_span(&a->timestamp), buf_span(&b->timestamp)))
		abort();
	for (size_t i = 0; i < a->chain.count; i++)
		if (memcmp(a->chain.certs[i]->thumbprint, b->chain.certs[i]->thumbprint,
			   FACT_ID_BYTES) != 0)
			abort();
}

static inline struct notary_draft
draft_of(const struct notary_envelope *envelope)
{
	return (struct notary_draft){ .suite = envelope->suite,
				      .scheme = envelope->scheme,
				      .signed_s = envelope->signed_s,
				      .expires_s = envelope->expires_s,
				      .payload = buf_span(&envelope->payload) };
}

#endif
