/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_REVOCATION_H
#define SYNC_REVOCATION_H

#include "net/http_client.h"
#include "pki/revocation.h"
#include "sync/list_cache.h"

/*
 * Asks responders and fetches lists (specs/notary-project.md section 15): OCSP first, then CRL.
 * Only ever for chains that lead to somebody trusted: the addresses come out of certificates.
 */
struct revocation_options {
	struct http_client *client; /* one with guard_private, unless private is allowed */
	int64_t deadline_ms;
	bool allow_private;
	bool offline; /* ask nobody */
	int64_t now_s;
	struct list_cache *lists;   /* NULL: every list is fetched */
	bool renewing;              /* answers are wanted that last longer than what is there */
	const atomic_bool *give_up; /* turns true when nobody waits any more; may be NULL */
};

struct revocation_finding {
	struct revocation_answer answer;
	char message[160]; /* why it is unknown */
};

/*
 * One finding a certificate of the chain; the last one is a root, or taken for one. Blocks, at
 * most until the deadline. Whatever goes wrong is UNKNOWN, with its message.
 */
void revocation_check(const struct cert_list *chain, const struct revocation_options *options,
		      struct revocation_finding *findings);

#endif
