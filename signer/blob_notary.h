/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_BLOB_NOTARY_H
#define SIGNER_BLOB_NOTARY_H

#include "base/span.h"
#include "signer/command.h"

/* `notar sign-blob --format jws|cose` and what verifies it (specs/notary-project.md section 18). */

/* Appends the envelope over the file's bytes, by the --key, a file's or a plugin's. */
NOTAR_MUST_USE enum notar_code blob_notary_sign(const struct options *options, struct span blob,
						struct buf *out, struct notar_error *err);

/* The exit status, with the verdict printed; -1 with *err. */
int blob_notary_verify(const struct options *options, struct notar_error *err);

#endif
