/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_SIGN_FILES_H
#define SIGNER_SIGN_FILES_H

#include "notar/sign.h"
#include "signer/command.h"

/* What `notar sign` and `sign-blob` say about format, certificates, expiry and timestamps. */
struct sign_files {
	struct buf chain, tsa_root;
};
void sign_files_release(struct sign_files *files);

/* Fills format, certificate_chain, expiry_s, timestamp_url and timestamp_root of *out, which
 * borrows from files and options. NOTAR_E_USAGE. */
NOTAR_MUST_USE enum notar_code
sign_files_read(const struct options *options, struct sign_files *files,
		struct notar_sign_options *out, struct notar_error *err);

#endif
