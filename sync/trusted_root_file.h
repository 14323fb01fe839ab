/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYNC_TRUSTED_ROOT_FILE_H
#define SYNC_TRUSTED_ROOT_FILE_H

#include "base/buf.h"

/*
 * notar-policy(5) as a file: a value of "trustedRoots" may be the path of a trusted_root.json, which
 * starts at the policy's folder unless it is absolute. *out becomes the document with the roots in
 * place of their paths, so that what is stored is whole; without paths it is the document as it was.
 *
 * NOTAR_E_FORMAT, NOTAR_E_LIMIT, or what reading a file says, with its path. Blocks on the disk.
 */
NOTAR_MUST_USE enum notar_code trusted_root_files_embed(const char *folder, struct span document,
							struct buf *out, struct notar_error *err);

#endif
