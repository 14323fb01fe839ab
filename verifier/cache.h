/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERIFIER_CACHE_H
#define VERIFIER_CACHE_H

#include "envelope/judge.h"
#include "store/listings.h"
#include "store/writer.h"

/*
 * Evidence out of the store and into it. The evaluation does not know where evidence came from,
 * so an answer from the store is the answer that the registry's bytes would give.
 */
struct cached {
	int64_t listed_s;
	uint64_t oldest_judgement; /* smallest trust generation a candidate was judged at */
	bool has_candidates;
};

/*
 * room is for decoding. *out is released by the caller, also after a failure.
 * NOTAR_E_NOT_FOUND: no listing, or a fact it names is gone: fetch. NOTAR_E_STORE: damaged, the
 * same for a caller that can fetch.
 */
NOTAR_MUST_USE enum notar_code
cache_load(struct store_reader *reader, const char *repository, const struct notar_digest *subject,
	   struct listing *room, struct evidence *out, struct cached *cached,
	   struct notar_error *err);

/*
 * Judges the candidates again with today's keys, as of trust generation `generation`. Those
 * whose bytes the store has lost are left as they are, with *lost true: then only the registry
 * can tell. Does signature checks, so not on an event loop.
 */
void cache_rejudge(struct store_reader *reader, const struct listing *room,
		   const struct keyring *keyring, struct evidence *evidence, bool *lost);

/* What the store keeps of this evidence, for store_writer_submit. Takes candidates' bytes out
 * of the evidence. */
NOTAR_MUST_USE enum notar_code
cache_batch(const char *repository, struct evidence *evidence, int64_t listed_s,
	    uint64_t generation, struct listing *room, struct store_batch **out,
	    struct notar_error *err);

#endif
