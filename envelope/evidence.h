/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_EVIDENCE_H
#define ENVELOPE_EVIDENCE_H

#include "base/fact.h"
#include "notar/verdict.h"
#include "pki/cert.h"

/*
 * envelope/: signature formats, finding and judging them: evidence. Pure but for oci/source.
 *
 * What was found out about one digest in one repository: for each place that was searched
 * whether it answered, and for each signature whether it holds. No policy in here: the same
 * evidence serves every policy and every later state of the keys (design section 2).
 */

/* Places; each is asked on its own and may fail on its own (decision 4). On disk: keep. */
enum evidence_place {
	PLACE_REFERRERS = 0, /* the referrers API, or a layout's own walk */
	PLACE_FALLBACK = 1,  /* tag sha256-<hex> */
	PLACE_SIG = 2,       /* tag sha256-<hex>.sig */
	PLACE_ATT = 3,       /* tag sha256-<hex>.att */
	PLACE_COUNT = 4,
};

enum place_state {
	PLACE_NOT_ASKED = 0,
	PLACE_COMPLETE,
	PLACE_PARTIAL, /* stopped early: policy was satisfied */
	PLACE_FAILED,  /* reason and message say how */
};

struct place {
	enum place_state state;
	enum notar_reason reason; /* when FAILED */
	char message[160];
};

/* One signature that was looked at. Holds when reason is NOTAR_REASON_TRUSTED: then fact is its
 * encoded row. Everything else says why it does not count, whatever the policy. */
struct evidence_item {
	enum evidence_place place;
	struct notar_digest artifact; /* the manifest it came in */
	enum fact_format format;
	enum notar_reason reason;
	char message[200];
	struct buf fact;
	struct buf
		candidate; /* UNTRUSTED_KEY: what to judge again (envelope/candidate.h); or empty */
	/* X509, fresh from a registry: what to ask about revocation. A sequence of chains, the
	 * signature's first, then one a timestamp: 1 count, count times (4 length, DER). */
	struct buf chains;
	bool has_key_hint;
	uint8_t key_hint[FACT_ID_BYTES]; /* unauthenticated */
};

struct evidence {
	struct notar_digest subject;
	struct place places[PLACE_COUNT];
	struct evidence_item *items;
	size_t count;
};

void evidence_release(struct evidence *evidence);

/* Whether a place was asked and did not answer. */
bool evidence_has_failure(const struct evidence *evidence);

/* The next chain of evidence_item.chains, added to out, leaf first; false at the end, or when it is
 * damaged. */
bool evidence_chain_next(struct reader *r, struct cert_list *out);

/* A zeroed item at the end to fill in, or NULL when memory ran out or the cap
 * LIMIT_SIGNATURES is reached. Borrowed until the next call. */
struct evidence_item *evidence_add(struct evidence *evidence);

#endif
