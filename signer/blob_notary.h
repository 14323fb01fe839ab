/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIGNER_BLOB_NOTARY_H
#define SIGNER_BLOB_NOTARY_H

#include "base/span.h"
#include "signer/command.h"

/* `notar sign-blob --format jws|cose` (specs/notary-project.md section 18). */

/* Appends the envelope over the file's bytes, by the --key, a file's or a plugin's. */
NOTAR_MUST_USE enum notar_code blob_notary_sign(const struct options *options, struct span blob,
						struct buf *out, struct notar_error *err);

#endif
