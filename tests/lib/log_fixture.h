/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_LOG_FIXTURE_H
#define TESTS_LIB_LOG_FIXTURE_H

#include "envelope/log_entry.h"
#include "pki/cert.h"

/* Folders of tests/vectors/sigstore/: an entry, its log, and the signature that it is about. Every
 * call fails the test on any error. */
struct log_fixture {
	struct log_entry entry;
	struct log_claim claim;
	struct root_log log;
	struct trusted_root root;
	const struct trusted_root *root_list[1];
	struct trusted_roots roots;
	struct buf text; /* entry.json */
	struct buf signature, message, payload;
	struct cert *cert;
	struct key *key;
};
void log_fixture_init(struct log_fixture *fixture, const char *folder);
void log_fixture_release(struct log_fixture *fixture);

/* log_entry_read of a text. */
NOTAR_MUST_USE enum notar_code
log_fixture_read(struct span text, struct log_entry *out, struct notar_error *err);

/* log_entry_verify as a bundle 0.3 has it. */
NOTAR_MUST_USE enum notar_code log_fixture_verify(const struct log_fixture *fixture,
						  struct log_seen *out, struct notar_error *err);

#endif
