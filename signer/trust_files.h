/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_TRUST_FILES_H
#define SIGNER_TRUST_FILES_H

#include "signer/options.h"
#include "sync/policy_file.h"

/* The files that say who is trusted, for verify, verify-attestation and verify-blob. */
struct trust_files {
	struct buf keys[OPTIONS_MAX_VALUES];
	const char *key_texts[OPTIONS_MAX_VALUES];
	struct policy_file policy;
	struct buf trusted_root;
};
void trust_files_release(struct trust_files *files);

/* Fills in what ask says of keys, identity, policy and store; ask borrows from files and options.
 * NOTAR_E_USAGE for options that do not go together and files that are not what they should be. */
NOTAR_MUST_USE enum notar_code
trust_files_read(const struct options *options, enum notation_kind kind, struct trust_files *files,
		 struct notar_verify_options *ask, struct notar_error *err);

#endif
