/* SPDX-License-Identifier: Apache-2.0 */
#include "envelope/candidate.h"

void
candidate_encode(enum fact_format format, struct span bytes, struct span signature, struct buf *out)
{
	buf_append_byte(out, (uint8_t)format);
	buf_append_be(out, bytes.len, 4);
	buf_append_span(out, bytes);
	buf_append_be(out, signature.len, 4);
	buf_append_span(out, signature);
}

static void
damaged(struct evidence_item *item)
{
	item->reason = NOTAR_REASON_STORE_FAILURE;
}

void
candidate_judge(struct span row, const struct notar_digest *subject, const struct keyring *keyring,
		struct evidence_item *item)
{
	struct reader r = { .rest = row };
	uint64_t format = reader_be(&r, 1);
	struct span bytes = reader_take(&r, (size_t)reader_be(&r, 4));
	struct span signature = reader_take(&r, (size_t)reader_be(&r, 4));

	if (reader_finish(&r, "candidate", NULL) != NOTAR_OK || format < FACT_BUNDLE ||
	    format > FACT_FORMAT_LAST) {
		damaged(item);
		return;
	}
	switch ((enum fact_format)format) {
	case FACT_BUNDLE:
		judge_bundle(bytes, subject, keyring, item);
		return;
	case FACT_SIMPLE:
		judge_simple(bytes, signature, NULL, subject, keyring, item);
		return;
	case FACT_DSSE:
		judge_dsse(bytes, NULL, subject, keyring, item);
		return;
	case FACT_JWS:
	case FACT_COSE:
		break;
	}
	damaged(item);
}
