/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENVELOPE_DISCOVER_H
#define ENVELOPE_DISCOVER_H

#include "envelope/judge.h"
#include "oci/source.h"

/*
 * From a digest to evidence: lists what is attached to it, fetches, judges. Bounded in count,
 * bytes and time (CVE-2023-46737, CVE-2024-29902). Blocks, at most until the source's deadline.
 *
 * Order and cost (decision 24): referrers API, then manifest and blob of each candidate, those
 * that say they sign first; then, only while `enough` says no, the fallback tag, the .sig tag
 * and, for attestations, the .att tag. A place that fails is recorded as failed and never reads
 * as empty.
 */
struct discover_options {
	struct keyring keyring;
	const struct content *subject; /* the manifest asked about, where it is at hand; or NULL */
	bool attestations;             /* look at .att and at bundles of any type */
	bool keep_candidates;          /* fill evidence_item.candidate */
	/* True when what is there already satisfies the policy: stop. NULL: look everywhere. */
	bool (*enough)(void *context, const struct evidence *evidence);
	void *context;
};

/* Never fails: whatever a registry does is in the evidence. */
void discover(struct source *source, const struct notar_digest *subject,
	      const struct discover_options *options, struct evidence *out);

#endif
