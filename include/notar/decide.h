/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTAR_DECIDE_H
#define NOTAR_DECIDE_H

#include "notar/verify.h"

/*
 * "May this image run?", answered from a notard store alone: no network, no daemon, some
 * microseconds (decision 12). For registries and nodes that share the store's files.
 *
 * An answer obeys what `notar trust` and the policy import have written before the call began,
 * in whatever process. What the store cannot answer is undetermined with reason "not_cached":
 * ask notard, or notar_verify.
 */

#ifdef __cplusplus
extern "C" {
#endif

/* One thread at a time; open one a thread: they share what can be shared. Not across fork(2). */
struct notar_decider;

struct notar_decide_options {
	const char *state;      /* the store's folder */
	int64_t listing_ttl_s;  /* 0: an hour. How long a listing that satisfies stays fresh */
	int64_t negative_ttl_s; /* 0: 15 s. How long one that does not */
};

/* NOTAR_E_NOT_FOUND when there is no store, NOTAR_E_STORE when it cannot be used. Needs write
 * access to the store's lock file, and to nothing else. */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_decider_open(const struct notar_decide_options *options, struct notar_decider **out,
		   struct notar_error *err);
NOTAR_API void notar_decider_free(struct notar_decider *decider); /* NULL is allowed */

/*
 * image: "registry/repo@digest". A tag alone is NOTAR_E_USAGE: tags are resolved by who can ask
 * the registry. NOTAR_OK means that there is a report; free it with notar_report_free.
 */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_decide(struct notar_decider *decider, const char *image, struct notar_report **out,
	     struct notar_error *err);

/* The same without details: verdict, and reason when it is not NULL. */
NOTAR_MUST_USE NOTAR_API enum notar_code
notar_decide_verdict(struct notar_decider *decider, const char *image, enum notar_verdict *verdict,
		     enum notar_reason *reason, struct notar_error *err);

#ifdef __cplusplus
}
#endif
#endif
