/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LISTINGS_H
#define STORE_LISTINGS_H

#include "base/buf.h"
#include "base/fact.h"
#include "base/limits.h"
#include "notar/verdict.h"
#include "store/env.h"

/*
 * Table "listings": what was found at one digest in one repository, and when (decision 4).
 * A decision uses only its own repository's listing; the facts it names are global.
 *   key    32  SHA-256 of the repository's name;  1 + 32 or 64  subject digest
 *   value   1  row version   8  listed at   2 + n  repository's name
 *           4 times:  1  state   1  reason   1 + n  message
 *           2  count of items, each:
 *              1  place   1  format   1  reason   1  flags   1 + 32|64  artifact digest
 *              32  sig_id, where it holds; object id, where it is a candidate; else zeros
 *              8  trust generation it was judged at   32  key hint, if flagged   1 + n  message
 * States, places and formats are the numbers of envelope/evidence.h and base/fact.h; reasons have
 * their own (store/reason.h).
 */
#define LISTING_PLACES 4
#define LISTING_MESSAGE_CHARS 199

struct listing_place {
	uint8_t state;
	enum notar_reason reason;
	struct span message;
};

struct listing_item {
	uint8_t place;
	enum fact_format format;
	enum notar_reason reason; /* TRUSTED: it holds, and id is its fact's */
	struct notar_digest artifact;
	bool has_candidate; /* id is an object's: the bytes to judge again */
	uint8_t id[FACT_ID_BYTES];
	uint64_t judged_at; /* trust generation */
	bool has_key_hint;
	uint8_t key_hint[FACT_ID_BYTES];
	struct span message;
};

/* Decoded: spans borrow from the row. Built: from whoever builds it. */
struct listing {
	struct span repository;
	struct notar_digest subject;
	int64_t listed_s;
	struct listing_place places[LISTING_PLACES];
	struct listing_item items[LIMIT_SIGNATURES];
	size_t count;
};

/* Messages are cut to LISTING_MESSAGE_CHARS; too much else fails the buf. */
void listing_encode(const struct listing *listing, struct buf *out);
/* NOTAR_E_STORE for anything that this schema would not write; then out->count is 0. Does not
 * touch out->subject, which is in the key. */
NOTAR_MUST_USE enum notar_code
listing_decode(struct span row, struct listing *out, struct notar_error *err);

/* NOTAR_E_NOT_FOUND, or NOTAR_E_STORE: a miss. */
NOTAR_MUST_USE enum notar_code
listing_get(struct store_reader *reader, struct span repository, const struct notar_digest *subject,
	    struct listing *out, struct notar_error *err);

/* row is an encoded listing about exactly this. */
NOTAR_MUST_USE enum notar_code
listing_put(struct store_write *write, struct span repository, const struct notar_digest *subject,
	    struct span row, struct notar_error *err);

/* Of a listing's key: its subject. */
NOTAR_MUST_USE enum notar_code
listing_key_subject(struct span key, struct notar_digest *out, struct notar_error *err);

#endif
