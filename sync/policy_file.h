/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_POLICY_FILE_H
#define SYNC_POLICY_FILE_H

#include "trust/notation.h"
#include "trust/policy.h"

/*
 * The policy that an operator names: notar-policy(5), or a trust policy of the Notary Project
 * with the trust stores beside it, or the folder of such a configuration (docs/formats.md).
 */
struct policy_file {
	struct buf text; /* notar-policy(5), whole, whatever the file was */
	struct policy *policy;
	bool is_notation;
};
void policy_file_release(struct policy_file *file);

/* What a file is by its name: trustpolicy.blob.json is about blobs. */
enum notation_kind policy_file_kind(const char *path);

/* Reads and checks it. NOTAR_E_CONFIG, opening with the path; the certificate's file is named when
 * it is that. Blocks on the disk. */
NOTAR_MUST_USE enum notar_code policy_file_read(const char *path, enum notation_kind kind,
						struct policy_file *out, struct notar_error *err);

#endif
