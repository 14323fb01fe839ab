/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_KEYLESS_FILES_H
#define SIGNER_KEYLESS_FILES_H

#include "base/buf.h"
#include "notar/sign.h"
#include "signer/options.h"

/* What `notar sign`, `attest` and `sign-blob` say of keyless signing. */
struct keyless_files {
	struct buf signing_config, trusted_root;
};
void keyless_files_release(struct keyless_files *files);

/* Whether it is keyless: no key is given, and whom to ask is. NOTAR_E_USAGE for what does not go
 * together. */
NOTAR_MUST_USE enum notar_code
keyless_is_asked(const struct options *options, bool *out, struct notar_error *err);

/* out borrows from files and options. NOTAR_E_USAGE. */
NOTAR_MUST_USE enum notar_code
keyless_files_read(const struct options *options, struct keyless_files *files,
		   struct notar_keyless *out, struct notar_error *err);

#endif
